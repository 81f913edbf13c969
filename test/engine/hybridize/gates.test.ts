import { expect, it } from 'vitest'
import { constantDirection, firstGate } from '../../../engine/hybridize/gates.ts'
import { seeded } from '../../support/numerics.ts'

const SIZE = 16
const ROWS = 400
const SHAPE = { kvHeads: 2, headDim: 8, slots: 16, gateNormalizer: 8 }

it('begins with the key’s channels, in turn from both sides, and half-lives from 16 to 2,000 tokens', () => {
  const random = seeded(3)
  const { kvHeads, headDim, slots, gateNormalizer } = SHAPE
  const keys = Float32Array.from({ length: kvHeads * headDim * SIZE }, () => 2 * random() - 1)
  // What all hidden states have in common is their last channel.
  const hidden = Float32Array.from({ length: ROWS * SIZE }, (_, i) =>
    i % SIZE === SIZE - 1 ? 3 : 2 * random() - 1,
  )
  const gate = firstGate(SHAPE, keys, hidden)
  expect(gate).toHaveLength(kvHeads * slots * SIZE)
  for (let h = 0; h < kvHeads; h++) {
    for (let m = 0; m < slots; m++) {
      const row = gate.subarray((h * slots + m) * SIZE, (h * slots + m + 1) * SIZE)
      const channel = h * headDim + Math.floor((m * headDim) / slots)
      const key = keys.subarray(channel * SIZE, (channel + 1) * SIZE)
      expect(Math.sign(row[0]! / key[0]!)).toBe(m % 2 === 0 ? 1 : -1)
      let fading = 0
      for (let t = 0; t < ROWS; t++) {
        let z = 0
        for (let c = 0; c < SIZE; c++) z += row[c]! * hidden[t * SIZE + c]!
        fading += Math.log1p(Math.exp(-z)) / gateNormalizer / ROWS
      }
      const halfLife = Math.LN2 / fading
      expect(halfLife / (16 * 125 ** (m / (slots - 1))), `slot ${m}`).toBeCloseTo(1, 1)
    }
  }
})

it('finds the direction that every row has in common', () => {
  const random = seeded(5)
  const rows = Float32Array.from({ length: 200 * 6 }, (_, i) => (i % 6 === 2 ? 3 : 2 * random() - 1))
  const direction = constantDirection(rows, 6)
  expect(direction[2]!).toBeCloseTo(1 / 3, 2)
})
