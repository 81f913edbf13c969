import { m } from '#messages'
import type { Citing } from '../../electron/citing.ts'
import type { Paced } from '../../electron/entries.ts'
import type { TranscriptNode } from '../../electron/transcript.ts'
import { leaningOf } from '../../engine/documents/leaning.ts'
import type { NamedText } from '../documents/read-whole.ts'
import { Reply } from './reply.svelte.ts'

export interface UserEntry {
  readonly kind: 'user'
  /** its number where it is written down; left out while it is being asked */
  readonly node?: number
  readonly text: string
  /** asked beside the conversation: neither it nor its answer is in memory */
  readonly aside: boolean
  /** it was read, not said */
  readonly document?: NamedText
}

/** One thing in the column of messages. */
export type Entry = UserEntry | Reply

/** What is written down, as it is shown; an answer with what its question was asked with. */
export function asEntry(each: TranscriptNode, question: TranscriptNode | null): Entry {
  const { node, kind, text, name, end, aside, cited = [], inDocument, nearest = [], read, written, by } = each
  if (kind === 'document')
    return { kind: 'user', node, text: m.chat_read_document({ name }), aside, document: each }
  if (kind === 'user') return { kind, node, text, aside }
  const reply = Reply.kept(node, text, end === null || end === 'failed' ? 'abort' : end)
  reply.aside = aside
  reply.by = by ?? null
  reply.reading = read ?? null
  reply.writing = written ?? null
  const lookedUp = question?.lookedUp ?? []
  const isGrounded = lookedUp.length > 0 || inDocument !== undefined
  const leaning = isGrounded
    ? { leaning: leaningOf(question?.text ?? '', text, lookedUp, inDocument ?? null) }
    : {}
  reply.grounds = { lookedUp, cited, inDocument: inDocument ?? null, nearest, ...leaning }
  return reply
}

/** What is written down of an answer at its end: what it rests on, and how quickly it came. */
export function toldOf({ grounds, reading, writing }: Reply): Citing & Paced {
  const { cited, inDocument, nearest } = grounds
  return {
    ...(cited.length > 0 ? { cited } : {}),
    ...(inDocument === null ? {} : { inDocument }),
    ...(nearest.length > 0 ? { nearest } : {}),
    ...(reading ? { read: reading } : {}),
    ...(writing ? { written: writing } : {}),
  }
}
