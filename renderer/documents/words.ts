import { m } from '#messages'
import type { ChapterEnd, DocumentMemory } from '../../electron/document-bridge.ts'
import { formatBytes, formatCount, tokens } from '../state/format.ts'
import { isWhole, pagesRead } from './shelf.svelte.ts'

/** What is known of a document memory, on one line. */
export function memoryWords(memory: DocumentMemory): string {
  const pages = m.documents_pages({ count: memory.pages, shown: formatCount(memory.pages) })
  return [
    isWhole(memory) ? pages : m.documents_pages_read({ done: formatCount(pagesRead(memory)), pages }),
    memory.tokens > 0 ? tokens(memory.tokens) : '',
    memory.stateBytes > 0 ? m.documents_memory({ size: formatBytes(memory.stateBytes) }) : '',
  ]
    .filter(Boolean)
    .join(' · ')
}

/** Chapters that a chat can begin after, and pages besides; the latest first. The last page is all of it. */
export function beginnings({ saved, pages, chapters = [] }: DocumentMemory): {
  readonly chapters: readonly ChapterEnd[]
  readonly pages: readonly number[]
} {
  const earlier = saved.filter((page) => page < pages)
  const ends = chapters.filter(({ page }) => earlier.includes(page))
  const others = earlier.filter((page) => ends.every((end) => end.page !== page))
  return { chapters: ends.toReversed(), pages: others.toReversed() }
}

/** Why it cannot be asked now, one sentence; or empty. */
export function misfitOf({ model }: DocumentMemory, modelName: string | null): string {
  return modelName === null || model === modelName ? '' : m.documents_misfit({ model })
}
