import * as tf from '@tensorflow/tfjs-core'
import { afterAll, expect, it } from 'vitest'
import { attend, type AttentionSizes, reading } from '../../../engine/hybridize/attention.ts'
import { startBackend } from '../../../engine/hybridize/backend.ts'
import { expectClose, seeded, uniform } from '../../support/numerics.ts'
import { testDevice } from '../../support/gpu.ts'

const TOKENS = 64
const SIZES: AttentionSizes = {
  queryHeads: 4,
  kvHeads: 2,
  headDim: 8,
  slots: 4,
  gateNormalizer: 8,
  ropeFrequencies: [1, 0.1, 0.01, 0.001],
  maskEmptySlots: true,
}

afterAll(async () => {
  await startBackend(null)
})

/** The output, and the gradient of the gates, of a fixed case on the backend that is on. */
async function compute(): Promise<readonly (readonly number[])[]> {
  const random = seeded(11)
  const rows = (width: number) =>
    tf.tensor2d(Float32Array.from(uniform(random, TOKENS * width, -1, 2)), [TOKENS, width])
  const heads = { queries: rows(32), keys: rows(16), values: rows(16) }
  const logits = rows(8)
  const on = reading(SIZES, TOKENS, 10, { sinks: 2, slotsOn: true })
  const gradient = tf.grad((z: tf.Tensor) => tf.sum(tf.square(attend(on, heads, z))))(logits)
  const results = [attend(on, heads, logits), gradient]
  return Promise.all(results.map(async (result) => [...(await result.data<'float32'>())]))
}

// Some fifty shaders are compiled.
it('computes on our own device what it computes on the processor', { timeout: 120_000 }, async () => {
  const device = await testDevice()
  expect(await startBackend({ device, info: device.adapterInfo })).toBe('webgpu')
  const onDevice = await compute()
  expect(await startBackend(null)).toBe('cpu')
  const onProcessor = await compute()
  // Measured 2e-7 and 6e-7.
  for (const [i, label] of ['output', 'gradient'].entries())
    expectClose(label, onDevice[i]!, onProcessor[i]!, 1e-5)
})
