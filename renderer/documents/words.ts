import type { DocumentMemory } from '../../electron/document-bridge.ts'
import { formatBytes, formatCount, tokens } from '../state/format.ts'
import { isWhole, pagesRead } from './shelf.svelte.ts'

/** What is known of a document memory, on one line. */
export function memoryWords(memory: DocumentMemory): string {
  const pages = memory.pages === 1 ? '1 page' : `${formatCount(memory.pages)} pages`
  return [
    isWhole(memory) ? pages : `${formatCount(pagesRead(memory))} of ${pages} read`,
    memory.tokens > 0 ? tokens(memory.tokens) : '',
    memory.stateBytes > 0 ? `memory ${formatBytes(memory.stateBytes)}` : '',
  ]
    .filter(Boolean)
    .join(' · ')
}

/** Why it cannot be asked now, one sentence; or empty. */
export function misfitOf({ model }: DocumentMemory, modelName: string | null): string {
  return modelName === null || model === modelName
    ? ''
    : `It was read by ${model}: choose that model to ask it.`
}
