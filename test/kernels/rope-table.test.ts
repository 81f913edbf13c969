import { describe, expect, test } from 'vitest'
import { createRopeTable, inverseFrequencies } from '../../kernels/rope-table.ts'

const LLAMA3 = {
  type: 'llama3',
  factor: 8,
  lowFrequencyFactor: 1,
  highFrequencyFactor: 4,
  originalPositions: 8192,
} as const

describe('rope table', () => {
  test('frequencies fall from 1 as powers of theta', () => {
    expect([...inverseFrequencies(10_000, 8)]).toEqual([1, 10_000 ** -0.25, 10_000 ** -0.5, 10_000 ** -0.75])
  })

  test('llama3 scaling keeps the fast pairs, stretches the slow ones and goes between them without a step', () => {
    const plain = inverseFrequencies(500_000, 128)
    const scaled = inverseFrequencies(500_000, 128, LLAMA3)
    const ratios = [...scaled].map((frequency, i) => frequency / plain[i]!)
    // Values of the reference formula: a wavelength under 8192 / 4 is kept, over 8192 divided by 8.
    for (const [i, frequency] of plain.entries()) {
      const wavelength = (2 * Math.PI) / frequency
      if (wavelength < 2048) expect(ratios[i]).toBe(1)
      else if (wavelength > 8192) expect(ratios[i]).toBe(1 / 8)
      else expect(ratios[i]).toBeCloseTo(1 / 8 + (7 / 8) * ((8192 / wavelength - 1) / 3), 12)
    }
    expect(new Set(ratios).size).toBeGreaterThan(4)
  })

  test('holds the cosine and sine of every distance, rounded once', () => {
    const frequencies = inverseFrequencies(10_000, 64)
    const table = createRopeTable(2_000, 64, frequencies)
    expect(table.length).toBe(2_000 * 64)
    for (const [n, i] of [
      [0, 0],
      [1, 0],
      [1999, 0],
      [1999, 31],
      [777, 5],
    ] as const) {
      expect(table[n * 64 + 2 * i]).toBe(Math.fround(Math.cos(n * frequencies[i]!)))
      expect(table[n * 64 + 2 * i + 1]).toBe(Math.fround(Math.sin(n * frequencies[i]!)))
    }
  })

  test('refuses frequencies of another head dimension', () => {
    expect(() => createRopeTable(4, 64, inverseFrequencies(10_000, 32))).toThrow(
      'rope table: headDim 64 needs 32 frequencies, got 16',
    )
  })
})
