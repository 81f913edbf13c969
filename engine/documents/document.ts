import type { Chapter } from './chapters.ts'
import type { DocumentNote } from './notes.ts'

/** What a file turned out to be, whatever its name says. */
export type DocumentKind = 'txt' | 'md' | 'html' | 'pdf' | 'docx' | 'epub'

/** A place in a document that can be named: a page of the file, or about a page of text where it has none. */
export interface DocumentPage {
  /** where it begins in the text; it ends where the next begins */
  readonly start: number
}

/** The text of a file, page by page. All text is in `text`; pages and passages are places in it. */
export interface DocumentText {
  readonly name: string
  readonly kind: DocumentKind
  readonly text: string
  /** at least one, in order */
  readonly pages: readonly DocumentPage[]
  /** in order; none where the file names fewer than two */
  readonly chapters: readonly Chapter[]
  /** what was left out and why, and what is not as the name says */
  readonly notes: readonly DocumentNote[]
}

/** A file as it came from the disk, the clipboard or a drop. */
export interface DocumentFile {
  readonly name: string
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** Text and pages as a reader of one format gives them. */
export type Extracted = Pick<DocumentText, 'text' | 'pages' | 'chapters' | 'notes'>

/** Above this nothing is even looked at. */
export const LARGEST_FILE = 256 << 20
/** What an archive may become in memory. The longest novels are 6 MB of markup. */
export const LARGEST_UNPACKED = 128 << 20
/** A journal takes no longer text; 60 times War and Peace would not fit, 10 times it does. */
export const LONGEST_TEXT = 32 << 20
export const MOST_PDF_PAGES = 20_000

/** The 1-based number of the page that a place in the text is on. */
export function pageAt(
  { pages }: { readonly pages: readonly Pick<DocumentPage, 'start'>[] },
  offset: number,
): number {
  let [low, high] = [0, pages.length]
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if ((pages[middle]?.start ?? Infinity) <= offset) low = middle
    else high = middle
  }
  return low + 1
}

/** The text of a page, by its 1-based number. */
export function pageText({ text, pages }: Pick<DocumentText, 'text' | 'pages'>, number: number): string {
  return text.slice(pages[number - 1]?.start ?? text.length, pages[number]?.start ?? text.length)
}
