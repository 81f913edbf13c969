import type { ChatMessage } from '../protocol.ts'
import { pick } from './words.ts'

/** The next messages, of about so many characters, never much more. */
export type Filler = (characters: number) => readonly ChatMessage[]

/** Longer ones become several messages: a conversation, and not one document. */
const LONGEST = 500
/** Below this, only small talk fits. */
const SHORTEST = 60

const WHO =
  `the man,a woman,the old sailor,a child,the girl,the teacher,my neighbour,the farmer,a stranger,the king,
  two friends,the captain,a bird,the cat,an old lady`
    .split(',')
    .map((text) => text.trim())
const DID = [
  'walked to',
  'looked at',
  'came from',
  'talked about',
  'waited near',
  'ran to',
  'dreamed of',
  'painted',
]
const WHAT = [
  'the market',
  'the river',
  'the old house',
  'the station',
  'the harbour',
  'the forest',
  'the bridge',
]
const WHEN = [
  'In the morning',
  'Later',
  'After lunch',
  'At night',
  'Then',
  'Soon',
  'The next day',
  'In winter',
]
const REST = [
  'It was a quiet day.',
  'The rain fell softly.',
  'Nobody said a word.',
  'The sun went down behind the hills.',
  'The clock struck nine.',
  'Everyone laughed.',
  'A dog barked far away.',
  'It began to snow.',
]
const SMALL_TALK: readonly (readonly [said: string, answered: string])[] = [
  ['Hello!', 'Hello! How can I help you?'],
  ['How are you?', 'I am well, thank you. How are you?'],
  ['I am tired.', 'I am sorry to hear that. I hope you feel better soon.'],
  ['I had a good day.', 'That is good to hear.'],
  ['Thank you!', 'You are welcome.'],
  ['Wait a moment.', 'Take your time.'],
  ['I am back.', 'Welcome back!'],
  ['It is raining.', 'Then I wish you a good day in that weather.'],
  ['I am hungry.', 'I hope you enjoy your meal.'],
  ['What are slots?', 'Slots are the fixed long-term memory of a conversation.'],
  ['Do you need the internet?', 'No, I work without the internet.'],
]

/**
 * Text that tells nothing about anybody: documents of generated prose and now and then small talk; or, with `text`,
 * passages of that one after another, from a drawn place on.
 */
export function createFiller(random: () => number, text: string | null): Filler {
  const passage = text === null ? () => '' : passagesOf(text, random)
  return (characters) => {
    const length = Math.min(characters, LONGEST)
    if (length < SHORTEST || (text === null && random() < 0.3)) {
      const [said, answered] = pick(random, SMALL_TALK)
      return [
        { role: 'user', content: said },
        { role: 'assistant', content: answered },
      ]
    }
    return [{ role: 'document', content: text === null ? prose(random, length) : passage(length) }]
  }
}

/** Whole sentences, as many as fit. */
function prose(random: () => number, characters: number): string {
  let text = sentence(random)
  for (;;) {
    const longer = `${text} ${sentence(random)}`
    if (longer.length > characters) return text
    text = longer
  }
}

function sentence(random: () => number): string {
  if (random() < 0.3) return pick(random, REST)
  const clause = `${pick(random, WHO)} ${pick(random, DID)} ${pick(random, WHAT)}.`
  if (random() < 0.5) return `${pick(random, WHEN)} ${clause}`
  return clause.charAt(0).toUpperCase() + clause.slice(1)
}

function passagesOf(text: string, random: () => number): (characters: number) => string {
  const words = text.split(/\s+/).filter((word) => word !== '')
  let next = Math.floor(random() * words.length)
  const take = () => words[next++ % words.length] ?? ''
  return (characters) => {
    let passage = take()
    while (passage.length < characters - 8) passage += ` ${take()}`
    return passage
  }
}
