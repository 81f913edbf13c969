import { Parser } from 'htmlparser2'
import { type Heading, titled } from './chapters.ts'
import { DocumentError } from './failure.ts'
import { hidesText, Hiding, sheetsIn } from './hiding.ts'

/** What a page of markup says. */
export interface MarkupText {
  readonly text: string
  /** its first heading, or its title */
  readonly heading: string
  readonly headings: readonly Heading[]
  /** elements that a reader does not see either */
  readonly hidden: number
}

const set = (names: string) => new Set(names.split(' '))
const SKIPPED = set('script style noscript template svg math iframe object head')
const BLOCKS = set(
  'p div section article header footer main aside ul ol dl dt dd table tr blockquote pre figure figcaption h1 h2 h3 h4 h5 h6 hr address form fieldset body',
)
const HEADINGS = set('h1 h2 h3')
/** Nobody nests like this, and the parser's time grows with the square of it. */
const DEEPEST = 5000
/** What XHTML may declare before its first element; a web page never has it. */
const DECLARATIONS = /<!DOCTYPE[^<>[]*\[(?:(?!<!DOCTYPE)[^\]])*\]\s*>/i

/**
 * The text of HTML or XHTML: blocks become lines, script and what is hidden is left out. Nothing is fetched and no entity
 * is expanded but those of HTML itself.
 *
 * @param outer what style sheets in other files hide
 * @throws {DocumentError} `damaged`: nested too deep
 */
export function readMarkup(markup: string, outer: Hiding | null = null): MarkupText {
  const hiding = new Hiding(sheetsIn(markup), outer)
  const out = new Lines()
  /** for each open element, whether it is left out */
  const open: boolean[] = []
  let hidden = 0
  let title = ''
  const headings: Heading[] = []
  let heading: Heading | null = null
  let inTitle = false
  const parser = new Parser(
    {
      onopentag(name, attributes) {
        const outside = open.at(-1) ?? false
        const isHidden = !outside && (isUnseen(attributes) || hiding.hides(name, attributes))
        if (isHidden) hidden++
        if (open.length === DEEPEST)
          throw new DocumentError({
            code: 'damaged',
            reason: `its elements stand ${DEEPEST} deep in each other`,
          })
        open.push(outside || SKIPPED.has(name) || isHidden)
        if (name === 'title') inTitle = true
        if (outside || isHidden) return
        if (BLOCKS.has(name)) out.block(name === 'p' || HEADINGS.has(name) || name === 'blockquote')
        if (name === 'br') out.line()
        if (name === 'li') out.item()
        if (name === 'td' || name === 'th') out.cell()
        if (name === 'pre') out.verbatim++
        if (HEADINGS.has(name)) heading = { title: '', start: out.next, level: Number(name.slice(1)) }
      },
      onclosetag(name) {
        open.pop()
        if (name === 'title') inTitle = false
        if (name === 'pre' && out.verbatim > 0) out.verbatim--
        if (BLOCKS.has(name)) out.block(name === 'p' || HEADINGS.has(name))
        if (!HEADINGS.has(name) || !heading) return
        const title = titled(heading.title)
        if (title !== '') headings.push({ ...heading, title })
        heading = null
      },
      ontext(text) {
        if (inTitle) title += text
        else if (!(open.at(-1) ?? false)) {
          out.text(text)
          if (heading) heading = { ...heading, title: heading.title + text }
        }
      },
    },
    { decodeEntities: true, lowerCaseTags: true, recognizeSelfClosing: true },
  )
  parser.write(markup.replace(DECLARATIONS, ''))
  parser.end()
  const all = out.end()
  const text = all.trim()
  const blank = all.length - all.trimStart().length
  return {
    text,
    heading: headings[0]?.title ?? titled(title),
    headings: headings.map((each) => ({ ...each, start: Math.max(0, each.start - blank) })),
    hidden,
  }
}

function isUnseen(attributes: Readonly<Record<string, string>>): boolean {
  return 'hidden' in attributes || hidesText(attributes['style'] ?? '')
}

/** Text in lines and paragraphs, white space as a browser would show it. */
class Lines {
  /** inside of so many `pre` */
  verbatim = 0
  readonly #parts: string[] = []
  /** what has to come before the next word: nothing, a blank, a line, a paragraph */
  #gap: '' | ' ' | '\n' | '\n\n' = ''
  #begun = false
  #length = 0

  /** where the next word will stand */
  get next(): number {
    return this.#length + (this.#begun ? this.#gap.length : 0)
  }

  text(text: string): void {
    if (this.verbatim > 0) {
      this.#put(text)
      return
    }
    const words = text.replace(/\s+/g, ' ')
    if (words.startsWith(' ') && this.#gap === '') this.#gap = ' '
    const trimmed = words.trim()
    if (trimmed === '') return
    this.#put(trimmed)
    if (words.endsWith(' ')) this.#gap = ' '
  }

  line(): void {
    if (this.#gap !== '\n\n') this.#gap = '\n'
  }

  block(paragraph: boolean): void {
    if (paragraph) this.#gap = '\n\n'
    else this.line()
  }

  item(): void {
    this.line()
    this.#put('- ')
  }

  cell(): void {
    if (this.#gap === '' || this.#gap === ' ') this.#put('\t')
  }

  end(): string {
    return this.#parts.join('')
  }

  #put(text: string): void {
    const gap = this.#begun ? this.#gap : ''
    this.#gap = ''
    this.#begun = true
    this.#parts.push(gap, text)
    this.#length += gap.length + text.length
  }
}
