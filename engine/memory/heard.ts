import type { ChatMessage, LookedUpRequest } from '../protocol.ts'

/** A message, a document or a reply of a conversation, as it is kept. */
interface Kept {
  readonly kind: 'user' | 'document' | 'reply'
  readonly text: string
}

/** What one of them is to the model: `passage` was put back into the window before it. */
export function asHeard({ kind, text }: Kept, passage: string): ChatMessage[] {
  if (text === '') return []
  const role = kind === 'reply' ? 'assistant' : kind
  return [
    ...(passage === '' ? [] : [{ role: 'document', content: passage } as const]),
    { role, content: text },
  ]
}

/** Whether a saved state holds the very tokens that were in memory after it. */
export function isMemoryOf(
  { kind, memory }: Pick<Kept, 'kind'> & { readonly memory: { readonly tokens: string } | null },
  saved: { readonly tokens: string },
): boolean {
  // Older journals do not say it of documents.
  return memory === null ? kind === 'document' : memory.tokens === saved.tokens
}

/** Quotes as the model reads them, in that order. */
export function asPassage(quotes: readonly { readonly quote: string }[]): string {
  return quotes.map(({ quote }) => quote.replace(/\s+/g, ' ')).join(' ')
}

/** What a request says of what was looked up for it. */
export function asLookedUp(
  found: readonly { readonly name: string; readonly quote: string }[],
  unfound: boolean,
): LookedUpRequest {
  if (found.length === 0) return unfound ? { unfound } : {}
  return { passage: asPassage(found), ofDocuments: found.every(({ name }) => name !== '') }
}
