import type { TranscriptNode } from '../../electron/transcript.ts'
import { Reply } from './reply.svelte.ts'

export interface UserEntry {
  readonly kind: 'user'
  readonly text: string
  /** asked beside the conversation: neither it nor its answer is in memory */
  readonly aside: boolean
  /** it was read, not said */
  readonly document?: { readonly name: string; readonly text: string }
}

/** One thing in the column of messages. */
export type Entry = UserEntry | Reply

/** What is written down, as it is shown; an answer with what its question was asked with. */
export function asEntry(
  { node, kind, text, name, end, aside }: TranscriptNode,
  question: TranscriptNode | null,
): Entry {
  if (kind === 'document') return { kind: 'user', text: `Read ${name}`, aside, document: { name, text } }
  if (kind === 'user') return { kind, text, aside }
  const reply = Reply.kept(node, text, end === 'stop' || end === 'length' ? end : 'abort')
  reply.aside = aside
  reply.grounds = { ...reply.grounds, lookedUp: question?.lookedUp ?? [] }
  return reply
}
