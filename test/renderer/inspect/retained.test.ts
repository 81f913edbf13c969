import { expect, test } from 'vitest'
import { retained } from '../../../renderer/inspect/retained.ts'

const piece = (message: number, tokens: number, share: number) => ({
  message,
  text: '',
  tokens,
  retained: share,
})

test('a message is what its pieces are, by their tokens, and a passage before it counts as it', () => {
  const pieces = [piece(0, 10, 0.2), piece(0, 30, 0.4), piece(1, 10, 1), piece(2, 10, 0.5)]
  const way = [{ text: 'one' }, { text: 'two' }]
  expect(retained(pieces, [0, 1, 1], way)).toEqual([0.35, 0.75])
})

test('what was read once more is there by its best reading; what was not traced yet is not told', () => {
  const way = [{ text: 'one' }, { text: 'two' }, { text: 'one' }, { text: 'three' }]
  expect(retained([piece(0, 4, 0.1), piece(1, 4, 0.3), piece(2, 4, 1)], [0, 1, 2], way)).toEqual([1, 0.3, 1])
})
