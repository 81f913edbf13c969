import { describe, expect, test } from 'vitest'
import { LookUp } from '../../../engine/documents/look-up.ts'
import { Looking } from '../../../engine/documents/looking.ts'
import { sentencesOf, stretchesOf } from '../../../engine/documents/passages.ts'
import { PassageIndex } from '../../../engine/documents/search.ts'
import { asksForRule } from '../../../engine/documents/asking.ts'
import { asLookedUp } from '../../../engine/memory/heard.ts'

const RAIN = `${'The rain fell softly on the old wall. '.repeat(90)}\n\n`
const RULES = `${RAIN}Hens\n\nHens are kept in the far corner. At most six to a plot, and no cock.\n\n${RAIN}I keep dogs, said the king.`

function lookUpIn(text: string, window = 64): LookUp {
  const lookUp = new LookUp(window)
  lookUp.add({ name: 'rules.txt', text }, Math.round(text.length / 3))
  return lookUp
}

describe('a sentence and what stands around it', () => {
  test('from each sentence on, whole sentences as far as there is room, itself at least', () => {
    const text = 'One two. Three. Four five six.'
    const sentences = sentencesOf(text, { start: 0, end: text.length })
    const words = (characters: number) =>
      stretchesOf(sentences, characters).map((last, i) =>
        text.slice(sentences[i]?.start, sentences[last]?.end),
      )
    expect(words(15)).toEqual(['One two. Three.', 'Three.', 'Four five six.'])
    expect(words(1)).toEqual(['One two.', 'Three.', 'Four five six.'])
    expect(words(100)).toEqual([text, 'Three. Four five six.', 'Four five six.'])
  })

  test('the sentence that stands where the rest of the question is said is found, with what follows', () => {
    const index = new PassageIndex()
    const text = `${RAIN}The tarts were late. ${RAIN}‘What are tarts made of?’ asked the king. ‘Pepper, mostly,’ said the cook.`
    index.add({ name: 'story.txt', text })
    const [best] = index.lookUp('What did the cook say of the tarts?', 1, 'documents')
    expect(best?.stretch).toMatch(
      /^‘What are tarts made of\?’ asked the king\. ‘Pepper, mostly,’ said the cook\.$/,
    )
    expect(best?.worth).toBe(((best?.share ?? 0) + 1) / 2)
    expect(best?.share).toBeLessThan(1)
  })

  test('who asks about themselves is not answered by what stands around a sentence', () => {
    const lookUp = lookUpIn(`${RAIN}The king had a dog. It would not sleep but by the fire.`)
    expect(lookUp.find("Where does the king's dog sleep?", 2_000)[0]?.stretch).toMatch(/fire\.$/)
    expect(lookUp.find('Where does my dog sleep?', 2_000)).toEqual([])
  })

  test('nor who asks about somebody of whom they told', () => {
    const lookUp = lookUpIn(`${RAIN}Rosa was a cat. She would bring mice.`)
    lookUp.add({ name: '', text: 'Rosa came on Monday. She had a walnut cake with her.' }, 2_000)
    expect(lookUp.find('What did Rosa bring on Monday?', 2_100).map(({ name }) => name)).toEqual([''])
    expect(lookUp.missed('What did Rosa bring on Monday?')).toEqual({ unfound: true })
  })

  test.each([
    ['Do you fish?', false],
    ['What is your name?', false],
    ['Wer bist du?', false],
    ['Can you tell me who keeps the hens?', true],
    ['Who keeps the hens?', true],
  ])('%s: asked of documents %s', (question, isOfDocuments) => {
    expect(lookUpIn(RULES).asksDocuments(question)).toBe(isOfDocuments)
    expect(new LookUp(64).asksDocuments(question)).toBe(false)
  })

  test('for a large window, and where it is cited, a sentence counts alone', () => {
    const text = `${RAIN}The captain hid the ring in the cellar. ${RAIN}The duchess came home. The captain came too. They had a ring. It was silver. Nobody could hide it. The duchess went to the well.`
    const question = 'Where did the captain hide the silver ring of the duchess?'
    const first = (isOf: 'documents' | 'any') => {
      const index = new PassageIndex()
      index.add({ name: 'story.txt', text })
      return index.lookUp(question, 1, isOf)[0]
    }
    expect(first('any')?.quote).toBe('The captain hid the ring in the cellar.')
    expect(first('any')?.worth).toBe(first('any')?.share)
    expect(first('documents')?.quote).not.toBe('The captain hid the ring in the cellar.')
    const looking = new Looking(64)
    const said = { node: 1, kind: 'document', name: 'story.txt', text, memory: { position: 3_000 } } as const
    const found = looking.find(question, [said], 3_000)
    expect(looking.grounds(question, 'In the well.', found).cited).toEqual([])
  })

  test('of two documents the later one counts that says what is so now', () => {
    const lookUp = lookUpIn('This is about the garden. The fee of the club is 20 euros.')
    lookUp.add({ name: '2.txt', text: 'The fee of the club is now 30 euros.' }, 100)
    expect(lookUp.find('What is the fee of the garden club?', 110)[0]?.name).toBe('2.txt')
  })

  test('what is long in tokens is not passed on whole', () => {
    const text = `${'Слово за словом идёт дождь. '.repeat(40)}Король спит. ${'Слово за словом идёт дождь. '.repeat(40)}`
    const stretch = (position: number) => {
      const lookUp = new LookUp(64)
      lookUp.add({ name: 'a.txt', text }, position)
      return lookUp.find('Где Король?', position)[0]?.stretch ?? ''
    }
    expect(stretch(600).length).toBeGreaterThan(100)
    expect(stretch(6_000)).toBe('Король спит.')
  })
})

describe('what one may or must', () => {
  test.each([
    ['How many hens can I keep?', true],
    ['When do we have to leave?', true],
    ['Darf ich hier parken?', true],
    ['What time may we come?', true],
    ["Why can't I throw it away?", true],
    ['How long must manure rot before I use it?', true],
    ['Wie viele Hühner können wir halten?', true],
    ['Can I bring my dog in?', true],
    ['How long may my sister stay?', true],
    ['Darf mein Hund hinein?', true],
    ['Are my dogs allowed in the yard?', true],
    ['How many hens can my brother keep?', true],
    ['When may my sister come?', true],
    ['Wo darf ich mein Auto parken?', true],
    ['Should I call my mother?', false],
    ['Could my boss be angry?', false],
    ['Where can my hens be?', false],
    ['Where can I find my hens?', false],
    ['Can you remember where I live?', false],
    ['Can I ask where I live?', false],
    ['When must I take my pills?', false],
    ['When will I visit May?', false],
    ['What did I do in May?', false],
    ['Was will ich werden?', false],
    ['Where do I live?', false],
    ['Wo wohne ich?', false],
  ])('%s %s', (question, isRule) => {
    expect(asksForRule(question)).toBe(isRule)
  })

  test('a document says it, though it is asked with "I"', () => {
    const lookUp = lookUpIn(RULES)
    expect(lookUp.find('How many hens can I keep?', 4_000)[0]?.stretch).toContain('At most six')
    expect(lookUp.missed('May I fish here?')).toEqual({ unfound: true, ofDocuments: true, isDeclined: true })
    expect(lookUp.missed('Where do I live?')).toEqual({ unfound: true })
  })

  test('of a large window, or where nothing is asked, nothing is said to be missing', () => {
    expect(lookUpIn(RULES, 192).missed('May I fish here?')).toEqual({})
    expect(lookUpIn(RULES).missed('Good morning.')).toEqual({})
    expect(new LookUp(64).missed('May I fish here?')).toEqual({ unfound: true })
  })
})

describe('what a request says of it', () => {
  const found = {
    name: 'a.txt',
    quote: 'He came',
    stretch: 'He came\nlate.\n\n  Fees\n- One:\n  2\n  - Two: 3',
  }

  test('the sentence is read, and passed on with what stands around it, in its paragraphs', () => {
    expect(asLookedUp([found], {})).toEqual({
      passage: 'He came',
      ofDocuments: true,
      passedOn: 'He came late.\n\nFees\n- One: 2\n- Two: 3',
    })
  })

  test.each([
    ['Fees:\n\n- One', 'Fees:\n\n- One'],
    ['He came in May\n2000. He went.\n20. She came.', 'He came in May 2000. He went.\n20. She came.'],
    [' He  came. \n \n\tShe went. ', 'He came.\n\nShe went.'],
  ])('in its paragraphs: %o', (stretch, passedOn) => {
    expect(asLookedUp([{ ...found, quote: stretch.trim().slice(0, 4), stretch }], {}).passedOn).toBe(passedOn)
  })

  test('another is added where it does not stand there, and nothing to what was said here', () => {
    const other = { name: 'a.txt', quote: 'She went.', stretch: 'She went. It rained.' }
    const inside = { ...other, quote: 'late.' }
    expect(asLookedUp([found, inside, other], {}).passedOn).toMatch(/^He came late\.[^]+3\n\nShe went\.$/)
    expect(asLookedUp([{ ...found, name: '' }], {})).toEqual({ passage: 'He came', ofDocuments: false })
    expect(asLookedUp([found, { ...other, name: '' }], {}).passedOn).toBeUndefined()
  })

  test('what is no longer there is passed on as it was looked up, and nothing where nothing was found', () => {
    expect(asLookedUp([{ name: 'a.txt', quote: 'He came' }], {}).passedOn).toBeUndefined()
    expect(asLookedUp([], { unfound: true })).toEqual({ unfound: true })
  })
})
