import { expect, test } from 'vitest'
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

test.each([
  [{ passes_on_after: 'I find only this:' }, 'I find only this:'],
  [{ passes_on_after: 7 }, ''],
  [{}, ''],
  [null, ''],
  [[], ''],
])('generation_config.json %o: “%s”', (config, opening) => {
  expect(openingOf(config)).toBe(opening)
})
