import { expect, test } from 'vitest'
import { createGpuModel } from '../../../engine/model/model.ts'
import { createReferenceModel } from '../../../engine/model/model.ref.ts'
import { sequenceOptions } from '../../../engine/model/sequence.ts'
import { Lineage } from '../../../engine/inspect/lineage.ts'
import { testDevice } from '../../support/gpu.ts'
import { gpuOptions, loadTiny, tokensOf } from '../../support/loaded-model.ts'
import { seeded } from '../../support/numerics.ts'

const [HEADS, SLOTS] = [2, 3]
const SIZE = HEADS * SLOTS

/** Writes as the kernels tell them: at token i of the text, what each slot takes of the token that leaves then. */
function randomWrites(tokens: number, window: number, sinks: number): Float64Array[] {
  const random = seeded(3)
  return Array.from({ length: tokens }, (_, t) =>
    Float64Array.from({ length: SIZE }, () => (t >= window + sinks ? random() ** 3 : 0)),
  )
}

/** The text in calls of these lengths, its pieces being of four tokens. */
function lineageOf(writes: readonly Float64Array[], window: number, sinks: number, call: number): Lineage {
  const lineage = new Lineage([{ window, sinks, usesSlots: true }], HEADS, SLOTS)
  for (let start = 0; start < writes.length; start += call) {
    const part = writes.slice(start, start + call)
    for (let t = start; t < start + part.length; t++) {
      if (t % 4 === 0) lineage.begin()
      lineage.read(1)
    }
    lineage.add(start, part.length, [Float32Array.from(part.flatMap((each) => [...each]))])
  }
  return lineage
}

test.each([
  { window: 0, sinks: 0 },
  { window: 3, sinks: 2 },
  { window: 7, sinks: 0 },
])(
  'weights, ages and half-lives are those of the sum over all tokens, W=$window S=$sinks',
  ({ window, sinks }) => {
    const tokens = 30
    const writes = randomWrites(tokens, window, sinks)
    for (const call of [1, 7, 30]) {
      const { slots } = lineageOf(writes, window, sinks, call)
      for (const [at, slot] of slots.entries()) {
        const weight = (t: number): number =>
          writes.slice(t + 1).reduce((left, later) => left * (1 - later[at]!), writes[t]![at]!)
        const byPiece = new Map<number, number>()
        let [written, moment, log] = [0, 0, 0]
        for (let t = window + sinks; t < tokens; t++) {
          const leaving = t - window
          written += weight(t)
          moment += weight(t) * leaving
          log += Math.log(1 - writes[t]![at]!)
          byPiece.set(Math.floor(leaving / 4), (byPiece.get(Math.floor(leaving / 4)) ?? 0) + weight(t))
        }
        const [piece, share] = [...byPiece].sort(([, a], [, b]) => b - a)[0]!
        expect(slot.written).toBeCloseTo(written, 5)
        expect(slot.age).toBeCloseTo(tokens - 1 - moment / written, 3)
        expect(slot.halfLife).toBeCloseTo((-Math.LN2 * (tokens - window - sinks)) / log, 3)
        expect(slot.writers[0]?.piece).toBe(piece)
        expect(slot.writers[0]?.share).toBeCloseTo(share, 5)
      }
    }
  },
)

test('what is retained is whole in the window and fades by the gates behind it', () => {
  const constant = 0.25
  const writes = Array.from({ length: 12 }, (_, t) => new Float64Array(SIZE).fill(t >= 4 ? constant : 0))
  const lineage = lineageOf(writes, 4, 0, 5)
  // Tokens 8 to 11 are in the window; 4 to 7 left last, 0 to 3 before them.
  expect(lineage.retained(2)).toBe(1)
  const left = (after: readonly number[]) =>
    after.reduce((sum, steps) => sum + (1 - constant) ** steps, 0) / after.length
  expect(lineage.retained(1)).toBeCloseTo(left([3, 2, 1, 0]), 5)
  expect(lineage.retained(0)).toBeCloseTo(left([7, 6, 5, 4]), 5)
})

test('a layer without slots keeps its window and its sinks', () => {
  const lineage = new Lineage([{ window: 4, sinks: 2, usesSlots: false }], HEADS, SLOTS)
  lineage.begin()
  lineage.read(6)
  lineage.begin()
  lineage.read(4)
  expect(lineage.retained(0)).toBeCloseTo(2 / 6, 9)
  expect(lineage.retained(1)).toBe(1)
  expect(lineage.slots).toEqual([])
})

test('the GPU tells what the slots took as the reference does, whatever the windows', async () => {
  const { config, checkpoint } = await loadTiny({ windows: [0, 6], sinks: 2, slots: 5 })
  const options = sequenceOptions(config, { attention: 'nha', window: null })
  const model = await createGpuModel(gpuOptions(await testDevice(), config, checkpoint))
  const reference = await (await createReferenceModel(config, checkpoint)).createSequence(options)
  const sequence = await model.createSequence(options)
  for (const length of [5, 1, 20]) {
    const tokens = tokensOf(config.vocabSize, length)
    const written = []
    for (const each of [reference, sequence]) {
      await each.inspect(true)
      await each.prefill(tokens, 1)
      written.push(await each.slotWrites())
    }
    const [expected, actual] = written
    for (const layer of [0, 1]) {
      expect(actual?.[layer]?.length).toBe(length * config.kvHeads * config.slots)
      // f16 gates that were rounded the other way: measured 1.2e-4.
      for (const [i, share] of expected?.[layer]?.entries() ?? [])
        expect(Math.abs(share - (actual?.[layer]?.[i] ?? 9))).toBeLessThan(1e-3)
    }
  }
  expect((await sequence.slotWrites())?.[0]?.some((share) => share > 0)).toBe(true)
  model.dispose()
})
