import { beforeAll, expect, test } from 'vitest'
import { PacedQueue } from '../../../engine/model/paced-queue.ts'
import { createGpuModel } from '../../../engine/model/model.ts'
import { sequenceOptions } from '../../../engine/model/sequence.ts'
import type { Dispatch } from '../../../kernels/kernel.ts'
import { testDevice } from '../../support/gpu.ts'
import { everyLogit, gpuOptions, loadTiny, tokensOf } from '../../support/loaded-model.ts'

let device: GPUDevice
beforeAll(async () => {
  device = await testDevice()
})

/** A clock on which every look at it costs so much: a piece is seen to take that. */
function clock(milliseconds: number): () => number {
  let now = 0
  return () => (now += milliseconds)
}

/** The number of dispatches in each piece of a list of 60. */
async function pieces(milliseconds: number): Promise<number[]> {
  const queue = new PacedQueue(device, clock(milliseconds))
  const sizes = new Map<GPUComputePassEncoder, number>()
  const encode: Dispatch['encode'] = (pass) => sizes.set(pass, (sizes.get(pass) ?? 0) + 1)
  await queue.submit('test', new Array<Dispatch>(60).fill({ label: 'test', encode }), 1)
  return [...sizes.values()]
}

test('pieces begin small and grow while the GPU is quick', async () => {
  const sizes = await pieces(1)
  expect(sizes.slice(0, 2)).toEqual([8, 8])
  expect(Math.max(...sizes)).toBeGreaterThan(8)
  expect(sizes.reduce((sum, size) => sum + size)).toBe(60)
})

test('pieces shrink to single dispatches where each takes long, and no dispatch is lost', async () => {
  const sizes = await pieces(1000)
  expect(sizes.at(-1)).toBe(1)
  expect(sizes.reduce((sum, size) => sum + size)).toBe(60)
})

test('a prompt gives the same bits however it is cut into pieces', async () => {
  const { config, checkpoint } = await loadTiny({})
  const tokens = tokensOf(config.vocabSize, 150)
  const read = async (now: () => number) => {
    const model = await createGpuModel({ ...gpuOptions(device, config, checkpoint), now })
    const sequence = await model.createSequence(sequenceOptions(config, { attention: 'nha', window: null }))
    const logits = everyLogit(await sequence.prefill(tokens, config.vocabSize))
    const state = await sequence.save()
    model.dispose()
    return { logits, bytes: state.bytes }
  }
  const single = await read(clock(1000))
  expect(await read(clock(0))).toEqual(single)
})
