import { beforeAll, describe, expect, test } from 'vitest'
import { type AttentionShape, WINDOW_ALL } from '../../kernels/attention-shape.ts'
import { roundToHalf } from '../../kernels/half.ts'
import { type Slots, slotWriteReference } from '../../kernels/slot-write.ref.ts'
import { type WindowEntry, windowWriteReference } from '../../kernels/window-write.ref.ts'
import {
  attentionBuffers,
  compileDecode,
  type Layer,
  randomProjections,
  shapeOf,
} from '../support/attention.ts'
import { ODD, POCKET } from '../support/attention-cases.ts'
import { downloadF32, run, testDevice } from '../support/gpu.ts'
import { expectClose, seeded, uniform } from '../support/numerics.ts'

// One exp, three roundings per element: measured 1e-7 on SwiftShader, 4.1e-7 where there are only 4 elements.
const MAX_RMS = 1e-6

const SHAPES: readonly AttentionShape[] = [shapeOf(1, 1, 4, 1), POCKET, ODD]

let device: GPUDevice
beforeAll(async () => {
  device = await testDevice()
})

interface Inputs {
  readonly slots: Slots
  readonly ring: readonly WindowEntry[]
}

function makeInputs(
  shape: AttentionShape,
  capacity: number,
  gates: readonly [number, number] = [-2, 0],
): Inputs {
  const { kvHeads, headDim, slots } = shape
  const random = seeded(7)
  const halves = (length: number, min: number, max: number) =>
    uniform(random, length, min, max).map(roundToHalf)
  const size = kvHeads * headDim
  return {
    slots: {
      keySlots: uniform(random, size * slots, -1, 1),
      valueSlots: uniform(random, size * slots, -1, 1),
    },
    ring: Array.from({ length: capacity }, () => ({
      keys: halves(size, -2, 2),
      values: halves(size, -2, 2),
      logGates: halves(kvHeads * slots, ...gates),
    })),
  }
}

/** The slots after one decode step; without `row` the new token is NaN, which must not reach them. */
async function fold(
  shape: AttentionShape,
  layer: Layer,
  position: number,
  { slots, ring }: Inputs,
  row?: Float64Array,
) {
  const state = { position, sinks: [], ring, slots }
  const buffers = attentionBuffers(device, shape, layer, { capacity: ring.length, tokens: 1, state })
  device.queue.writeBuffer(buffers.step, 0, Uint32Array.of(position, 1))
  if (row) device.queue.writeBuffer(buffers.projections, 0, new Float32Array(row))
  const kernel = await compileDecode(device, shape)
  await run(device, [kernel.bind(buffers)])
  return {
    keySlots: await downloadF32(device, buffers.keySlots),
    valueSlots: await downloadF32(device, buffers.valueSlots),
  }
}

describe('the slots of hybrid_attend', () => {
  test.each(SHAPES)('match the f64 reference for H=$kvHeads D=$headDim M=$slots', async (shape) => {
    const inputs = makeInputs(shape, 5)
    const layer = { window: 4, slotsOn: true }
    for (const position of [4, 7, 1_000_003]) {
      const leaving = inputs.ring[(position - 4) % 5]!
      const expected = slotWriteReference(shape, inputs.slots, leaving)
      const actual = await fold(shape, layer, position, inputs)
      expectClose(`keySlots at ${position}`, actual.keySlots, expected.keySlots, MAX_RMS)
      expectClose(`valueSlots at ${position}`, actual.valueSlots, expected.valueSlots, MAX_RMS)
    }
  })

  test.each([1, 4])('take the new token itself where the window is 0, ring of %i', async (capacity) => {
    const shape = shapeOf(4, 2, 64, 32)
    const inputs = makeInputs(shape, capacity)
    const row = randomProjections(shape, seeded(8), 1)
    const actual = await fold(shape, { window: 0, slotsOn: true }, 9, inputs, row)
    const expected = slotWriteReference(shape, inputs.slots, windowWriteReference(shape, row))
    expectClose('keySlots', actual.keySlots, expected.keySlots, MAX_RMS)
    expectClose('valueSlots', actual.valueSlots, expected.valueSlots, MAX_RMS)
  })

  test.each([
    ['a gate of zero (keep everything)', { window: 4, slotsOn: true }, 9, 0],
    ['a token that has not left the window', { window: 4, slotsOn: true }, 3, -1],
    ['slots that are off', { window: 4, slotsOn: false }, 9, -1],
    ['a window that sees everything', { window: WINDOW_ALL, slotsOn: true }, 9, -1],
  ] as const)('stay bit-identical with %s', async (_, layer, position, gate) => {
    const shape = shapeOf(4, 2, 64, 32)
    const inputs = makeInputs(shape, 5, [gate, gate])
    const actual = await fold(shape, layer, position, inputs)
    expect(actual.keySlots).toEqual(new Float32Array(inputs.slots.keySlots))
    expect(actual.valueSlots).toEqual(new Float32Array(inputs.slots.valueSlots))
  })

  test('take a small share with the slowest gates: no rounding of 1 - exp', async () => {
    const shape = shapeOf(1, 1, 64, 32)
    const { ring } = makeInputs(shape, 1, [-6e-7, -1e-7])
    const empty = { keySlots: new Float64Array(64 * 32), valueSlots: new Float64Array(64 * 32) }
    const actual = await fold(shape, { window: 1, slotsOn: true }, 1, { ring, slots: empty })
    const expected = slotWriteReference(shape, empty, ring[0]!)
    expectClose('keySlots', actual.keySlots, expected.keySlots, MAX_RMS)
    expectClose('valueSlots', actual.valueSlots, expected.valueSlots, MAX_RMS)
  })

  test('are replaced by the fastest gates', async () => {
    const shape = shapeOf(1, 1, 64, 32)
    const inputs = makeInputs(shape, 1, [-12.5, -12.5])
    const actual = await fold(shape, { window: 1, slotsOn: true }, 1, inputs)
    const expected = slotWriteReference(shape, inputs.slots, inputs.ring[0]!)
    expectClose('valueSlots', actual.valueSlots, expected.valueSlots, MAX_RMS)
  })
})
