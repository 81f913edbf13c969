import { expect, test } from 'vitest'
import { encodeQ4 } from '../../../engine/formats/encode-q4.ts'
import { dequantize } from '../../../engine/model/stored-matrix.ts'
import { relativeRms, seeded, uniform } from '../../support/numerics.ts'

// Measured 0.0739 on normal weights with a fit, 0.0783 without, 0.0810 with a scale alone, however well searched.
const MAX_NORMAL_RMS = 0.075

/** What the weights become, read back as the reference reads them. */
function rounded(weights: Float32Array): Float64Array {
  const encoded = encodeQ4(weights)
  if (!encoded) throw new Error('the weights were refused')
  return dequantize({ rows: 1, cols: weights.length, format: 'q4', ...encoded })
}

test('normal weights lose no more than 7.5 % in 4 bits', () => {
  const random = seeded(1)
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  const weights = Float32Array.from({ length: 32 * 400 }, () => 0.02 * normal())
  expect(relativeRms(rounded(weights), Float64Array.from(weights))).toBeLessThan(MAX_NORMAL_RMS)
})

test('sixteen evenly spaced values, a constant and zeros come back exactly', () => {
  const even = Float32Array.from({ length: 32 }, (_, i) => 0.25 * ((i * 7) % 16) - 2)
  const weights = Float32Array.of(...even, ...new Float32Array(32).fill(-1.5), ...new Float32Array(32))
  expect(Array.from(rounded(weights))).toEqual(Array.from(weights))
})

test('a group with an outlier keeps its extremes within half a step', () => {
  const weights = new Float32Array(uniform(seeded(2), 32, -1, 1))
  weights[5] = 100
  const step = 101 / 15
  const error = rounded(weights).map((value, i) => Math.abs(value - (weights[i] ?? 0)))
  expect(Math.max(...error)).toBeLessThanOrEqual(0.52 * step)
})

test('what is not finite, or has no f16, is refused', () => {
  for (const bad of [NaN, Infinity, 1e30]) {
    expect(encodeQ4(new Float32Array(32).fill(0.5).fill(bad, 7, 8))).toBeNull()
  }
})
