import { m } from '#messages'
import letter from '../../assets/samples/letter.txt?raw'
import minutes from '../../assets/samples/minutes.txt?raw'
import story from '../../assets/samples/story.txt?raw'

/** A text of our own that comes with the program, and something to ask about it that the built-in model can answer. */
export interface SampleDocument {
  readonly file: string
  readonly text: string
  readonly label: () => string
  readonly question: string
}

export const SAMPLE_DOCUMENTS: readonly SampleDocument[] = [
  { file: 'letter.txt', text: letter, label: m.chat_sample_letter, question: 'When is the wedding?' },
  { file: 'minutes.txt', text: minutes, label: m.chat_sample_minutes, question: 'When is the party?' },
  { file: 'story.txt', text: story, label: m.chat_sample_story, question: 'What is Jonas afraid of?' },
]
