import { describe, expect, test } from 'vitest'
import { askedOf, asksForElse } from '../../../engine/documents/asked-again.ts'
import { Looking } from '../../../engine/documents/looking.ts'
import { asLookedUp } from '../../../engine/memory/heard.ts'

const QUESTION = 'Where did the captain hide the ring?'
const OTHER = 'Who saw the captain?'
const UNSURE = 'I am not sure. I find only this: The captain had a ring.'

const user = (text: string) => ({ node: 1, kind: 'user', name: '', text, memory: null }) as const
const reply = (text: string) => ({ node: 1, kind: 'reply', name: '', text, memory: null }) as const
const read = (text: string, position: number) =>
  ({ node: 2, kind: 'document', name: 'ship.txt', text, memory: { position } }) as const

test.each([
  'What else?',
  'And what else does it say?',
  'Is there anything else?',
  'something else, please',
  'Show me more.',
  'more',
  'Another one',
  'Try again',
  "No, that's not it.",
  'Not that one.',
  'Was noch?',
  'Und was sonst steht da?',
  'Noch etwas?',
])('%s asks for what else there is', (message) => {
  expect(asksForElse(message)).toBe(true)
})

test.each([
  'What else did the captain hide?',
  'Who else was there?',
  'Is there more rum in the cellar?',
  'Tell me more about Jim.',
  'That is not my dog.',
  'What more did they ask of him?',
  'Try the door.',
  'Was noch hat er versteckt?',
  'Is that not odd?',
])('%s names what it asks for', (message) => {
  expect(asksForElse(message)).toBe(false)
})

describe('a message asks', () => {
  const way = [user(OTHER), reply(UNSURE), user(QUESTION), reply(UNSURE)]

  test.each([
    [
      'itself, for the first time',
      'Who had a ring?',
      [],
      { question: 'Who had a ring?', isAgain: false, passedOn: 0 },
    ],
    ['the question before it', 'What else?', [], { question: QUESTION, isAgain: true, passedOn: 1 }],
    ['the same again', 'where did the captain hide the ring', [], { isAgain: true, passedOn: 1 }],
    ['the same once more', 'More', [user('What else?'), reply(UNSURE)], { question: QUESTION, passedOn: 2 }],
    ['what was answered in other words', 'More', [user(QUESTION), reply('In a cave.')], { passedOn: 1 }],
    ['what was asked long ago', OTHER, [], { isAgain: false, passedOn: 0 }],
    ['of what was read since', QUESTION, [read('A ship.', 9)], { isAgain: false, passedOn: 0 }],
  ])('%s', (_what, message, more, asked) => {
    expect(askedOf(message, [...way, ...more])).toMatchObject(asked)
  })

  test('what else, before anything was asked', () => {
    expect(askedOf('What else?', [])).toEqual({ question: 'What else?', isAgain: false, passedOn: 0 })
  })

  test('what was answered on other branches', () => {
    expect(askedOf(QUESTION, [], [UNSURE, 'In a cave.'])).toMatchObject({ isAgain: true, passedOn: 1 })
  })
})

describe('asked again of a document, a small model passes on', () => {
  const RAIN = `${'The rain fell softly on the old wall. '.repeat(60)}\n\n`
  const PLACES = [
    'The captain hid a ring in the cellar.',
    'The captain hid it all in the well.',
    'The captain had a ring of gold.',
    'A ring was found in the sand.',
    'The captain was seen at the mill.',
  ]
  const text = PLACES.map((place) => `${RAIN}${place}\n\n`).join('')
  const position = Math.round(text.length / 3)

  /** What is passed on, each time it is asked, and how it ends. */
  function askedAgain(window: number, question: string, messages: readonly string[]): string[] {
    const looking = new Looking(window)
    let way: readonly (ReturnType<typeof user> | ReturnType<typeof reply> | ReturnType<typeof read>)[] = [
      read(text, position),
    ]
    return [question, ...messages].map((message) => {
      const found = looking.find(looking.meant(message, way, position), way, position)
      const { passedOn = '' } = asLookedUp(found, {})
      way = [...way, user(message), reply(passedOn && `I am not sure. I find only this: ${passedOn}`)]
      return passedOn
    })
  }

  test('what was not passed on yet, until there is no more', () => {
    const said = askedAgain(64, QUESTION, ['What else?', QUESTION, 'What else?', 'More'])
    const times = PLACES.map((place) => said.filter((words) => words.includes(place)).length)
    expect(times).toEqual(PLACES.map(() => 1))
    expect(said[0]).toContain(PLACES[0])
    expect(said.at(-1)).toBe('')
  })

  test('and nothing that says next to nothing of what is asked', () => {
    const question = 'Where did the skipper of the painted brig bury his golden ring one stormy night?'
    expect(askedAgain(64, question, ['What else?'])).toEqual(['', ''])
  })

  test('where nothing was found at first, what says some of it', () => {
    const question = 'Whose gold was sold by the baker?'
    const [first, second] = askedAgain(64, question, ['What else?'])
    expect(first).toBe('')
    expect(second).toContain('a ring of gold')
  })

  test('a model with a wide window is asked what it is asked', () => {
    const looking = new Looking(192)
    const way = [read(text, position), user(QUESTION), reply(UNSURE)]
    expect(looking.meant('What else?', way, position)).toBe('What else?')
    const quotes = looking.find(QUESTION, way, position).map(({ quote }) => quote)
    expect(quotes).toContain(PLACES[0])
  })

  test('what the user told is found again as it was', () => {
    const looking = new Looking(64)
    const way = [read(text, position), user('My dog is called Bruno.'), reply('I see.')]
    const question = 'What is my dog called?'
    const first = looking.find(question, way, position).map(({ quote }) => quote)
    expect(first).toEqual(['My dog is called Bruno.'])
    const asked = [...way, user(question), reply(UNSURE)]
    expect(looking.find(question, asked, position).map(({ quote }) => quote)).toEqual(first)
  })
})
