const HIDDEN =
  /display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d])|opacity\s*:\s*0(?![.\d])/i
/** A selector of one element: its name, its class or its id, or a name with one of them. */
const SIMPLE = /^(?:[a-z][\w-]*)?(?:[.#][\w-]+)?$/i
const MOST_CHARACTERS = 1 << 20

/** Whether declarations of a style make text unseen. */
export function hidesText(declarations: string): boolean {
  return HIDDEN.test(declarations)
}

/**
 * What style sheets hide: elements by their name, one class or id. Whatever depends on more than the element itself, as
 * on the width of a window or on where it stands, is taken to be seen.
 */
export class Hiding {
  readonly #selectors = new Set<string>()
  readonly #outer: Hiding | null

  /** @param outer what is hidden besides, by sheets that others have too */
  constructor(sheets: Iterable<string>, outer: Hiding | null = null) {
    this.#outer = outer
    let room = MOST_CHARACTERS
    for (const sheet of sheets) {
      this.#take(sheet.slice(0, room))
      room -= Math.min(room, sheet.length)
      if (room === 0) break
    }
  }

  hides(name: string, attributes: Readonly<Record<string, string>>): boolean {
    if (this.#outer?.hides(name, attributes)) return true
    if (this.#selectors.size === 0) return false
    const { class: classes = '', id } = attributes
    const marks = ['', ...classes.split(/\s+/).map((each) => `.${each}`), ...(id ? [`#${id}`] : [])]
    return marks.some((mark) => this.#selectors.has(mark) || this.#selectors.has(`${name}${mark}`))
  }

  #take(css: string): void {
    for (const [selectors, declarations] of rulesOf(css))
      for (const selector of selectors.split(',').map((each) => each.trim())) {
        if (selector === '' || !SIMPLE.test(selector)) continue
        const [mark = ''] = /[.#].*$/.exec(selector) ?? []
        const key = selector.slice(0, selector.length - mark.length).toLowerCase() + mark
        if (hidesText(declarations)) this.#selectors.add(key)
        // A later rule has the last word.
        else if (/display\s*:/i.test(declarations)) this.#selectors.delete(key)
      }
  }
}

/** The rules that stand in no other, as a selector and its declarations. */
function* rulesOf(css: string): Generator<readonly [string, string]> {
  const plain = withoutComments(css)
  let depth = 0
  let from = 0
  let selector = ''
  for (const { index, 0: mark } of plain.matchAll(/[{};]/g)) {
    if (mark === '{') {
      if (depth++ === 0) selector = plain.slice(from, index).trim()
    } else if (mark === '}') {
      if (depth === 1) yield [selector, plain.slice(from, index)]
      depth = Math.max(0, depth - 1)
    } else if (depth > 0) continue
    from = index + 1
  }
}

function withoutComments(css: string): string {
  const parts: string[] = []
  let at = 0
  for (;;) {
    const start = css.indexOf('/*', at)
    const end = start < 0 ? -1 : css.indexOf('*/', start + 2)
    if (end < 0) return parts.join('') + css.slice(at)
    parts.push(css.slice(at, start))
    at = end + 2
  }
}

/** What stands in the `style` elements of markup. */
export function* sheetsIn(markup: string): Generator<string> {
  for (const { index } of markup.matchAll(/<style\b/gi)) {
    const open = markup.indexOf('>', index)
    const close = open < 0 ? -1 : markup.slice(open, open + MOST_CHARACTERS).search(/<\/style/i)
    if (close < 0) return
    yield markup.slice(open + 1, open + close)
  }
}
