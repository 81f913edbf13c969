import type { MemoryReport, ReadEvent } from '../protocol.ts'
import type { ChapterEnd } from './chapters.ts'
import { type DocumentText, pageText } from './document.ts'

/** The part of a conversation that reads. */
export interface Reader {
  readonly memory: MemoryReport
  read(name: string, text: string, signal: AbortSignal): AsyncGenerator<ReadEvent>
  snapshot(): Promise<Uint8Array<ArrayBuffer>>
}

/** How far reading is. A token costs the same at the end as at the beginning, so what is left can be told. */
export interface Reading {
  /** whole pages in memory */
  readonly page: number
  readonly pages: number
  /** characters in memory, and all of them */
  readonly done: number
  readonly total: number
  /** of this run; 0 while nothing is known */
  readonly pagesPerSecond: number
  /** `null` while nothing is known */
  readonly secondsLeft: number | null
}

/** Put the state after a page where it outlives the program. */
export type KeepPage = (
  page: number,
  memory: MemoryReport,
  snapshot: Uint8Array<ArrayBuffer>,
) => Promise<void>

/** A crash costs at most this much reading. */
const SAVE_MILLISECONDS = 10_000
/** States that are kept on the way however quickly it goes, so that "as of page N" is never far from N. */
const STATES_ON_THE_WAY = 20
/** Before this a pace is a guess. */
const KNOWN_MILLISECONDS = 500

/**
 * Read a document page by page, each a message of its own, so that where it goes on after a crash makes no difference.
 * Stopped, it keeps the state after the last whole page; the page it was in is read again.
 *
 * @param document with the ends of its chapters, where it has any: their states are kept too
 * @param from pages that `reader` has in memory already
 * @param saveMilliseconds 0 keeps the state after each page
 * @throws {EngineError} what the engine throws, and whatever `keep` throws
 */
export async function* readPages(
  reader: Reader,
  document: Pick<DocumentText, 'name' | 'text' | 'pages'> & { readonly ends?: readonly ChapterEnd[] },
  from: number,
  keep: KeepPage,
  signal: AbortSignal,
  saveMilliseconds = SAVE_MILLISECONDS,
): AsyncGenerator<Reading> {
  const { name, text, pages } = document
  const startOf = (page: number) => pages[page]?.start ?? text.length
  const begun = performance.now()
  let keptAt = begun
  const onTheWay = pagesToKeep(pages.length, document.ends ?? [])
  /** after the last whole page, where that is not kept yet */
  let last: Parameters<KeepPage> | null = null
  const reading = (page: number, done: number): Reading => {
    const milliseconds = performance.now() - begun
    const pace = milliseconds < KNOWN_MILLISECONDS ? 0 : (done - startOf(from)) / milliseconds
    return {
      page,
      pages: pages.length,
      done,
      total: text.length,
      pagesPerSecond: (pace * 1000 * pages.length) / text.length,
      secondsLeft: pace > 0 ? (text.length - done) / pace / 1000 : null,
    }
  }
  for (let page = from + 1; page <= pages.length; page++) {
    const words = pageText(document, page)
    if (words.trim() !== '')
      for await (const event of reader.read(name, words, signal))
        if (event.type === 'reading')
          yield reading(page - 1, startOf(page - 1) + (words.length * event.tokens) / event.totalTokens)
    if (signal.aborted) {
      if (last) await keep(...last)
      return
    }
    last = [page, reader.memory, await reader.snapshot()]
    const now = performance.now()
    // With the last page but one a file that grows costs one page more, not all of it.
    if (page >= pages.length - 1 || onTheWay.has(page) || now - keptAt >= saveMilliseconds) {
      await keep(...last)
      last = null
      keptAt = now
    }
    yield reading(page, startOf(page))
  }
}

/** The end of each twentieth, and of each chapter; where there are many chapters, of the last in each twentieth. */
function pagesToKeep(pages: number, ends: readonly ChapterEnd[]): ReadonlySet<number> {
  const step = Math.ceil(pages / STATES_ON_THE_WAY)
  const kept = new Set(Array.from({ length: STATES_ON_THE_WAY }, (_, i) => step * (i + 1)))
  const last = new Map<number, number>()
  for (const [i, { page }] of ends.entries())
    last.set(ends.length > STATES_ON_THE_WAY ? Math.ceil(page / step) : i, page)
  for (const page of last.values()) kept.add(page)
  return kept
}
