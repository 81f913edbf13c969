import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { attend, type AttentionSizes, reading } from '../../../engine/hybridize/attention.ts'
import { startBackend } from '../../../engine/hybridize/backend.ts'
import { roundToHalf } from '../../../kernels/half.ts'
import { emptyAttentionState, hybridAttendReference } from '../../../kernels/hybrid-attend.ref.ts'
import { WINDOW_ALL } from '../../../kernels/attention-shape.ts'
import { expectClose, seeded, uniform } from '../../support/numerics.ts'

// Seconds on an idle core; a machine with other work to do may take long.
vi.setConfig({ testTimeout: 180_000 })

const TOKENS = 96

interface Case {
  readonly group: number
  readonly kvHeads: number
  readonly headDim: number
  readonly slots: number
  readonly window: number
  readonly sinks: number
  readonly slotsOn: boolean
  readonly masked: boolean
}

const PLAIN: Case = {
  group: 1,
  kvHeads: 2,
  headDim: 8,
  slots: 4,
  window: 16,
  sinks: 0,
  slotsOn: true,
  masked: true,
}

beforeAll(async () => {
  await startBackend(null)
})

describe('attention with gradients', () => {
  it.each<Case>([
    PLAIN,
    { ...PLAIN, group: 3, headDim: 16, slots: 16, window: 33, sinks: 4 },
    { ...PLAIN, window: 0 },
    { ...PLAIN, window: 0, sinks: 4 },
    { ...PLAIN, window: 5, masked: false },
    { ...PLAIN, window: 20, sinks: 4, slotsOn: false },
    { ...PLAIN, group: 2, window: WINDOW_ALL },
  ])('equals the reference: %o', (shape) => {
    const { sizes, rows, split } = inputsOf(shape)
    const on = reading(sizes, TOKENS, shape.window, shape)
    const { queries, keys, values, logits } = split()
    const output = attend(on, { queries, keys, values }, logits).dataSync()
    const attention = { ...sizes, rowSize: rows.length / TOKENS }
    const expected = hybridAttendReference(
      attention,
      { window: shape.window, slotsOn: shape.slotsOn, sinks: shape.window === WINDOW_ALL ? 0 : shape.sinks },
      Float64Array.from(sizes.ropeFrequencies),
      emptyAttentionState(attention, Math.min(TOKENS, Math.max(1, shape.window))),
      rows,
      TOKENS,
    )
    // Measured 4e-7 without slots and 8e-5 with them: the reference keeps gates as f16.
    expectClose('attended', output, expected.output, 3e-4)
  })

  it.each<Case>([
    { ...PLAIN, group: 2, sinks: 4 },
    { ...PLAIN, window: 0 },
    { ...PLAIN, slotsOn: false },
  ])('has the gradients that finite differences have: %o', (shape) => {
    const { sizes, split } = inputsOf(shape)
    const on = reading(sizes, TOKENS, shape.window, shape)
    const { queries, keys, values, logits } = split()
    const wish = tf.randomNormal([TOKENS, shape.group * shape.kvHeads * shape.headDim], 0, 1, 'float32', 7)
    const inputs = [queries, keys, values, ...(shape.slotsOn ? [logits] : [])]
    const loss = (...[q, k, v, z]: tf.Tensor[]) =>
      tf.sum<tf.Scalar>(tf.mul(attend(on, { queries: q!, keys: k!, values: v! }, z ?? null), wish))
    const gradients = tf.grads(loss)(inputs)
    for (const [i, gradient] of gradients.entries()) {
      const direction = tf.randomNormal(gradient.shape, 0, 1, 'float32', i + 1)
      const along = (step: number) =>
        loss(...inputs.map((x, j) => (i === j ? tf.add(x, tf.mul(direction, step)) : x))).dataSync()[0]!
      const step = 4e-3
      const difference = (along(step) - along(-step)) / (2 * step)
      const slope = tf.sum(tf.mul(gradient, direction)).dataSync()[0]!
      const size = tf.norm(gradient).dataSync()[0]!
      // Measured up to 2e-4 of the gradient's length: f32 sums, and the curve within a step.
      expect(Math.abs(difference - slope) / size, `input ${i}`).toBeLessThan(2e-3)
      expect(size, `input ${i}`).toBeGreaterThan(1e-3)
    }
  })

  it('stays finite where gates close at once and where they never do', () => {
    const { sizes, split } = inputsOf(PLAIN)
    const on = reading(sizes, TOKENS, PLAIN.window, PLAIN)
    const { queries, keys, values, logits } = split()
    for (const z of [-18, 30]) {
      const gradient = tf.grad((x: tf.Tensor) => tf.sum(tf.square(attend(on, { queries, keys, values }, x))))(
        tf.fill(logits.shape, z),
      )
      expect(gradient.dataSync().every(Number.isFinite)).toBe(true)
    }
  })
})

function inputsOf({ group, kvHeads, headDim, slots, masked }: Case) {
  const random = seeded(group + headDim)
  const queryHeads = group * kvHeads
  const sizes: AttentionSizes = {
    queryHeads,
    kvHeads,
    headDim,
    slots,
    gateNormalizer: 8,
    ropeFrequencies: Array.from({ length: headDim / 2 }, (_, i) => 10_000 ** ((-2 * i) / headDim)),
    maskEmptySlots: masked,
  }
  const widths = [queryHeads * headDim, kvHeads * headDim, kvHeads * headDim, kvHeads * slots]
  const parts = widths.map((width, i) =>
    // Keys and values as the window stores them, so that only the gates are rounded.
    uniform(random, TOKENS * width, -2, i === 3 ? 4 : 2).map(i === 3 ? Math.fround : roundToHalf),
  )
  const rowSize = widths.reduce((sum, width) => sum + width, 0)
  const rows = new Float64Array(TOKENS * rowSize)
  for (let t = 0; t < TOKENS; t++) {
    let at = t * rowSize
    for (const [i, width] of widths.entries()) {
      rows.set(parts[i]!.subarray(t * width, (t + 1) * width), at)
      at += width
    }
  }
  const split = () => {
    const [queries, keys, values, logits] = parts.map((part, i) =>
      tf.tensor2d(Float32Array.from(part), [TOKENS, widths[i]!]),
    )
    return { queries: queries!, keys: keys!, values: values!, logits: logits! }
  }
  return { sizes, rows, split }
}
