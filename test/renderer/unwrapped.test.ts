import { expect, test } from 'vitest'
import { unwrapped } from '../../renderer/documents/unwrapped.ts'

const FULL = 'ignorant little girl she’ll think me for asking! No,'

test.each([
  ['the break after a full line is a space', `${FULL}\nit’ll never do to`, `${FULL} it’ll never do to`],
  ['a paragraph ends where it ended', `${FULL}\n\nDown, down, down.`, `${FULL}\n\nDown, down, down.`],
  [
    'a poem keeps its lines',
    'How doth the little\nImprove his tail',
    'How doth the little\nImprove his tail',
  ],
  ['a list keeps its points', `- ${FULL}\n- two\n1. three`, `- ${FULL}\n- two\n1. three`],
  ['a line that is set in stays so', `${FULL}\n  set in`, `${FULL}\n  set in`],
  ['nothing at all', '', ''],
])('%s, and every character stays at its place', (_what, text, shown) => {
  expect(unwrapped(text)).toBe(shown)
  expect(unwrapped(text)).toHaveLength(text.length)
})
