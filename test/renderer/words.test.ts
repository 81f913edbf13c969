import { expect, test } from 'vitest'
import { asTitle, formatBytes, formatPace, tokens } from '../../renderer/state/format.ts'
import { Sentences } from '../../renderer/state/sentences.ts'

test('sentences are said whole, once, and without marks', () => {
  const sentences = new Sentences()
  const said = ['Hello th', 'ere. How', ' are **you**?', ' Fine', '\n\n- one\n', '- two 3', '.5 end'].flatMap(
    (piece) => sentences.push(piece),
  )
  expect([...said, ...sentences.end()]).toEqual([
    'Hello there.',
    'How are you?',
    'Fine',
    '- one',
    '- two 3.5 end',
  ])
})

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 KB'],
  [412_672, '413 KB'],
  [999_900, '1.0 MB'],
  [11_204_608, '11.2 MB'],
  [7_340_032_000, '7.3 GB'],
])('%d bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text)
})

test('speeds and counts', () => {
  expect(formatPace({ tokens: 50, milliseconds: 1000 })).toBe('50')
  expect(formatPace({ tokens: 5, milliseconds: 1000 })).toBe('5.0')
  expect(formatPace({ tokens: 5, milliseconds: 0 })).toBe('')
  expect(formatPace(null)).toBe('')
  expect(asTitle('pocket')).toBe('Pocket')
  expect([tokens(1), tokens(12_345)]).toEqual(['1 token', '12,345 tokens'])
})
