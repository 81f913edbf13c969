import { describe, expect, test } from 'vitest'
import { leaningOf } from '../../../engine/documents/leaning.ts'
import { describeGrounds, type Grounds, Looking, placesOf } from '../../../engine/documents/looking.ts'

const TEXT = `The Rabbit dropped the white gloves and the fan. The Duchess! Nobody spoke.
The Rabbit was afraid of the Duchess. The Rabbit ran. The Rabbit ran away. The Rabbit ran on.`
const SAID = { node: 1, kind: 'document', name: 'alice.txt', text: TEXT, memory: { position: 60 } } as const
const ANN = {
  node: 2,
  kind: 'user',
  name: '',
  text: 'My sister is called Ann.',
  memory: { position: 90 },
} as const

function groundsOf(question: string, answer: string, more = ''): Grounds {
  const looking = new Looking(64)
  const lookedUp = looking.find(question, [{ ...SAID, text: TEXT + more }, ANN], 100)
  return { lookedUp, ...looking.grounds(question, answer, lookedUp) }
}

describe('what a document says of a question that was not answered from it', () => {
  const question = 'What did the Rabbit drop?'
  const fan = 'The Rabbit dropped the white gloves and the fan.'

  test('the nearest sentence stands below a wrong answer, with what was looked up in it', () => {
    const grounds = groundsOf(question, 'The Rabbit dropped a watch.')
    expect(grounds).toMatchObject({ cited: [], inDocument: false, nearest: [{ quote: TEXT }] })
    expect(describeGrounds({ ...grounds, text: 'The Rabbit dropped a watch.' })).toEqual([
      'Not found in the document.',
      `Nearest in alice.txt, page 1: “${TEXT.replace('\n', ' ')}”`,
    ])
  })

  test('with whole sentences after it, as far as they are shown and its page goes', () => {
    const after = `Then came ${'a '.repeat(40)}king. ${'And so on. '.repeat(40)}`
    const nearest = (more: string) =>
      groundsOf(question, 'The Rabbit dropped a watch.', more).nearest.map(({ quote }) => quote)
    expect(nearest(` ${after}`)[0]).toBe(TEXT)
    expect(nearest(' Then came a king. So it was.')[0]).toBe(`${TEXT} Then came a king. So it was.`)
    expect(nearest(' Then came a king.\n\nTools and machines\n\n')[0]).toBe(`${TEXT} Then came a king.`)
    const rings = 'The captain hid a ring. The captain saw another ring. The captain lost a ring.'
    const quotes = groundsOf('What did the captain do with the ring?', 'He sold it.', ` ${rings}`)
    expect(quotes.nearest.map(({ quote }) => quote)).toEqual([rings])
    const paged = groundsOf(question, 'The Rabbit dropped a watch.', '\f A king came. \f')
    expect(paged.nearest).toMatchObject([{ quote: TEXT, page: 1 }])
  })

  test('nothing more stands below a right one', () => {
    const grounds = groundsOf(question, 'The Rabbit dropped the fan.')
    expect(grounds).toMatchObject({ cited: [{ quote: fan }], inDocument: true, nearest: [] })
  })

  test('of a long sentence a part is looked up, and the whole is cited, once', () => {
    const long = `${'And on they went through the snow, '.repeat(5)}the Gryphon carried a lantern ${'over the hills '.repeat(5)}.`
    const said = { ...SAID, text: `${TEXT} ${long} It was late.` }
    const looking = new Looking(64)
    const question = 'What did the Gryphon carry?'
    const lookedUp = looking.find(question, [said], 200)
    expect(lookedUp.map(({ quote }) => quote.length)).toEqual([
      expect.toSatisfy((length: number) => length < 116),
    ])
    const grounds = { lookedUp, ...looking.grounds(question, 'The Gryphon carried a lantern.', lookedUp) }
    expect(placesOf(grounds)).toMatchObject([{ how: 'cited', at: { quote: long } }])
  })

  test('an answer that is not sure has what it passes on, and what else comes near, each once', () => {
    const grounds = groundsOf(
      'What did the Rabbit run to?',
      'I am not sure. I find only this: The Rabbit ran away.',
      `${' Nobody came and nobody went, and it was late.'.repeat(16)} The Rabbit ran home.`,
    )
    expect(grounds).toMatchObject({ cited: [{ quote: 'The Rabbit ran away.' }], inDocument: true })
    const quotes = placesOf(grounds).map(({ at }) => at.quote)
    expect(quotes).toContain('The Rabbit ran home.')
    expect(new Set(quotes).size).toBe(quotes.length)
    expect(grounds.nearest.length).toBeLessThanOrEqual(3)
  })

  test('below an answer that does not find it either, where it says some of it', () => {
    const some = (question: string) =>
      groundsOf(question, 'I do not find that in what I read.').nearest.map(({ quote }) => quote)
    expect(some('Who bought the gloves from the pedlar?')).toEqual([expect.stringContaining('white gloves')])
    expect(some('Who sold silk and lace and linen and gloves to the pedlar at the market?')).toEqual([])
  })

  test('at most three more stand below', () => {
    const more = ' Nobody came and nobody went, and it was late.'.repeat(16)
    const runs = ['home', 'off', 'out', 'back', 'down']
      .map((where) => `${more} The Rabbit ran ${where}.`)
      .join('')
    expect(groundsOf('Where did the Rabbit run?', 'To the moon.', runs).nearest).toHaveLength(3)
  })

  test('what is passed on with what stands around it is not said to be missing in the document', () => {
    const grounds = groundsOf(question, `I am not sure. I find only this: ${TEXT}`)
    expect(grounds).toMatchObject({ cited: [], inDocument: null, nearest: [] })
    expect(placesOf(grounds)).toMatchObject([{ how: 'looked-up', at: { quote: fan } }])
  })

  test('nor below an answer that says it does not know', () => {
    for (const answer of ['I do not find that in what I read.', 'You have not told me that.'])
      expect(groundsOf(question, answer).inDocument).toBe(null)
    expect(groundsOf(question, 'It dropped a watch.').inDocument).toBe(false)
  })

  test('what is passed on vouches for nothing, in whatever words it is', () => {
    for (const before of ['I am not sure. I find only this:', 'I find this:']) {
      const grounds = groundsOf(question, `${before} ${TEXT}`)
      expect(grounds).toMatchObject({ cited: [], inDocument: null, leaning: { words: 0 } })
    }
    expect(groundsOf(question, 'I find this hard: it dropped a watch.').inDocument).toBe(false)
  })

  test('nor below an answer to what no document was asked', () => {
    expect(groundsOf('How are you?', 'I am well, thank you.')).toEqual({
      cited: [],
      inDocument: null,
      nearest: [],
      lookedUp: [],
    })
  })

  test('but below one to what a document was asked, in whatever words', () => {
    expect(groundsOf('Does my lease allow pets?', 'Yes, pets are allowed.').inDocument).toBe(false)
    expect(groundsOf('What do you know about Napoleon?', 'He was a king.').inDocument).toBe(false)
  })

  test('of an answer with what is denied where it stands nothing is said', () => {
    const said = [{ quote: "I can't stand coriander." }]
    const leaning = (answer: string) => leaningOf("What can't I stand?", answer, said, null)
    expect(leaning("You can't stand coriander.")).toEqual({ words: 1, lookedUp: 1 })
    expect(leaning('You stand coriander.').words).toBe(0)
  })

  test('a heading by itself is not shown', () => {
    const quotes = groundsOf(
      question,
      'A watch.',
      ` It was late.\n\nWHAT THE RABBIT DROPPED\n\n${'And so on and on, '.repeat(20)}.`,
    ).nearest.map(({ quote }) => quote)
    expect(quotes).toHaveLength(1)
    expect(quotes[0]).toContain('fan')
  })

  test('a line says the page of what the answer says itself, and the words of what it does not', () => {
    const at = (name: string, page: number, quote: string) => ({ node: 1, name, page, quote })
    const rests = {
      cited: [at('a.txt', 8, 'The fan fell.')],
      lookedUp: [at('a.txt', 3, '‘It’s mine,’ he\nsaid.'), at('', 1, 'I like fans.')],
      nearest: [at('a.txt', 3, 'He had a fan.'), at('b.txt', 2, 'A glove.')],
      inDocument: true,
    }
    const text =
      "I am not sure. I find only this: 'It's mine,' he said. The fan fell. He had a fan. I like fans."
    expect(describeGrounds({ ...rests, text })).toEqual([
      'From a.txt, pages 3 and 8',
      'From this conversation',
      'Nearest in b.txt, page 2: “A glove.”',
    ])
    expect(describeGrounds({ ...rests, cited: [], lookedUp: [], inDocument: false, text })).toEqual([
      'Not found in the document.',
      'Nearest in a.txt, page 3: “He had a fan.”',
      'Nearest in b.txt, page 2: “A glove.”',
    ])
  })

  test('a question that has no mark tells nothing', () => {
    const looking = new Looking(64)
    const asked = { ...ANN, node: 3, text: 'Where did Ann hide the fan' }
    const told = { ...ANN, node: 4, text: 'When I was young I hid the fan.' }
    const found = looking.find('Where did Ann hide the fan?', [SAID, asked, told], 100)
    expect(found.map(({ quote }) => quote)).not.toContain(asked.text)
    expect(looking.find('What did I hide?', [SAID, asked, told], 100)).toMatchObject([{ quote: told.text }])
  })

  test.each([
    ['What is my sister called?', 'Your sister is called Ann.'],
    ['What is my sister called?', 'You have not told me.'],
    ['Where does my Rabbit live?', 'You have not told me.'],
    ['What is the capital of France?', 'I do not know that.'],
    ['hello', 'Hello!'],
  ])('%s %s: no sentence is shown', (message, answer) => {
    expect(groundsOf(message, answer).nearest).toEqual([])
  })
})
