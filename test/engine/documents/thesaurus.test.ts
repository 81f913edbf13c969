import { describe, expect, test } from 'vitest'
import { PassageIndex } from '../../../engine/documents/search.ts'
import { termOf } from '../../../engine/documents/terms.ts'
import { closeWordsOf } from '../../../engine/documents/thesaurus.ts'
import thesaurus from '../../../engine/documents/thesaurus.json' with { type: 'json' }

describe('words that may say the same', () => {
  test.each([
    ['chicken', 'hen'],
    ['phone', 'telephone'],
    ['buy', 'purchase'],
    ['rubbish', 'refuse'],
  ])('%s and %s, either way round', (one, other) => {
    expect(closeWordsOf(termOf(one))).toContain(termOf(other))
    expect(closeWordsOf(termOf(other))).toContain(termOf(one))
  })

  test('none of itself, and none of a word that is not there', () => {
    for (const head of Object.keys(thesaurus))
      expect(closeWordsOf(termOf(head)), head).not.toContain(termOf(head))
    expect(closeWordsOf(termOf('I'))).toEqual(new Set())
    expect(closeWordsOf(termOf('pit'))).not.toContain(termOf('mine'))
    // Nor of one that only ends as if it were another.
    expect(closeWordsOf(termOf('evening'))).not.toContain(termOf('level'))
    expect(termOf('rating')).not.toBe(termOf('rats'))
    expect(termOf('things')).toBe(termOf('thing'))
    expect(closeWordsOf('xylophonist')).toEqual(new Set())
  })

  test('heads in order, plain words with blanks between them, each pair once', () => {
    const heads = Object.keys(thesaurus)
    expect(heads).toEqual(heads.toSorted())
    const pairs = new Set<string>()
    for (const [head, words] of Object.entries(thesaurus)) {
      expect(`${head} ${words}`, head).toMatch(/^[a-z]{2,}( [a-z]{2,})+$/)
      for (const word of words.split(' ')) {
        const pair = [head, word].map(termOf).toSorted()
        expect(pair[0], `${head} ${word}`).not.toBe(pair[1])
        expect(pairs, `${head} ${word}`).not.toContain(pair.join(' '))
        pairs.add(pair.join(' '))
      }
    }
  })
})

describe('a document that is asked in other words', () => {
  const RAIN = 'The rain fell softly on the old wall. '.repeat(60)

  function firstOf(
    question: string,
    texts: readonly string[],
    isOf: 'documents' | 'any' = 'documents',
  ): string | undefined {
    const index = new PassageIndex()
    index.add({ name: 'text.txt', text: texts.map((each) => `${each}\n\n${RAIN}`).join('\n\n') })
    return index.lookUp(question, 1, isOf)[0]?.quote
  }

  test('is found by them', () => {
    const rules = ['Up to eight hens may be there.', 'Rent is due in October.']
    expect(firstOf('How many chickens are allowed?', rules)).toBe('Up to eight hens may be there.')
    expect(firstOf('How many chickens?', rules, 'any')).toBeUndefined()
  })

  test('the word itself comes before one close to it', () => {
    const rules = ['Hens may stay outside.', 'Chickens may stay outside.']
    expect(firstOf('Where are the hens?', rules)).toBe('Hens may stay outside.')
    expect(firstOf('Where are the chickens?', rules)).toBe('Chickens may stay outside.')
  })

  test('a close word that is common says little', () => {
    const money = 'They had money. '.repeat(3)
    const texts = [money, RAIN, money, RAIN, money, 'The treasure is his.']
    expect(firstOf('Where is the gold?', texts)).toBe('The treasure is his.')
    expect(firstOf('Where is the gold?', [...texts, 'He has a lot of gold.'])).toBe('He has a lot of gold.')
  })

  test('a name is not said by another word', () => {
    const texts = ['The flower was late.', 'Old Rose was late.']
    expect(firstOf('When was Rose late?', texts.slice(0, 1))).toBeDefined()
    expect(firstOf('Why did Rose not come?', texts.slice(0, 1))).toBeUndefined()
    expect(firstOf('Why did the rose not come?', texts.slice(0, 1))).toBe('The flower was late.')
  })
})
