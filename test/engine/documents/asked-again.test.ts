import { describe, expect, test } from 'vitest'
import { askedOf, asksForElse } from '../../../engine/documents/asked-again.ts'
import { Looking } from '../../../engine/documents/looking.ts'
import { asLookedUp } from '../../../engine/memory/heard.ts'

const QUESTION = 'Where did the captain hide the ring?'
const OTHER = 'Who saw the captain?'
const UNSURE = 'I am not sure. I find only this: The captain had a ring.'

const user = (text: string, node = 1) => ({ node, kind: 'user', name: '', text, memory: null }) as const
const reply = (text: string, node = 1) => ({ node, kind: 'reply', name: '', text, memory: null }) as const
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
  'Was gibt es noch?',
  'Nein, das nicht.',
  'What else can you tell me?',
  'Who else?',
  'Is there more?',
  "That isn't it",
  'Keep looking',
  'What else is in the document?',
  'Thanks. What else?',
  'Great, thank you very much! Is there anything else?',
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
  'What else was in the chest?',
  'What else did the man say?',
  'Was?',
  'Was steht da?',
  'No more!',
  'Что значит more?',
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
    [
      'the question before a remark',
      'More',
      [user('OK, thanks!'), reply('You are welcome.')],
      { question: QUESTION, isAgain: true, passedOn: 1 },
    ],
    [
      'something told, which is none',
      'More',
      [user('Thanks to you I found it.'), reply('I will remember that.')],
      { question: 'Thanks to you I found it.' },
    ],
    ['what was stopped', 'Who?', [user('Who?'), { ...reply(UNSURE), end: 'abort' }], { isAgain: false }],
    [
      'for more than what was stopped',
      'More',
      [user('Who?'), { ...reply(UNSURE), end: 'abort' }],
      { passedOn: 1 },
    ],
    [
      'what was stopped early',
      'More',
      [user('Who?'), { ...reply('I'), end: 'abort' }],
      { isAgain: true, passedOn: 0 },
    ],
    ['what has no answer', 'Who?', [user('Who?'), reply('')], { isAgain: false }],
    ['what it answered itself', 'More', [user('Who?'), reply('Tom.')], { passedOn: 0, isAnswered: true }],
    [
      'the same of its own answer',
      'Who?',
      [user('Who?'), reply('Tom.')],
      { isAgain: true, isAnswered: false },
    ],
    ['what was asked long ago', OTHER, [], { isAgain: false, passedOn: 0 }],
    ['of what was read since', QUESTION, [read('A ship.', 9)], { isAgain: false, passedOn: 0 }],
  ])('%s', (_what, message, more, asked) => {
    expect(askedOf(message, [...way, ...more])).toMatchObject(asked)
  })

  test('what else, before anything was asked', () => {
    expect(askedOf('What else?', [])).toMatchObject({ question: 'What else?', isAgain: false, passedOn: 0 })
  })

  test('what was answered on other branches', () => {
    expect(askedOf(QUESTION, [], [reply(UNSURE), reply('In a cave.')])).toMatchObject({
      isAgain: true,
      passedOn: 1,
    })
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

  /** What is passed on, each time it is asked. */
  function askedAgain(question: string, messages: readonly string[], document = text): string[] {
    const looking = new Looking(64)
    const end = Math.round(document.length / 3)
    let node = 2
    let way: Parameters<Looking['meant']>[1] = [read(document, end)]
    return [question, ...messages].map((message) => {
      const { question, times } = looking.meant(message, way, end)
      const { passedOn = '' } = asLookedUp(looking.find(question, way, end, times), {})
      const said = passedOn === '' ? 'I do not find that.' : `I am not sure. I find only this: ${passedOn}`
      way = [...way, user(message, ++node), reply(said, ++node)]
      return passedOn
    })
  }

  test('what was not passed on yet, until there is no more', () => {
    const said = askedAgain(QUESTION, ['What else?', QUESTION, 'What else?', 'More'])
    const times = PLACES.map((place) => said.filter((words) => words.includes(place)).length)
    expect(times).toEqual(PLACES.map(() => 1))
    expect(said[0]).toContain(PLACES[0])
    expect(said.at(-1)).toBe('')
  })

  test('what stands beside it too, and each once', () => {
    const letter = `${PLACES[0]} It was late. ${PLACES[2]} ${'So it went on, and on, and on. '.repeat(20)}${PLACES[4]}`
    const [first = '', second = ''] = askedAgain(QUESTION, ['What else?'], letter)
    expect(first).toContain(PLACES[0])
    expect(second).toContain(PLACES[4])
    expect(second).not.toContain(PLACES[0])
  })

  test('no words twice, though they stand in two places', () => {
    const twice = `${RAIN}${PLACES[0]}\n\n${RAIN}${PLACES[3]}\n\n${RAIN}${PLACES[3]}\n\n${RAIN}`
    const said = askedAgain(QUESTION, ['What else?', 'What else?'], twice)
    expect(said.join(' ').split(String(PLACES[3]))).toHaveLength(2)
  })

  test('all of what the model was asked with, where it answered itself and is asked the same again', () => {
    const looking = new Looking(64)
    const way = [read(text, position)]
    const found = looking.find(QUESTION, way, position).map(({ quote }) => quote)
    const answered = [...way, user(QUESTION), reply('In a cave.')]
    const { question, times } = looking.meant(QUESTION, answered, position)
    const again = looking.find(question, answered, position, times)
    expect(again.map(({ quote }) => quote)).toEqual(found)
    expect(again[0]?.isPassedOn).toBe(true)
    const other = looking.meant('What else?', answered, position)
    const next = looking.find(other.question, answered, position, other.times)
    expect(next.filter(({ quote }) => found.includes(quote))).toEqual([])
    expect(next).toHaveLength(1)
    // What was passed on before is not shown below.
    const below = looking.grounds(other.question, UNSURE, next, other.times).nearest
    expect(below.filter(({ quote }) => found.some((each) => quote.includes(each)))).toEqual([])
  })

  test.each([
    ['Hello, captain!', 'Hello, captain!'],
    ['Tell me a joke.', 'Another one!'],
    ['My dog is called Rex.', 'What else?'],
    ['Who are you?', 'Try again'],
    ['The captain had a ring', 'the captain had a ring'],
  ])('nothing for %s %s', (message, then) => {
    expect(askedAgain(message, [then])[1]).toBe('')
  })

  test('and nothing that says next to nothing of what is asked', () => {
    const question = 'Where did the skipper of the painted brig bury his golden ring one stormy night?'
    expect(askedAgain(question, ['What else?'])).toEqual(['', ''])
  })

  test('where nothing was found at first, what says some of it', () => {
    const question = 'Whose gold was sold by the baker?'
    const [first, second, third] = askedAgain(question, ['What else?', 'What else?'])
    expect(first).toBe('')
    expect(second).toContain('a ring of gold')
    expect(third).toBe('')
  })

  test('a model with a wide window is asked what it is asked', () => {
    const looking = new Looking(192)
    const way = [read(text, position), user(QUESTION), reply(UNSURE)]
    expect(looking.meant('What else?', way, position)).toEqual({ question: 'What else?', times: null })
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
    for (const message of [question, 'What else?'])
      expect(looking.meant(message, asked, position)).toEqual({ question: message, times: null })
  })
})
