import { expect, test } from 'vitest'
import { byteTokenizer } from '../../support/scripted-sequence.ts'
import { openingOf, PassingOn } from '../../../engine/text/passing-on.ts'

const OPENING = [1, 2, 3]
const WORDS = [7, 8, 9]

/** What comes of what the model would say. */
function said(wanted: readonly number[]): number[] {
  const passingOn = new PassingOn(OPENING, WORDS)
  return wanted.map((token) => {
    const said = passingOn.next ?? token
    passingOn.accept(said)
    return said
  })
}

test.each([
  ['after its opening come the words, whatever is wanted', [1, 2, 3, 7, 5, 5], [1, 2, 3, 7, 8, 9]],
  ['behind them it is as before', [1, 2, 3, 0, 0, 0, 4], [1, 2, 3, 7, 8, 9, 4]],
  ['another beginning is left alone', [1, 2, 4, 3, 1, 2, 3, 5], [1, 2, 4, 3, 1, 2, 3, 5]],
  ['so is the opening later on', [6, 1, 2, 3, 5], [6, 1, 2, 3, 5]],
  ['and half of it', [1, 2], [1, 2]],
])('%s', (_, wanted, expected) => {
  expect(said(wanted)).toEqual(expected)
})

test('with no opening the words come at once, whatever is wanted', () => {
  const passingOn = new PassingOn([], [...OPENING, ...WORDS])
  const said = [5, 5, 5, 5, 5, 5, 5].map((token) => {
    const next = passingOn.next ?? token
    passingOn.accept(next)
    return next
  })
  expect(said).toEqual([1, 2, 3, 7, 8, 9, 5])
})

test.each([
  [{ passes_on_after: 'I find only this:' }, 'I find only this:', []],
  [{ passes_on_after: 'Only:', passes_on_by: 1.5 }, 'Only:', [['O', 1.5]]],
  [{ passes_on_after: 'Only:', passes_on_by: 0 }, 'Only:', []],
  [{ passes_on_after: 'Only:', passes_on_by: Infinity }, 'Only:', []],
  [{ passes_on_after: '', passes_on_by: 1 }, '', []],
  [{ passes_on_after: 7, passes_on_by: '2' }, '', []],
  [{}, '', []],
  [null, '', []],
  [[], '', []],
] as const)(
  'generation_config.json %o: “%s”, its first token raised where an answer begins: %o',
  (config, words, raised) => {
    const { tokens, bias } = openingOf(config, byteTokenizer)
    expect(tokens).toEqual(byteTokenizer.encode(words))
    const nats = new Map(raised.map(([first, by]) => [byteTokenizer.encode(first)[0], by]))
    expect(bias).toEqual({ nats, tokens: 1 })
  },
)

test.each([
  [{ finds_with: 'Here:' }, 'Here:'],
  [{ finds_with: 7 }, ''],
  [{}, ''],
])('generation_config.json %o: it finds with “%s”', (config, words) => {
  expect(openingOf(config, byteTokenizer).finding).toEqual(byteTokenizer.encode(words))
})

test.each([
  [{ declines_with: 'Not there.' }, 'Not there.'],
  [{ declines_with: 7 }, ''],
  [{}, ''],
  [null, ''],
])('generation_config.json %o: it declines with “%s”', (config, words) => {
  expect(openingOf(config, byteTokenizer).declining).toEqual(byteTokenizer.encode(words))
})
