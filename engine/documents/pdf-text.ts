import { Ground } from './pdf-ground.ts'

interface Span {
  readonly start: number
  readonly end: number
}

/** Strings that are shown at once, by their places in the content, marks and all. */
type Piece = readonly Span[]

interface State {
  /** 3 draws nothing */
  mode: number
  isWhite: boolean
}

const INVISIBLE = 3
const MAY_HIDE =
  /(?:^|[\s\]])(?:3\s+Tr|1(?:\.0*)?\s+g|1(?:\.0*)?\s+(?:rg|sc|scn)|0(?:\.0*)?\s+k)(?![A-Za-z*])/
/** Lines, shapes, colours and marks: whoever looks for text needs none of them. */
const IDLE = new Set(
  'm l c v y h re f F f* B B* b b* S s n W W* g G rg RG k K cs CS sc SC scn SCN w J j M d ri i sh BMC BDC EMC MP DP'.split(
    ' ',
  ),
)
const SHOWS = new Set(['Tj', 'TJ', "'", '"'])
/** A token, with what cannot be taken for one: strings are found by hand. */
const TOKEN = /%[^\r\n]*|\/[^\s()<>[\]{}/%]*|[^\s()<>[\]{}/%]+|[()<]/g

/** What a content stream of a PDF shows as text, and what of that nobody sees. */
export class PdfText {
  readonly #content: string
  readonly #invisible: Piece[] = []
  readonly #white: Piece[] = []
  /** operators that draw no text, with what stands before them */
  readonly #idle: Span[] = []
  #hasPictures = false
  /** letters that are drawn, and that are not */
  #drawn = 0
  #undrawn = 0

  /** Quickly: whether it is worth a look. */
  static mayHide(content: string): boolean {
    return MAY_HIDE.test(content)
  }

  /** @param isForm it is drawn onto something else */
  constructor(content: string, isForm: boolean) {
    this.#content = content
    this.#read(isForm)
  }

  /** Text recognized on a scan: most of it is not drawn, behind a picture. */
  get isRecognized(): boolean {
    return this.#hasPictures && this.#undrawn > this.#drawn
  }

  hidden(whiteToo: boolean): Piece[] {
    return [...(this.isRecognized ? [] : this.#invisible), ...(whiteToo ? this.#white : [])]
  }

  /** The content with nothing in these strings, and without what draws no text: it must fit where it stood. */
  without(pieces: readonly Piece[]): string {
    const parts: string[] = []
    let at = 0
    const cuts = [
      ...pieces.flat().map((string) => ({ ...string, by: '()' })),
      ...this.#idle.map((span) => ({ ...span, by: '' })),
    ].sort((one, other) => one.start - other.start)
    for (const { start, end, by } of cuts) {
      parts.push(this.#content.slice(at, start), by)
      at = end
    }
    return parts.join('') + this.#content.slice(at)
  }

  #read(isForm: boolean): void {
    const content = this.#content
    const kept: State[] = []
    let state: State = { mode: 0, isWhite: false }
    let numbers: number[] = []
    let strings: Span[] = []
    let begun = -1
    const ground = new Ground(isForm)
    TOKEN.lastIndex = 0
    for (let found = TOKEN.exec(content); found; found = TOKEN.exec(content)) {
      const [token] = found
      if (begun < 0) begun = found.index
      if (token === '(' || token === '<') {
        const end = token === '(' ? literalEnd(content, found.index) : hexEnd(content, found.index)
        if (content[found.index + 1] !== '<' || token === '(') strings.push({ start: found.index, end })
        TOKEN.lastIndex = end
        continue
      }
      if (token.startsWith('%') || token.startsWith('/') || token === ')') continue
      const number = Number(token)
      if (!Number.isNaN(number)) {
        numbers.push(number)
        continue
      }
      ground.take(token, numbers, state.isWhite)
      if (token === 'q') kept.push({ ...state })
      else if (token === 'Q') state = kept.pop() ?? state
      else if (token === 'Tr') state.mode = numbers.at(-1) ?? 0
      else if (isWhite(token, numbers) !== null) state.isWhite = isWhite(token, numbers) ?? false
      else if (token === 'Do' || token === 'sh') this.#hasPictures = true
      else if (token === 'BI') {
        this.#hasPictures = true
        TOKEN.lastIndex = pictureEnd(content, found.index)
      } else if (SHOWS.has(token)) this.#show(strings, state, ground)
      if (IDLE.has(token)) this.#idle.push({ start: begun, end: TOKEN.lastIndex })
      numbers = []
      strings = []
      begun = -1
    }
  }

  #show(strings: Piece, { mode, isWhite }: State, ground: Ground): void {
    const letters = strings.reduce((sum, { start, end }) => sum + end - start - 2, 0)
    if (letters === 0) return
    if (mode === INVISIBLE) this.#undrawn += letters
    else this.#drawn += letters
    if (mode === INVISIBLE) this.#invisible.push(strings)
    else if (mode === 0 && isWhite && !ground.isUnder) this.#white.push(strings)
  }
}

/** Whether an operator makes what is filled white; `null` for one that sets no colour. */
function isWhite(operator: string, numbers: readonly number[]): boolean | null {
  const all = (count: number, value: number) =>
    numbers.length === count && numbers.every((number) => number === value)
  switch (operator) {
    case 'g':
      return all(1, 1)
    case 'rg':
    case 'sc':
    case 'scn':
      return all(3, 1)
    case 'k':
      return all(4, 0)
    case 'cs':
      return false
    default:
      return null
  }
}

function literalEnd(content: string, start: number): number {
  let depth = 0
  for (let at = start; at < content.length; at++) {
    const letter = content[at]
    if (letter === '\\') at++
    else if (letter === '(') depth++
    else if (letter === ')' && --depth === 0) return at + 1
  }
  return content.length
}

/** Of a dictionary only its first mark. */
function hexEnd(content: string, start: number): number {
  if (content[start + 1] === '<') return start + 2
  const end = content.indexOf('>', start)
  return end < 0 ? content.length : end + 1
}

function pictureEnd(content: string, start: number): number {
  const data = content.indexOf('ID', start)
  if (data < 0) return content.length
  const end = /\sEI(?=\s|$)/g
  end.lastIndex = data
  return end.exec(content) ? end.lastIndex : content.length
}
