import { describe, expect, test } from 'vitest'
import { Asked } from '../../../engine/documents/asked.ts'

const WEIGHTS: Record<string, number> = { hen: 3, keep: 1 }
const weightOf = (term: string) => WEIGHTS[term] ?? 0
const CLOSE: Record<string, [string, number][]> = {
  hen: [
    ['chicken', 0.5],
    ['poultry', 0.25],
  ],
  keep: [['chicken', 0.125]],
}
const asked = new Asked(['hen', 'keep'], weightOf, (term) => CLOSE[term] ?? [])

describe('how much of what is asked some words say', () => {
  test.each([
    [['hen'], 3 / 4],
    [['hen', 'keep'], 1],
    [['chicken'], (3 * 0.5 + 0.125) / 4],
    [['poultry', 'chicken', 'chicken'], (3 * 0.5 + 0.125) / 4],
    [['chicken', 'hen'], (3 + 0.125) / 4],
    [['cow'], 0],
    [[], 0],
  ])('%s: each term by the word that says most of it', (terms, share) => {
    expect(asked.shareOf(terms)).toBeCloseTo(share, 12)
  })

  test('what was named before counts less than what is said, and in no other word', () => {
    expect(asked.shareOf(['keep'], ['hen'])).toBeCloseTo((1 + 0.8 * 3) / 4, 12)
    expect(asked.shareOf(['hen'], ['hen'])).toBeCloseTo(3 / 4, 12)
    expect(asked.shareOf([], ['chicken'])).toBe(0)
  })

  test('the words to search for, each with the most it says', () => {
    expect([...asked.terms]).toEqual([
      ['hen', 1],
      ['chicken', 0.5],
      ['poultry', 0.25],
      ['keep', 1],
    ])
    expect(asked.saying(['a', 'chicken', 'and', 'hen'])).toEqual(['chicken', 'hen'])
  })

  test('pieces of a text, each with those after it', () => {
    expect(asked.sharesOf([['hen'], [], ['keep']], [2, 1, 2])).toEqual([1, 0, 1 / 4])
    expect(asked.sharesOf([['hen'], [], ['keep']], [0, 2, 2])).toEqual([3 / 4, 1 / 4, 1 / 4])
  })

  test('of nothing that weighs anything nothing is said', () => {
    expect(new Asked(['king'], weightOf).shareOf(['king'])).toBe(0)
    expect(new Asked([], weightOf).shareOf(['king'])).toBe(0)
  })
})

describe('the stretch that has most of it', () => {
  const text = 'One two three, chickens and hens; four five six.'

  test('whole words, what room is left on both sides', () => {
    const { from, to } = asked.densest(text, 30)
    expect(text.slice(from, to)).toBe('three, chickens and hens; four')
    expect(asked.densest(text, 18)).toEqual({ from: 15, to: 33 })
  })
})
