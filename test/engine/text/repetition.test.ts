import { expect, test } from 'vitest'
import { Repetition } from '../../../engine/text/repetition.ts'
import { seeded } from '../../support/numerics.ts'

/** After how many tokens it is seen; `null` for never. */
function seenAfter(tokens: Iterable<number>): number | null {
  const repetition = new Repetition()
  let count = 0
  for (const token of tokens) {
    count++
    if (repetition.accept(token)) return count
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
