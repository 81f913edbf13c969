import { Parser } from 'htmlparser2'
import { DocumentError } from './failure.ts'

/** What a page of markup says. */
export interface MarkupText {
  readonly text: string
  /** its first heading, or its title */
  readonly heading: string
  /** elements that a reader does not see either */
  readonly hidden: number
}

const set = (names: string) => new Set(names.split(' '))
const SKIPPED = set('script style noscript template svg math iframe object head')
const BLOCKS = set(
  'p div section article header footer main aside ul ol dl dt dd table tr blockquote pre figure figcaption h1 h2 h3 h4 h5 h6 hr address form fieldset body',
)
const HEADINGS = set('h1 h2 h3')
const HIDDEN_STYLE =
  /display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d])|opacity\s*:\s*0(?![.\d])/i
/** Nobody nests like this, and the parser's time grows with the square of it. */
const DEEPEST = 5000
/** What XHTML may declare before its first element; a web page never has it. */
const DECLARATIONS = /<!DOCTYPE[^>[]*\[[^\]]*\]\s*>/i

/**
 * The text of HTML or XHTML: blocks become lines, script and what is hidden is left out. Nothing is fetched and no entity
 * is expanded but those of HTML itself.
 *
 * @throws {DocumentError} `damaged`: nested too deep
 */
export function readMarkup(markup: string): MarkupText {
  const out = new Lines()
  /** for each open element, whether it is left out */
  const open: boolean[] = []
  let hidden = 0
  let title = ''
  let heading = ''
  let inTitle = false
  let inHeading = 0
  const parser = new Parser(
    {
      onopentag(name, attributes) {
        const outside = open.at(-1) ?? false
        const isHidden = !outside && isUnseen(attributes)
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
        if (HEADINGS.has(name) && heading === '') inHeading++
      },
      onclosetag(name) {
        open.pop()
        if (name === 'title') inTitle = false
        if (name === 'pre' && out.verbatim > 0) out.verbatim--
        if (BLOCKS.has(name)) out.block(name === 'p' || HEADINGS.has(name))
        if (!HEADINGS.has(name) || inHeading === 0) return
        inHeading = 0
        heading = heading.replace(/\s+/g, ' ').trim()
      },
      ontext(text) {
        if (inTitle) title += text
        else if (!(open.at(-1) ?? false)) {
          out.text(text)
          if (inHeading > 0) heading += text
        }
      },
    },
    { decodeEntities: true, lowerCaseTags: true, recognizeSelfClosing: true },
  )
  parser.write(markup.replace(DECLARATIONS, ''))
  parser.end()
  return { text: out.end(), heading: (heading || title).replace(/\s+/g, ' ').trim().slice(0, 200), hidden }
}

function isUnseen(attributes: Readonly<Record<string, string>>): boolean {
  return 'hidden' in attributes || HIDDEN_STYLE.test(attributes['style'] ?? '')
}

/** Text in lines and paragraphs, white space as a browser would show it. */
class Lines {
  /** inside of so many `pre` */
  verbatim = 0
  readonly #parts: string[] = []
  /** what has to come before the next word: nothing, a blank, a line, a paragraph */
  #gap: '' | ' ' | '\n' | '\n\n' = ''
  #begun = false

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
    return this.#parts.join('').trim()
  }

  #put(text: string): void {
    if (this.#begun) this.#parts.push(this.#gap)
    this.#gap = ''
    this.#begun = true
    this.#parts.push(text)
  }
}
