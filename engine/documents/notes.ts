/** What a reader should know of how a file was read, as data: what was left out and why, what is not as it seems. */
export type DocumentNote =
  | { readonly code: 'misnamed'; readonly extension: string; readonly kind: string }
  /** text that nobody sees who opens the file */
  | { readonly code: 'hidden'; readonly count: number }
  /** text that is not drawn and was read all the same: behind the picture of a page stands what was recognized on it */
  | { readonly code: 'behind-pictures'; readonly count: number }
  | { readonly code: 'no-text'; readonly pages: readonly number[] }
  | { readonly code: 'damaged'; readonly pages: readonly number[] }
  | { readonly code: 'missing'; readonly chapters: readonly string[] }
  | { readonly code: 'windows-1252' }
  | { readonly code: 'unreadable'; readonly count: number }

const MOST_NAMED = 10

/** Nothing, where nothing is hidden. */
export function hiddenNote(count: number): DocumentNote[] {
  return count > 0 ? [{ code: 'hidden', count }] : []
}

/** One English sentence. */
export function describeNote(note: DocumentNote): string {
  switch (note.code) {
    case 'misnamed':
      return `The name ends in .${note.extension}, and the file is ${note.kind}: it was read as that.`
    case 'hidden':
      return note.count === 1
        ? 'Left out: 1 piece of text that is hidden.'
        : `Left out: ${note.count} pieces of text that are hidden.`
    case 'behind-pictures':
      return note.count === 1
        ? 'Read though it is not drawn: the text behind 1 picture, as scans have it.'
        : `Read though it is not drawn: the text behind ${note.count} pictures, as scans have it.`
    case 'no-text':
      return `No text, perhaps pictures: ${describePages(note.pages)}.`
    case 'damaged':
      return `Damaged, and left out: ${describePages(note.pages)}.`
    case 'missing': {
      const { named, more } = firstOf(note.chapters)
      return `Not in the file, though it names them as chapters: ${named}${more > 0 ? ` and ${more} more` : ''}.`
    }
    case 'windows-1252':
      return 'The file is not UTF-8: it was read as Windows-1252.'
    case 'unreadable':
      return note.count === 1
        ? '1 character is damaged, and stands as �.'
        : `${note.count} characters are damaged, and stand as �.`
    default:
      return note satisfies never
  }
}

/** The first few of what a note names, and how many there are besides. */
export function firstOf(all: readonly (string | number)[]): {
  readonly named: string
  readonly more: number
} {
  return { named: all.slice(0, MOST_NAMED).join(', '), more: Math.max(0, all.length - MOST_NAMED) }
}

function describePages(pages: readonly number[]): string {
  const { named, more } = firstOf(pages)
  return `${pages.length === 1 ? 'page' : 'pages'} ${named}${more > 0 ? ` and ${more} more` : ''}`
}
