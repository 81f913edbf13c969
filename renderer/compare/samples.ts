import { m } from '#messages'
import type { ChatMessage } from '../../engine/protocol.ts'
import { createHaystack } from '../../engine/compare/needle.ts'
import letter from '../../assets/samples/letter.txt?raw'

/** A text or a conversation that both sides hear, and a question about it. */
export interface Sample {
  readonly id: string
  readonly label: () => string
  readonly question: string
  readonly messages: () => ChatMessage[]
}

/** Tokens of the long conversation, about. */
const LONG = 4000

export const SAMPLES: readonly Sample[] = [
  {
    id: 'long',
    label: m.compare_sample_long,
    question: 'What is the code of the gate?',
    messages: () => [
      ...createHaystack(LONG, { depths: [0, 0.5, 1], each: 1, seed: 7 }, 0).messages,
      { role: 'document', content: letter },
    ],
  },
  {
    id: 'letter',
    label: m.compare_sample_letter,
    question: 'What is the job of Clara?',
    messages: () => [{ role: 'document', content: letter }],
  },
  { id: 'none', label: m.compare_sample_none, question: 'Hello! How are you?', messages: () => [] },
]
