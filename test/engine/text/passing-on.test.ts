import { expect, test } from 'vitest'
import { openingOf, PassingOn } from '../../../engine/text/passing-on.ts'

const OPENING = [1, 2, 3]
const WORDS = [7, 8, 9]

/** What comes of what the model would say. */
function said(wanted: readonly number[]): number[] {
  const passingOn = new PassingOn(OPENING, WORDS, 0)
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
  [{ passes_on_after: 'I find only this:' }, 'I find only this:', 0],
  [{ passes_on_after: 'Only:', passes_on_by: 1.5 }, 'Only:', 1.5],
  [{ passes_on_after: 'Only:', passes_on_by: Infinity }, 'Only:', 0],
  [{ passes_on_after: 7, passes_on_by: '2' }, '', 0],
  [{}, '', 0],
  [null, '', 0],
  [[], '', 0],
])('generation_config.json %o: “%s”, %d nats', (config, words, by) => {
  expect(openingOf(config)).toEqual({ words, by })
})

test('its first token is raised where the answer begins, or nothing is', () => {
  expect(new PassingOn(OPENING, WORDS, 2).bias).toEqual({ nats: new Map([[1, 2]]), tokens: 1 })
  expect(new PassingOn(OPENING, WORDS, 0).bias.nats.size).toBe(0)
})
