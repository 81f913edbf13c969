import { beforeAll, describe, expect, test } from 'vitest'
import { type AttentionShape, WINDOW_ALL } from '../../kernels/attention-shape.ts'
import { createHybridAttendPrefill } from '../../kernels/hybrid-attend-prefill.ts'
import { type AttentionState, emptyAttentionState } from '../../kernels/hybrid-attend.ref.ts'
import { createSlotReadoutPrefill } from '../../kernels/slot-readout-prefill.ts'
import { createSlotScoresPrefill } from '../../kernels/slot-scores-prefill.ts'
import {
  attentionBuffers,
  compileDecode,
  decodeRows,
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
import { compilePrefill, prefillDispatches, prefillRows } from '../support/attention-prefill.ts'
import { downloadF32, downloadU32, testDevice } from '../support/gpu.ts'
import { expectClose, seeded } from '../support/numerics.ts'

let device: GPUDevice
beforeAll(async () => {
  device = await testDevice()
})

interface Start {
  readonly capacity?: number
  readonly state?: AttentionState
}

type Buffers = ReturnType<typeof attentionBuffers>

async function readState(output: Float32Array, { keySlots, valueSlots, ...buffers }: Buffers) {
  return {
    output,
    keySlots: await downloadF32(device, keySlots),
    valueSlots: await downloadF32(device, valueSlots),
    ring: [
      await downloadU32(device, buffers.windowKeys),
      await downloadU32(device, buffers.windowValues),
      await downloadU32(device, buffers.windowGates),
    ],
  }
}

/** Prefill the rows in calls of these sizes. */
async function prefill(
  shape: AttentionShape,
  layer: Layer,
  projections: Float64Array,
  calls: readonly number[],
  { capacity = Math.max(layer.window, 1), state = emptyAttentionState(shape, capacity) }: Start = {},
) {
  const buffers = attentionBuffers(device, shape, layer, { capacity, tokens: Math.max(...calls), state })
  const dispatches = prefillDispatches(await compilePrefill(device, shape), buffers, layer)
  const output = await prefillRows(device, shape, { buffers, dispatches }, state.position, projections, calls)
  return readState(output, buffers)
}

async function decode(shape: AttentionShape, layer: Layer, projections: Float64Array, start: Start = {}) {
  const { capacity = Math.max(layer.window, 1), state = emptyAttentionState(shape, capacity) } = start
  const buffers = attentionBuffers(device, shape, layer, { capacity, tokens: 1, state })
  const dispatches = [(await compileDecode(device, shape)).bind(buffers)]
  const output = await decodeRows(device, shape, { buffers, dispatches }, state.position, projections)
  return readState(output, buffers)
}

async function expectReference(
  shape: AttentionShape,
  layer: Layer,
  projections: Float64Array,
  state: AttentionState,
): Promise<void> {
  const start = { capacity: state.ring.length, state }
  const actual = await prefill(shape, layer, projections, [projections.length / shape.rowSize], start)
  expectAttended(actual, shape, layer, projections, state)
}

describe('prefill of slots and window', () => {
  test.each(SHAPES)(
    'matches the f64 reference at every window, Q=$queryHeads H=$kvHeads D=$headDim M=$slots',
    async (shape) => {
      for (const window of WINDOWS) {
        const random = seeded(window)
        const state = stateAt(shape, random, 290, window === WINDOW_ALL ? 300 : Math.max(window, 1))
        const projections = randomProjections(shape, random, 5)
        await expectReference(shape, { window, slotsOn: true }, projections, state)
      }
    },
  )

  test.each([
    [POCKET, 64],
    [ODD, 32],
    [COUNTED, 32],
    [WIDE_GROUP, 1],
    [WIDE_GROUP, 0],
    [{ ...UNTRAINED, countSlots: false }, 5],
    [{ ...UNTRAINED, edgeSlots: false }, 5],
    [{ ...ODD, edgeSlots: true }, 5],
  ])('matches from the first token on to four windows and three, %o, window %i', async (shape, window) => {
    const projections = randomProjections(shape, seeded(1), 4 * window + 3)
    const state = emptyAttentionState(shape, Math.max(window, 1))
    await expectReference(shape, { window, slotsOn: true }, projections, state)
  })

  test.each([
    [ODD, 0, 9, 0],
    [ODD, 1, 7, 0],
    [COUNTED, 5, 23, 0],
    [COUNTED, 5, 23, 4],
    [UNTRAINED, 5, 23, 4],
    [UNTRAINED, 0, 9, 0],
    [ODD, 0, 9, 2],
    [POCKET, 32, 131, 4],
  ])(
    'in any calls equals token by token: state bit for bit, %o, window %i, %i tokens, %i sinks',
    async (shape, window, tokens, sinks) => {
      const layer = { window, slotsOn: true, sinks }
      const projections = randomProjections(shape, seeded(2), tokens)
      const decoded = await decode(shape, layer, projections)
      for (const calls of [[tokens], [1, tokens - 1], [tokens - 2, 2], [3, 2, tokens - 5]]) {
        const { output, ...state } = await prefill(shape, layer, projections, calls)
        expectClose(`output in calls of ${calls.join(', ')}`, output, decoded.output, MAX_RMS)
        expect(state).toEqual({
          keySlots: decoded.keySlots,
          valueSlots: decoded.valueSlots,
          ring: decoded.ring,
        })
      }
    },
  )

  test.each([
    [ODD, 5, 4],
    [COUNTED, 33, 6],
    [WIDE_GROUP, 0, 1],
    [UNTRAINED, 5, 4],
    [NO_SLOTS, 4, 4],
  ])('keeps sinks, from the first token on, %o, window %i, %i sinks', async (shape, window, sinks) => {
    const projections = randomProjections(shape, seeded(12), 3 * window + sinks + 3)
    const state = emptyAttentionState(shape, Math.max(window, 1))
    await expectReference(shape, { window, slotsOn: true, sinks }, projections, state)
  })

  test.each([290, 6])('keeps sinks in a call that begins at %i', async (position) => {
    const layer = { window: 64, slotsOn: true, sinks: 4 }
    const state = stateAt(POCKET, seeded(13), position, 64, { sinks: 4 })
    await expectReference(POCKET, layer, randomProjections(POCKET, seeded(14), 75), state)
  })

  test('with sinks equals full causal attention while T <= W + S', async () => {
    const projections = randomProjections(ODD, seeded(5), 24)
    const { output } = await prefill(ODD, { window: 20, slotsOn: true, sinks: 4 }, projections, [2, 22])
    expectClose('output', output, fullAttention(ODD, projections, 24), MAX_RMS)
  })

  test('without slots only the window is read, and the slots keep still', async () => {
    const state = stateAt(POCKET, seeded(3), 100, 32)
    const projections = randomProjections(POCKET, seeded(4), 7)
    await expectReference(POCKET, { window: 32, slotsOn: false }, projections, state)
  })

  test.each([64, WINDOW_ALL])('equals full causal attention while T <= W, window %i', async (window) => {
    const projections = randomProjections(ODD, seeded(5), 64)
    const { output } = await prefill(ODD, { window, slotsOn: true }, projections, [23, 41], { capacity: 64 })
    expectClose('output', output, fullAttention(ODD, projections, 64), MAX_RMS)
  })

  test('answers the same at position 1,000,000 as at 1,000, and bit for bit a second time', async () => {
    const layer = { window: 64, slotsOn: true, sinks: 4 }
    const projections = randomProjections(ODD, seeded(6), 11)
    const at = async (position: number) => {
      const state = stateAt(ODD, seeded(7), position, 67, { sinks: 4 })
      const { output, keySlots, valueSlots } = await prefill(ODD, layer, projections, [11], {
        capacity: 67,
        state,
      })
      return { output, keySlots, valueSlots }
    }
    const near = await at(1_000)
    expect(await at(1_000)).toEqual(near)
    const far = await at(1_000_000)
    for (const name of ['output', 'keySlots', 'valueSlots'] as const)
      expectClose(name, far[name], Float64Array.from(near[name]), MAX_PLACE_RMS)
  })

  test('scores of 10,000 and gates of 60 either way leave no NaN and match', async () => {
    const ranges: ProjectionRanges = { query: 300, key: 300, gate: [-60, 60] }
    const projections = randomProjections(POCKET, seeded(9), 9, ranges)
    const state = stateAt(POCKET, seeded(10), 80, 32, { ranges })
    await expectReference(POCKET, { window: 32, slotsOn: true }, projections, state)
  })

  test('tokens that see nothing get zeros', async () => {
    const projections = randomProjections(POCKET, seeded(11), 6)
    const off = await prefill(POCKET, { window: 0, slotsOn: false }, projections, [6])
    expect(off.output).toEqual(new Float32Array(6 * 4 * 64))
  })

  test('refuses shapes it cannot run, naming the field', async () => {
    const none = shapeOf(4, 4, 64, 0)
    await expect(createSlotScoresPrefill(device, none)).rejects.toThrow(
      'slot_scores_prefill: slots must be a positive integer, got 0',
    )
    await expect(createSlotReadoutPrefill(device, none)).rejects.toThrow(
      'slot_readout_prefill: slots must be a positive integer, got 0',
    )
    await expect(createHybridAttendPrefill(device, { ...POCKET, headDim: 260 })).rejects.toThrow(
      'hybrid_attend_prefill: headDim must be a multiple of 4 and at most 256, got 260',
    )
  })
})
