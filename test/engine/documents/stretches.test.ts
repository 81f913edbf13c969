import { describe, expect, test } from 'vitest'
import { LookUp } from '../../../engine/documents/look-up.ts'
import { sentencesOf, stretchesOf } from '../../../engine/documents/passages.ts'
import { PassageIndex } from '../../../engine/documents/search.ts'
import { asksForRule } from '../../../engine/documents/terms.ts'
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
      stretchesOf(sentences, characters).map(({ start, end }) => text.slice(start, end))
    expect(words(15)).toEqual(['One two. Three.', 'Three.', 'Four five six.'])
    expect(words(1)).toEqual(['One two.', 'Three.', 'Four five six.'])
    expect(words(100)).toEqual([text, 'Three. Four five six.', 'Four five six.'])
  })

  test('the sentence that stands where the rest of the question is said is found, with what follows', () => {
    const index = new PassageIndex()
    const text = `${RAIN}The tarts were late. ${RAIN}‘What are tarts made of?’ asked the king. ‘Pepper, mostly,’ said the cook.`
    index.add({ name: 'story.txt', text })
    const [best] = index.lookUp('What did the cook say of the tarts?', 1)
    expect(best?.stretch).toMatch(
      /^‘What are tarts made of\?’ asked the king\. ‘Pepper, mostly,’ said the cook\.$/,
    )
    expect(best?.worth).toBe(((best?.share ?? 0) + 2) / 3)
    expect(best?.share).toBeLessThan(1)
  })

  test('who asks about themselves is not answered by what stands around a sentence', () => {
    const lookUp = lookUpIn(`${RAIN}The king sat down. He had a dog. It was called Rex.`)
    expect(lookUp.find("What was the king's dog called?", 2_000)[0]?.stretch).toMatch(/Rex\.$/)
    expect(lookUp.find('What is my dog called?', 2_000)).toEqual([])
  })
})

describe('what one may or must', () => {
  test.each([
    ['How many hens can I keep?', true],
    ['When do we have to leave?', true],
    ['Darf ich hier parken?', true],
    ['Can you remember where I live?', false],
    ['Where do I live?', false],
    ['Wo wohne ich?', false],
  ])('%s %s', (question, isRule) => {
    expect(asksForRule(question)).toBe(isRule)
  })

  test('a document says it, though it is asked with "I"', () => {
    const lookUp = lookUpIn(RULES)
    expect(lookUp.find('How many hens can I keep?', 4_000)[0]?.stretch).toContain('At most six')
    expect(lookUp.missed('May I fish here?')).toEqual({ unfound: true, ofDocuments: true })
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
    ['He came.\n\nKeys and gates', 'He came.'],
    ['He came.\n\nKeys and gates\n\nShe went', 'He came.\n\nKeys and gates'],
    ['He came.\n\nShe went.', 'He came.\n\nShe went.'],
    ['Fees:\n\n- One', 'Fees:\n\n- One'],
    ['Keys and gates', 'Keys and gates'],
  ])('no heading stands at its end: %o', (stretch, passedOn) => {
    expect(asLookedUp([{ ...found, quote: stretch.slice(0, 4), stretch }], {}).passedOn).toBe(passedOn)
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
