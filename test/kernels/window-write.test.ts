import { beforeAll, describe, expect, test } from 'vitest'
import { type AttentionShape, windowBytes } from '../../kernels/attention-shape.ts'
import { halfFromNumber, numberFromHalf } from '../../kernels/half.ts'
import { createWindowWrite } from '../../kernels/window-write.ts'
import { projectionRow, type WindowEntry, windowWriteReference } from '../../kernels/window-write.ref.ts'
import { shapeOf } from '../support/attention.ts'
import { ODD, POCKET } from '../support/attention-cases.ts'
import { downloadU32, poisoned, run, testDevice, upload, uploadStep } from '../support/gpu.ts'
import { seeded, uniform } from '../support/numerics.ts'

const SHAPES: readonly AttentionShape[] = [
  shapeOf(1, 1, 4, 1),
  POCKET,
  ODD,
  { ...shapeOf(7, 1, 128, 0), rowSize: 1160 }, // a layer that leaves its slots alone: rows are longer than needed
]

// WGSL lets pack2x16float give either neighbour. Measured on SwiftShader: the nearest, except where the f32 gate itself
// falls within one f32 rounding of the middle: so at most one step, and for keys and values none.
const MAX_STEPS = 1

let device: GPUDevice
beforeAll(async () => {
  device = await testDevice()
})

interface Call {
  readonly destination: 'ring' | 'chunk'
  readonly capacity: number
  readonly position: number
  readonly sinks?: number
}

/** The three buffers as f16 bits. */
async function write(shape: AttentionShape, projections: Float64Array, call: Call) {
  const tokens = projections.length / shape.rowSize
  const { sinks = 0 } = call
  const bytes = windowBytes(shape, sinks + call.capacity)
  const [windowKeys, windowValues, windowGates] = [bytes.keys, bytes.values, bytes.gates].map((size) =>
    poisoned(device, Math.max(size / 4, 1)),
  ) as [GPUBuffer, GPUBuffer, GPUBuffer]
  const kernel = await createWindowWrite(device, shape, { destination: call.destination })
  const step = uploadStep(device, call.position, tokens)
  const layer = upload(device, Uint32Array.of(8, 1, sinks))
  const window = { windowKeys, windowValues, windowGates }
  const buffers = { step, layer, projections: upload(device, projections), ...window }
  await run(device, [kernel.bind(buffers)], tokens)
  const halves = async (buffer: GPUBuffer): Promise<Uint16Array> =>
    new Uint16Array((await downloadU32(device, buffer)).buffer)
  return {
    keys: await halves(windowKeys),
    values: await halves(windowValues),
    gates: await halves(windowGates),
  }
}

function makeProjections(shape: AttentionShape, tokens: number): Float64Array {
  return uniform(seeded(42), tokens * shape.rowSize, -30, 30)
}

function expectEntry(
  shape: AttentionShape,
  actual: Awaited<ReturnType<typeof write>>,
  index: number,
  { keys, values, logGates }: WindowEntry,
): void {
  const { kvHeads, headDim, slots } = shape
  const size = kvHeads * headDim
  const gateRow = slots + (slots % 2)
  expect([...actual.keys.subarray(index * size, (index + 1) * size)]).toEqual([...keys].map(halfFromNumber))
  expect([...actual.values.subarray(index * size, (index + 1) * size)]).toEqual(
    [...values].map(halfFromNumber),
  )
  for (const [n, logGate] of logGates.entries()) {
    const at = (index * kvHeads + Math.floor(n / slots)) * gateRow + (n % slots)
    // Without the sign bit: the smallest gates round to 0 or to -0.
    const steps = Math.abs((actual.gates[at]! & 0x7fff) - (halfFromNumber(logGate) & 0x7fff))
    expect(numberFromHalf(actual.gates[at]!)).toBeLessThanOrEqual(0)
    expect(steps, `gate ${n}: got ${numberFromHalf(actual.gates[at]!)}, want ${logGate}`).toBeLessThanOrEqual(
      MAX_STEPS,
    )
  }
}

describe('window_write', () => {
  test.each(SHAPES)(
    'writes a chunk as the reference does for H=$kvHeads D=$headDim M=$slots',
    async (shape) => {
      const projections = makeProjections(shape, 5)
      const actual = await write(shape, projections, { destination: 'chunk', capacity: 5, position: 1_000 })
      for (let i = 0; i < 5; i++) {
        expectEntry(shape, actual, i, windowWriteReference(shape, projectionRow(shape, projections, i)))
      }
    },
  )

  test('puts token t at t % capacity of the ring and keeps the last tokens of a long call', async () => {
    const shape = ODD
    const projections = makeProjections(shape, 7)
    const actual = await write(shape, projections, { destination: 'ring', capacity: 3, position: 1_000_000 })
    for (const i of [4, 5, 6]) {
      const entry = windowWriteReference(shape, projectionRow(shape, projections, i))
      expectEntry(shape, actual, (1_000_000 + i) % 3, entry)
    }
  })

  test.each([
    [0, [0, 1, 2, 3, 4]],
    [3, [2, 0, 1, 2]],
    [1_000_000, [1, 2]],
  ])('gives sinks rows of their own, from position %i on', async (position, places) => {
    const shape = shapeOf(4, 2, 64, 32)
    const sinks = 2
    const capacity = 3
    const projections = makeProjections(shape, places.length)
    const actual = await write(shape, projections, { destination: 'ring', capacity, position, sinks })
    for (const i of places.keys()) {
      const j = position + i
      if (j >= sinks && i + capacity < places.length) continue
      const row = j < sinks ? j : sinks + ((j - sinks) % capacity)
      expectEntry(shape, actual, row, windowWriteReference(shape, projectionRow(shape, projections, i)))
    }
  })

  test('leaves ring entries of other positions untouched', async () => {
    const shape = POCKET
    const actual = await write(shape, makeProjections(shape, 2), {
      destination: 'ring',
      capacity: 4,
      position: 3,
    })
    const row = 4 * 64
    expect([...actual.keys.subarray(row, 3 * row)]).toEqual(
      Array.from({ length: 2 * row }, (_, i) => (i % 2 ? 0x7fc0 : 0)),
    )
  })

  test('gates from -100 to 100 keep their sign, their order and a relative error of one f16 step', async () => {
    const shape = { ...shapeOf(1, 1, 4, 128), gateNormalizer: 8 }
    const gates = Float64Array.from({ length: 128 }, (_, m) => Math.fround(-100 + (200 * m) / 127))
    const projections = Float64Array.of(...new Float64Array(12), ...gates)
    const actual = await write(shape, projections, { destination: 'chunk', capacity: 1, position: 0 })
    expectEntry(shape, actual, 0, windowWriteReference(shape, projections))
    expect(numberFromHalf(actual.gates[0]!)).toBe(-12.5)
    expect(actual.gates[127]! & 0x7fff).toBe(0)
  })

  test('values too large for f16 become the largest f16, never infinity', async () => {
    const shape = shapeOf(1, 1, 4, 0)
    const projections = Float64Array.of(0, 0, 0, 0, 1e6, -1e6, 65504, 65519, 1e30, -1e30, 0, 1)
    const { keys, values } = await write(shape, projections, {
      destination: 'chunk',
      capacity: 1,
      position: 0,
    })
    expect([...keys].map(numberFromHalf)).toEqual([65504, -65504, 65504, 65504])
    expect([...values].map(numberFromHalf)).toEqual([65504, -65504, 0, 1])
  })

  test('refuses a shape it cannot run, naming the field', async () => {
    const create = (shape: AttentionShape) => createWindowWrite(device, shape, { destination: 'ring' })
    await expect(create(shapeOf(4, 3, 64, 64))).rejects.toThrow(
      'window_write_ring: queryHeads must be 1 to 8 times kvHeads, got 4 for 3',
    )
    await expect(create(shapeOf(4, 4, 62, 64))).rejects.toThrow(
      'window_write_ring: headDim must be a multiple of 4 and at most 256, got 62',
    )
    await expect(create(shapeOf(4, 4, 64, 129))).rejects.toThrow(
      'window_write_ring: slots must be an integer from 0 to 128, got 129',
    )
    await expect(create({ ...POCKET, gateNormalizer: 0 })).rejects.toThrow(
      'window_write_ring: gateNormalizer must be a positive number, got 0',
    )
  })
})
