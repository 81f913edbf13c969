import { describe, expect, test } from 'vitest'
import { chart } from '../../bin/recall/chart.ts'
import { drawWorld } from '../../engine/recall/facts.ts'
import { createFiller } from '../../engine/recall/filler.ts'
import { isRefusal, isRight, wilson } from '../../engine/recall/judge.ts'
import type { Mode } from '../../bin/recall/measure.ts'
import { invented, SEEN, UNSEEN } from '../../engine/recall/words.ts'
import { seeded } from '../support/numerics.ts'

describe('facts', () => {
  test('the same seed draws the same facts, another one others', () => {
    expect(drawWorld(seeded(7), 16, 2, true)).toEqual(drawWorld(seeded(7), 16, 2, true))
    expect(drawWorld(seeded(8), 16, 2, true)).not.toEqual(drawWorld(seeded(7), 16, 2, true))
  })

  test('64 facts: every question has one answer, every value stands once, seen and unseen take turns', () => {
    for (let seed = 0; seed < 20; seed++) {
      const { told, untold } = drawWorld(seeded(seed), 64, 2, false)
      const all = [...told, ...untold]
      expect(told).toHaveLength(64)
      expect(untold).toHaveLength(2)
      expect(new Set(all.map(({ ask }) => ask)).size).toBe(66)
      expect(all.filter(({ seen }) => seen)).toHaveLength(33)
      expect(told[0]?.seen).toBe(false)
      for (const { tell, ask, value } of all) {
        expect(tell).toContain(value)
        expect(ask).not.toContain(value)
        expect(`${tell}${ask}`).not.toMatch(/[{}]/)
        expect(all.filter((other) => isRight(other.tell, value))).toHaveLength(1)
      }
    }
  })

  test('the fact told anew has another value than before, and its question names neither', () => {
    for (let seed = 0; seed < 20; seed++) {
      const { told, updated } = drawWorld(seeded(seed), 4, 2, true)
      expect(updated.tell).toContain(updated.value)
      expect(isRight(updated.first, updated.value)).toBe(false)
      expect(updated.ask).not.toContain(updated.value)
      expect(updated.tell).toMatch(/^Actually,| now /)
      expect(told.map(({ ask }) => ask)).not.toContain(updated.ask)
    }
  })

  test('what is unseen stands in no list of training', () => {
    const seen = new Set(Object.values(SEEN).flat())
    for (const word of Object.values(UNSEEN).flat()) expect(seen).not.toContain(word)
    const random = seeded(3)
    const names = Array.from({ length: 200 }, () => invented(random))
    for (const name of names) expect(name).toMatch(/^[A-Z][a-z]+$/)
    expect(new Set(names).size).toBeGreaterThan(190)
  })
})

describe('the chart', () => {
  test('a panel for each number of facts, a line for each attention, seen and unseen together', () => {
    const row = (attention: Mode, distance: number, facts: number, seen: boolean, right: number) => ({
      attention,
      distance,
      facts,
      seen,
      right,
      ...wilson(right, 4),
    })
    const rows = [
      row('nha', 40, 1, true, 4),
      row('nha', 40, 1, false, 2),
      row('nha', 2000, 1, true, 0),
      row('full', 40, 1, true, 4),
      row('nha', 40, 8, true, 1),
    ]
    const svg = chart({ model: 'pocket', seed: 1, rounds: [1], rows, updates: [], refusals: {} })
    const panels = svg.split('<g transform').filter((part) => part.includes('told<'))
    expect(panels).toHaveLength(2)
    // Three quarters right at the left edge, none at the right one, in a panel 220 high and 300 wide.
    expect(panels[0]).toContain('<polyline class="nha" points="0,55.0 300,220.0"')
    expect(panels[0]).toContain('<polyline class="full" points="0,0.0"')
    expect(panels[1]).toContain('8 facts told')
    expect(svg).not.toContain('window-only"')
  })
})

describe('filler', () => {
  test.each([null, 'The whale swam on. '.repeat(50)])(
    'messages are about as long as asked, and seeded',
    (text) => {
      const filler = createFiller(seeded(4), text)
      const again = createFiller(seeded(4), text)
      for (const characters of [20, 80, 200, 450, 5000]) {
        const messages = filler(characters)
        expect(again(characters)).toEqual(messages)
        const length = messages.reduce((sum, { content }) => sum + content.length, 0)
        expect(length).toBeGreaterThan(0)
        expect(length).toBeLessThanOrEqual(Math.min(500, Math.max(80, characters)) + 10)
      }
    },
  )

  test('passages of a file follow one another and begin anew at its end', () => {
    const words = Array.from({ length: 100 }, (_, i) => `w${i}`)
    const filler = createFiller(seeded(1), words.join('\n'))
    const read = Array.from({ length: 6 }, () => filler(100).map(({ content }) => content)).flat()
    const numbers = read.flatMap((text) => text.split(' ')).map((word) => Number(word.slice(1)))
    for (const [i, number] of numbers.entries()) expect(number).toBe(((numbers[0] ?? 0) + i) % 100)
    expect(numbers.length).toBeGreaterThan(100)
  })
})

describe('judging', () => {
  test.each([
    ['Your name is Mira.', 'Mira', true],
    ['your name is MIRA!', 'Mira', true],
    ['Your name is Miranda.', 'Mira', false],
    ['The code of the door is 4821.', '4821', true],
    ['The code of the door is 48210.', '4821', false],
    ["Mira's dog", 'Mira', true],
    ['', 'Mira', false],
  ])('%j with %j: %s', (answer, value, right) => {
    expect(isRight(answer, value)).toBe(right)
  })

  test.each([
    ['You have not told me your name.', true],
    ["You haven't told me where Anna lives.", true],
    ['You have told me your name.', false],
    ['I am not sure. I find only this: My dog is called Rex.', true],
    ['Your name is Mira.', false],
  ])('%j is a refusal: %s', (answer, refusal) => {
    expect(isRefusal(answer)).toBe(refusal)
  })
})

describe("Wilson's interval", () => {
  // Computed apart, as the roots p of (p̂ − p)² = z²·p·(1 − p)/n with z = 1.959964.
  test.each([
    [0, 10, 0, 0.278],
    [5, 10, 0.237, 0.763],
    [10, 10, 0.722, 1],
    [81, 263, 0.255, 0.366],
  ])('%i of %i', (hits, asked, low, high) => {
    expect(wilson(hits, asked)).toEqual({
      asked,
      share: Math.round((1000 * hits) / asked) / 1000,
      low,
      high,
    })
  })

  test('nothing asked, nothing known', () => {
    expect(wilson(0, 0)).toEqual({ asked: 0, share: 0, low: 0, high: 1 })
  })
})
