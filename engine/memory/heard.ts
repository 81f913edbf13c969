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

/** Without the ends of its lines, but for those of paragraphs and before what stands in a list. */
function asParagraphs(text: string): string {
  return text
    .trim()
    .replace(/\s*\n\s*\n\s*/g, '\n\n')
    .replace(/(?<!\n)\n(?!\n|\s*(?:[-•*]|\d{1,3}[.)])\s)/g, ' ')
    .replace(/[^\S\n]+/g, ' ')
    .replace(/\n /g, '\n')
}

/** Words of a document, as they are found. */
interface Quote {
  readonly name: string
  readonly quote: string
  /** what stands around it, it among it */
  readonly stretch?: string
  /** whatever the model would make of it */
  readonly isPassedOn?: boolean
  /** it says most of what is asked */
  readonly isLikely?: boolean
  /** others that may be meant as well */
  readonly alike?: readonly Quote[]
}

const BEFORE_ANOTHER = '\n\nAnd this:\n\n'

/** What a request says of what was looked up for it, the best first; `missed` where nothing was. */
export function asLookedUp(found: readonly Quote[], missed: LookedUpRequest): LookedUpRequest {
  const [best] = found
  if (!best) return missed
  const ofDocuments = found.every(({ name }) => name !== '')
  const { stretch, isPassedOn, isLikely, alike = [] } = best
  if (!ofDocuments || stretch === undefined) return { passage: asPassage(found), ofDocuments }
  const isThere = ({ quote }: Quote) => [best, ...alike].some((each) => each.stretch?.includes(quote))
  const others = found.filter((each) => !isThere(each))
  const first = [asParagraphs(stretch), ...others.map(({ quote }) => asParagraphs(quote))]
  const another = alike.map((each) => asParagraphs(each.stretch ?? each.quote))
  const passedOn = [first.join('\n\n'), ...another].join(BEFORE_ANOTHER)
  return {
    passage: asPassage(found),
    ofDocuments,
    passedOn,
    ...(isPassedOn ? { isPassedOn, ...(isLikely ? { isLikely } : {}) } : {}),
  }
}
