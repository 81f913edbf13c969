import { expect, test } from 'vitest'
import type { LookedToken } from '../../../engine/protocol.ts'
import { leanOf, totals, wordsOf } from '../../../renderer/inspect/lean.ts'

/** One layer, one head, two slots: 40 % on slots, 10 % on the one sink, the rest on the window. */
function looked(text: string, position: number, window: readonly number[]): LookedToken {
  return {
    text,
    read: [],
    attention: {
      position,
      shares: Float32Array.of(0.4, 0.1, 0.5),
      slots: Float32Array.of(0.3, 0.1),
      sinks: Float32Array.of(0.1),
      window: Float32Array.from(window),
    },
  }
}

const TEXTS = ['The', ' dog', ' is', ' Bru', 'no', '.']
const textAt = (position: number) => TEXTS[position] ?? null

test('tokens without a space before them belong to the word before', () => {
  const tokens = [
    looked('It', 1, []),
    looked(' is', 2, []),
    looked(' Bru', 3, []),
    looked('no', 4, []),
    looked('.', 5, []),
  ]
  expect(wordsOf(tokens).map(({ text }) => text)).toEqual(['It', ' is', ' Bruno', '.'])
})

test('a word leaned where its tokens did, position by position, and the parts still sum to 1', () => {
  const lean = leanOf([looked(' Bru', 3, [0.2, 0.3]), looked('no', 4, [0.1, 0.4])], textAt)
  const places = lean.places.map(({ text, share, sink }) => [text, Number(share.toFixed(3)), sink])
  // Positions 2 and 3, then 3 and 4: the mean of the two.
  expect(places).toEqual([
    ['The', 0.1, true],
    [' is', 0.1, false],
    [' Bruno', 0.4, false],
  ])
  expect(lean.places.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(0.6, 6)
  expect(totals(lean.shares).map((part) => Number(part.toFixed(3)))).toEqual([0.4, 0.1, 0.5])
  expect([...lean.slots].map((share) => Number(share.toFixed(3)))).toEqual([0.3, 0.1])
})

test('text that nobody knows is one place, a token without text a mark of its own', () => {
  const unknown = leanOf([looked('x', 9, [0.2, 0.2, 0.1])], () => null).places
  expect(unknown.filter(({ sink }) => !sink).map(({ text }) => text)).toEqual(['\u2026'])
  const marked = leanOf([looked('x', 9, [0.2, 0.2, 0.1])], (at) => (at === 8 ? '' : 'a')).places
  expect(marked.filter(({ sink }) => !sink).map(({ text }) => text)).toEqual(['a', '\u25c7', 'a'])
})
