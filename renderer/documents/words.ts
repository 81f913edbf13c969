import { m } from '#messages'
import type { DocumentMemory } from '../../electron/document-bridge.ts'
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

/** Why it cannot be asked now, one sentence; or empty. */
export function misfitOf({ model }: DocumentMemory, modelName: string | null): string {
  return modelName === null || model === modelName ? '' : m.documents_misfit({ model })
}
