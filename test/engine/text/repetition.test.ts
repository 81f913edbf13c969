import { expect, test } from 'vitest'
import { isWord, Repetition } from '../../../engine/text/repetition.ts'
import { seeded } from '../../support/numerics.ts'

/** After how many tokens it is seen; `null` for never. */
function seenAfter(tokens: Iterable<number>, isSaid = (_token: number) => false): number | null {
  const repetition = new Repetition()
  let count = 0
  for (const token of tokens) {
    count++
    if (repetition.accept(token, isSaid(token))) return count
  }
  return null
}

const circling = (period: number, length: number, from = 0): number[] =>
  Array.from({ length }, (_, i) => from + (i % period))

test.each([
  [1, 256],
  [2, 256],
  [31, 256],
  [32, 256],
  [33, 264],
  [64, 512],
])('a piece of %i tokens over and over is seen after %i tokens, not before', (period, tokens) => {
  expect(seenAfter(circling(period, 1_000))).toBe(tokens)
})

test('what was said before does not hide it, and one other token begins the count anew', () => {
  const before = circling(1_000, 300, 5_000)
  expect(seenAfter([...before, ...circling(3, 1_000)])).toBe(300 + 256)
  const almost = circling(3, 255)
  expect(seenAfter([...almost, 9_999, ...almost])).toBe(null)
})

test('what only looks alike is left alone', () => {
  const random = seeded(1)
  expect(seenAfter(Array.from({ length: 20_000 }, () => Math.floor(random() * 4)))).toBe(null)
  // A table whose rows are numbered: everything else in them is the same.
  const rows = Array.from({ length: 500 }, (_, row) => [...circling(6, 6, 10_000), row])
  expect(seenAfter(rows.flat())).toBe(null)
  // A piece longer than two sentences, over and over.
  expect(seenAfter(circling(65, 2_000))).toBe(null)
  // Ten rows of ten zeros, with a comma after each, which someone asked for.
  const matrix = Array.from({ length: 10 }, () => [...circling(2, 20), 7]).flat()
  expect(seenAfter(matrix)).toBe(null)
})

test.each([
  ['two words', [1, 2], 64],
  ['three words and a comma', [1, 2, 3, 100], 64],
  ['a word twice, then another', [1, 1, 2], 64],
  ['one word', [1], 256],
  ['one word and a comma, as a list of null has', [1, 100], 256],
  ['signs alone', [100, 101, 102], 256],
  ['nine words', [1, 2, 3, 4, 5, 6, 7, 8, 9], 72],
] as const)('%s over and over', (_, piece, tokens) => {
  const isSaid = (token: number) => token < 100
  const circles = Array.from({ length: 1_000 }, (__, i) => piece[i % piece.length]!)
  expect(seenAfter(circles, isSaid)).toBe(tokens)
  // What was said before is no part of the piece.
  const before = [50, 51, 52]
  expect(seenAfter([...before, ...circles], isSaid)).toBe(before.length + tokens)
})

test.each([
  [' word', true],
  [' Wort', true],
  [' größe', true],
  [' слово', true],
  ['word', false],
  [' ', false],
  [' 12', false],
  [' a1', false],
  [',', false],
])('“%s” is a word: %s', (text, said) => {
  expect(isWord(new TextEncoder().encode(text))).toBe(said)
})
