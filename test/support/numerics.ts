import { expect } from 'vitest'

/** A seeded uniform source in [0, 1): mulberry32, so that a failing case can be replayed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Values already rounded to f32, so the reference sees exactly what the GPU sees. */
export function uniform(random: () => number, length: number, min: number, max: number): Float64Array {
  return Float64Array.from({ length }, () => Math.fround(min + (max - min) * random()))
}

/** Relative RMS of the difference: sqrt(Σ (a − e)² / Σ e²). */
export function relativeRms(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let squared = 0
  let base = 0
  for (let i = 0; i < expected.length; i++) {
    squared += (actual[i]! - expected[i]!) ** 2
    base += expected[i]! ** 2
  }
  return Math.sqrt(squared / Math.max(base, Number.MIN_VALUE))
}

/** Relative RMS error against the oracle, with the worst element named in the message. */
export function expectClose(
  label: string,
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  maxRms: number,
): void {
  expect(actual.length, `${label}: length`).toBe(expected.length)
  let worst = 0
  for (let i = 0; i < expected.length; i++) {
    const error = actual[i]! - expected[i]!
    if (!(Math.abs(error) <= Math.abs(actual[worst]! - expected[worst]!))) worst = i
  }
  const rms = relativeRms(actual, expected)
  const detail = `worst at ${worst}: got ${actual[worst]}, want ${expected[worst]}`
  expect(rms, `${label}: relative RMS ${rms.toExponential(2)}, ${detail}`).toBeLessThanOrEqual(maxRms)
}
