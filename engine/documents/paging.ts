import type { Chapter } from './chapters.ts'
import { type DocumentPage, type Extracted, LONGEST_TEXT } from './document.ts'
import { DocumentError } from './failure.ts'
import type { DocumentNote } from './notes.ts'

/** About a printed page. */
const PAGE_CHARACTERS = 2000
/** Chapters that are shorter than this do not begin a page each. */
const PAGE_OF_ITS_OWN = PAGE_CHARACTERS / 4
const BREAKS = ['\n\n', '\n', '. ', ' ']

/** Ends a page in a text that knows its pages, as it does on a printer. The model never reads it. */
const PAGE_END = '\f'

/** Pages put one after the other; empty ones stay, because their numbers count. */
export class Pages {
  #text = ''
  readonly #pages: DocumentPage[] = []
  readonly #chapters: Chapter[] = []

  /**
   * @param chapters that begin on it, by their places in `text`
   * @throws {DocumentError} `too-much-text`
   */
  add(text: string, chapters: readonly Chapter[] = []): void {
    const before = this.#text.length
    this.#pages.push({ start: before })
    for (const { title, start } of chapters) this.#chapters.push({ title, start: before + start })
    this.#text += `${text.replaceAll(PAGE_END, '\n')}${text === '' || text.endsWith('\n') ? '' : '\n\n'}${PAGE_END}`
    if (this.#text.length > LONGEST_TEXT)
      throw new DocumentError({
        code: 'too-much-text',
        characters: this.#text.length,
        limit: LONGEST_TEXT,
      })
  }

  /** Text without pages of its own, in about as much as a page holds; chapters begin a page where they are long enough. */
  flow(text: string, chapters: readonly Chapter[] = []): void {
    const areLong = text.length >= PAGE_OF_ITS_OWN * chapters.length
    const cuts = areLong ? chapters.map(({ start }) => start).filter((start) => start > 0) : []
    const starts = [0, ...cuts]
    let [at, next] = [0, 0]
    for (const [i, start] of starts.entries())
      for (const page of cutIntoPages(text.slice(start, starts[i + 1] ?? text.length))) {
        const here: Chapter[] = []
        for (let each = chapters[next]; each && each.start < at + page.length; each = chapters[++next])
          here.push({ ...each, start: each.start - at })
        this.add(page, here)
        at += page.length
      }
  }

  extracted(notes: readonly DocumentNote[] = []): Extracted {
    const chapters = this.#chapters.length > 1 ? this.#chapters : []
    return { text: this.#text, pages: this.#pages, chapters, notes }
  }
}

/** Where the pages of a text begin, known from the text alone: a form feed ends one; without any, length does. */
export function pagesOfText(text: string): DocumentPage[] {
  const pages: DocumentPage[] = []
  let start = 0
  const parts = text.includes(PAGE_END) ? text.split(/(?<=\f)/) : cutIntoPages(text)
  for (const part of parts) {
    pages.push({ start })
    start += part.length
  }
  return pages
}

/** The text as the model reads it. */
export function withoutPageEnds(text: string): string {
  return text.replaceAll(PAGE_END, '')
}

/** Cut at the best place before the page is full: a paragraph's end, a line's, a sentence's, a word's. */
function cutIntoPages(text: string): string[] {
  const pages: string[] = []
  let start = 0
  while (text.length - start > PAGE_CHARACTERS * 1.25) {
    const room = text.slice(start, start + PAGE_CHARACTERS)
    const cut = BREAKS.map((mark) => room.lastIndexOf(mark) + mark.length).find(
      (end) => end > PAGE_CHARACTERS / 2,
    )
    pages.push(text.slice(start, start + (cut ?? PAGE_CHARACTERS)))
    start += cut ?? PAGE_CHARACTERS
  }
  pages.push(text.slice(start))
  return pages
}
