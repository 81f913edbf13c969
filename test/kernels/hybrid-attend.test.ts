import { beforeAll, describe, expect, test } from 'vitest'
import { type AttentionShape, WINDOW_ALL } from '../../kernels/attention-shape.ts'
import { attendScratchBytes, createHybridAttend } from '../../kernels/hybrid-attend.ts'
import {
  type AttentionState,
  emptyAttentionState,
  hybridAttendReference,
} from '../../kernels/hybrid-attend.ref.ts'
import { headNormReference } from '../../kernels/head-norm.ref.ts'
import { createWindowWrite } from '../../kernels/window-write.ts'
import {
  attentionBuffers,
  compileDecode,
  decodeRows,
  frequenciesOf,
  fullAttention,
  type Layer,
  type ProjectionRanges,
  randomProjections,
  shapeOf,
  stateAt,
} from '../support/attention.ts'
import {
  COUNTED,
  expectAttended,
  MAX_PLACE_RMS,
  MAX_RMS,
  NO_SLOTS,
  ODD,
  POCKET,
  SHAPES,
  UNTRAINED,
  WIDE_GROUP,
  WINDOWS,
} from '../support/attention-cases.ts'
import { downloadF32, downloadU32, poisoned, testDevice, upload } from '../support/gpu.ts'
import { expectClose, relativeRms, seeded, uniform } from '../support/numerics.ts'

const SMALLEST = shapeOf(1, 1, 4, 1)
const TWO_GROUPS = shapeOf(8, 1, 16, 6)

let device: GPUDevice
beforeAll(async () => {
  device = await testDevice()
})

interface Start {
  readonly capacity?: number
  readonly state?: AttentionState
  readonly norms?: Norms
  /** invocations that share a column; else as many as suit the device */
  readonly lanes?: number | undefined
}

/** Norms of q and k, before the attention that the reference knows. */
interface Norms {
  readonly epsilon: number
  /** [D] */
  readonly queryNorm: Float64Array
  /** [D] */
  readonly keyNorm: Float64Array
}

/** Decode every row on the GPU; the layer's slots after it come along. */
async function decode(
  shape: AttentionShape,
  layer: Layer,
  projections: Float64Array,
  {
    capacity = Math.max(layer.window, 1),
    state = emptyAttentionState(shape, capacity),
    norms,
    lanes,
  }: Start = {},
) {
  const weights = norms && {
    queryNorm: upload(device, norms.queryNorm),
    keyNorm: upload(device, norms.keyNorm),
  }
  const kernel = await (norms || lanes
    ? createHybridAttend(device, shape, norms ? { epsilon: norms.epsilon } : null, lanes)
    : compileDecode(device, shape))
  const buffers = attentionBuffers(device, shape, layer, { capacity, tokens: 1, state })
  const dispatches = [kernel.bind({ ...buffers, ...weights })]
  const output = await decodeRows(device, shape, { buffers, dispatches }, state.position, projections)
  return {
    output,
    keySlots: await downloadF32(device, buffers.keySlots),
    valueSlots: await downloadF32(device, buffers.valueSlots),
  }
}

async function expectReference(
  shape: AttentionShape,
  layer: Layer,
  projections: Float64Array,
  state: AttentionState,
  lanes?: number,
): Promise<void> {
  const actual = await decode(shape, layer, projections, { capacity: state.ring.length, state, lanes })
  expectAttended(actual, shape, layer, projections, state)
}

describe('hybrid_attend', () => {
  test.each([...SHAPES, shapeOf(8, 1, 256, 128)])(
    'matches the f64 reference at every window, Q=$queryHeads H=$kvHeads D=$headDim M=$slots',
    async (shape) => {
      for (const window of WINDOWS) {
        const random = seeded(window)
        const state = stateAt(shape, random, 290, window === WINDOW_ALL ? 300 : Math.max(window, 1))
        const projections = randomProjections(shape, random, 2)
        await expectReference(shape, { window, slotsOn: true }, projections, state)
      }
    },
  )

  test.each([0, 1, 5])(
    'matches from the first token on to four windows and three, window %i',
    async (window) => {
      for (const shape of [ODD, COUNTED, UNTRAINED]) {
        const projections = randomProjections(shape, seeded(1), 4 * window + 3)
        const state = emptyAttentionState(shape, Math.max(window, 1))
        await expectReference(shape, { window, slotsOn: true }, projections, state)
      }
    },
  )

  test.each([
    [ODD, 5, 4],
    [COUNTED, 3, 6],
    [WIDE_GROUP, 0, 1],
    [UNTRAINED, 5, 4],
    [NO_SLOTS, 4, 4],
  ])('keeps sinks, from the first token on, %o, window %i, %i sinks', async (shape, window, sinks) => {
    const projections = randomProjections(shape, seeded(12), 3 * window + sinks + 3)
    const state = emptyAttentionState(shape, Math.max(window, 1))
    await expectReference(shape, { window, slotsOn: true, sinks }, projections, state)
  })

  test.each([1, 32])('a window that fills more than one split is merged, %i lanes', async (lanes) => {
    const layer = { window: 8_300, slotsOn: true, sinks: 4 }
    const state = stateAt(SMALLEST, seeded(13), 8_400, 8_300, { sinks: 4 })
    await expectReference(SMALLEST, layer, randomProjections(SMALLEST, seeded(14), 2), state, lanes)
  })

  test.each([
    [ODD, 5, 2, 0],
    [TWO_GROUPS, 0, 1, 0],
    [ODD, 64, 4, 290],
  ])(
    'lanes that share a column match too, %o, window %i, %i sinks, from %i',
    async (shape, window, sinks, position) => {
      const layer = { window, slotsOn: true, sinks }
      const capacity = Math.max(window, 1)
      const isNew = position === 0
      const state = isNew
        ? emptyAttentionState(shape, capacity)
        : stateAt(shape, seeded(15), position, capacity, { sinks })
      const projections = randomProjections(shape, seeded(16), isNew ? 2 * window + sinks + 3 : 3)
      await expectReference(shape, layer, projections, state, 32)
    },
  )

  test('with sinks equals full causal attention while T <= W + S, and parts from it then', async () => {
    const layer = { window: 20, slotsOn: true, sinks: 4 }
    const projections = randomProjections(ODD, seeded(5), 25)
    const { output } = await decode(ODD, layer, projections)
    const expected = fullAttention(ODD, projections, 25)
    const width = ODD.queryHeads * ODD.headDim
    expectClose('output', output.subarray(0, 24 * width), expected.subarray(0, 24 * width), MAX_RMS)
    expect(relativeRms(output.subarray(24 * width), expected.subarray(24 * width))).toBeGreaterThan(1e-2)
  })

  test('without slots only the window is read, and the slots keep still', async () => {
    const state = stateAt(POCKET, seeded(3), 100, 32)
    const projections = randomProjections(POCKET, seeded(4), 2)
    await expectReference(POCKET, { window: 32, slotsOn: false }, projections, state)
  })

  test.each([64, WINDOW_ALL])('equals full causal attention while T <= W, window %i', async (window) => {
    const projections = randomProjections(ODD, seeded(5), 40)
    const { output } = await decode(ODD, { window, slotsOn: true }, projections, { capacity: 64 })
    expectClose('output', output, fullAttention(ODD, projections, 40), MAX_RMS)
  })

  test('answers the same at position 1,000,000 as at 1,000, and bit for bit a second time', async () => {
    const layer = { window: 64, slotsOn: true, sinks: 4 }
    const projections = randomProjections(ODD, seeded(6), 3)
    const at = (position: number) =>
      decode(ODD, layer, projections, {
        capacity: 67,
        state: stateAt(ODD, seeded(7), position, 67, { sinks: 4 }),
      })
    const near = await at(1_000)
    expect(await at(1_000)).toEqual(near)
    const far = await at(1_000_000)
    for (const name of ['output', 'keySlots', 'valueSlots'] as const)
      expectClose(name, far[name], Float64Array.from(near[name]), MAX_PLACE_RMS)
  })

  test('answers bit for bit the same from a ring that is larger, and so split', async () => {
    const layer = { window: 32, slotsOn: true, sinks: 3 }
    const projections = randomProjections(ODD, seeded(8), 38)
    for (const lanes of [1, 32]) {
      const small = await decode(ODD, layer, projections, { capacity: 32, lanes })
      expect(await decode(ODD, layer, projections, { capacity: 8_200, lanes })).toEqual(small)
    }
  })

  test('scores of 10,000 and gates of 60 either way leave no NaN and match', async () => {
    const ranges: ProjectionRanges = { query: 300, key: 300, gate: [-60, 60] }
    const projections = randomProjections(POCKET, seeded(9), 6, ranges)
    const state = stateAt(POCKET, seeded(10), 80, 32, { ranges })
    await expectReference(POCKET, { window: 32, slotsOn: true }, projections, state)
  })

  test.each([0, 1, 5])(
    'leaves in the ring what window_write writes, bit for bit, window %i',
    async (window) => {
      const layer = { window, slotsOn: true, sinks: 2 }
      const capacity = Math.max(window, 1)
      const projections = randomProjections(ODD, seeded(12), 2 * capacity + 4)
      const state = emptyAttentionState(ODD, capacity)
      const buffers = () => attentionBuffers(device, ODD, layer, { capacity, tokens: 1, state })
      const [attended, written] = [buffers(), buffers()]
      const attend = (await compileDecode(device, ODD)).bind(attended)
      const write = (await createWindowWrite(device, ODD, { destination: 'ring' })).bind(written)
      await decodeRows(device, ODD, { buffers: attended, dispatches: [attend] }, 0, projections)
      await decodeRows(device, ODD, { buffers: written, dispatches: [write] }, 0, projections)
      for (const ring of ['windowKeys', 'windowValues', 'windowGates'] as const) {
        expect(await downloadU32(device, attended[ring]), ring).toEqual(
          await downloadU32(device, written[ring]),
        )
      }
    },
  )

  test.each([
    [ODD, 5, 2],
    [UNTRAINED, 0, 1],
    [TWO_GROUPS, 4, 0],
  ])('norms the queries and keys that it reads, %o, window %i, %i sinks', async (shape, window, sinks) => {
    const random = seeded(20)
    const layer = { window, slotsOn: true, sinks }
    const tokens = 2 * window + sinks + 4
    const projections = randomProjections(shape, random, tokens)
    const norms = {
      epsilon: 1e-2,
      queryNorm: uniform(random, shape.headDim, -2, 2),
      keyNorm: uniform(random, shape.headDim, -2, 2),
    }
    const headShape = { ...shape, epsilon: norms.epsilon }
    const normed = headNormReference(headShape, projections, norms.queryNorm, norms.keyNorm)
    const capacity = Math.max(window, 1)
    const start = emptyAttentionState(shape, capacity)
    const expected = hybridAttendReference(shape, layer, frequenciesOf(shape), start, normed, tokens)
    const actual = await decode(shape, layer, projections, { capacity, norms })
    expectClose('output', actual.output, expected.output, MAX_RMS)
    expectClose('keySlots', actual.keySlots, expected.state.slots.keySlots, MAX_RMS)
    expectClose('valueSlots', actual.valueSlots, expected.state.slots.valueSlots, MAX_RMS)
  })

  test('a token that sees nothing gets zeros', async () => {
    const projections = randomProjections(POCKET, seeded(11), 1)
    const off = await decode(POCKET, { window: 0, slotsOn: false }, projections)
    expect(off.output).toEqual(new Float32Array(4 * 64))
  })

  test('refuses means of slots that are read while they are empty', async () => {
    const shape = { ...COUNTED, meanSlots: true }
    await expect(createHybridAttend(device, shape)).rejects.toThrow('nothing has no mean')
  })

  test('refuses a shape without query heads and a scratch that is too small', async () => {
    await expect(createHybridAttend(device, { ...POCKET, queryHeads: 0 })).rejects.toThrow(
      'hybrid_attend: queryHeads must be a positive integer, got 0',
    )
    await expect(createHybridAttend(device, { ...POCKET, rowSize: 100 })).rejects.toThrow(
      'hybrid_attend: rowSize must be at least 1024, got 100',
    )
    const kernel = await createHybridAttend(device, POCKET)
    const buffers = attentionBuffers(
      device,
      POCKET,
      { window: 64, slotsOn: true },
      { capacity: 64, tokens: 1 },
    )
    expect(attendScratchBytes(POCKET, 64)).toEqual({ scores: (4 * 128 + 4 * 64) * 4, partials: 4 * 66 * 4 })
    expect(() => kernel.bind({ ...buffers, keyNorm: poisoned(device, 64) })).toThrow(
      'hybrid_attend: keyNorm is not wanted',
    )
    expect(() => kernel.bind({ ...buffers, scores: poisoned(device, 4) })).toThrow(
      'hybrid_attend: scores needs 3072 bytes, got 16',
    )
  })
})
