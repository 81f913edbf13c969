import { describe, expect, it } from 'vitest'
import { stepRandom, stepText, stepWindow } from '../../../engine/hybridize/schedule.ts'

describe('a step', () => {
  it('reads a half of most texts again, in stretches of another order', () => {
    const text = [Array.from({ length: 160 }, (_, i) => i)]
    const drawn = Array.from({ length: 200 }, (_, i) => stepText(stepRandom(1, i), text))
    const again = drawn.filter((tokens) => tokens[100] !== 100)
    expect(again.length).toBeGreaterThan(110)
    expect(again.length).toBeLessThan(170)
    for (const tokens of again) {
      expect(tokens.slice(0, 80)).toEqual(text[0]?.slice(0, 80))
      expect([...tokens.slice(80)].sort((a, b) => a - b)).toEqual(text[0]?.slice(0, 80))
      const breaks = tokens.slice(81).filter((token, i) => token !== tokens[80 + i]! + 1)
      expect(breaks.length).toBeLessThanOrEqual(19)
      expect(breaks.length).toBeGreaterThan(0)
    }
  })

  it('drops the window in half of the steps at first, and in none at the end', () => {
    const dropped = (progress: number) =>
      Array.from({ length: 400 }, (_, i) => stepWindow(stepRandom(1, i), 64, progress)).filter((w) => w <= 16)
        .length
    const windows = Array.from({ length: 400 }, (_, i) => stepWindow(stepRandom(1, i), 64, 0))
    expect(Math.min(...windows.filter((w) => w > 16))).toBe(32)
    expect(Math.max(...windows)).toBe(64)
    expect(windows).toContain(0)
    expect(dropped(0)).toBeGreaterThan(160)
    expect(dropped(0)).toBeLessThan(240)
    expect(dropped(0.5)).toBeLessThan(120)
    expect(dropped(0.9)).toBe(0)
  })
})
