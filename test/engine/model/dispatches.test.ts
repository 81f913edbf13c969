import { beforeAll, expect, test } from 'vitest'
import { countDispatches } from '../../../bin/bench/dispatches.ts'
import { createGpuModel } from '../../../engine/model/model.ts'
import { sequenceOptions } from '../../../engine/model/sequence.ts'
import { testDevice } from '../../support/gpu.ts'
import { gpuOptions, loadTiny } from '../../support/loaded-model.ts'

/** embedding, its weighing, head, selection */
const ENDS = 4

let device: GPUDevice
beforeAll(async () => {
  device = await testDevice()
})

test.each([
  ['slots and windows of 0 and 4', 6, { family: 'qwen2_nha', windows: [0, 4] }],
  ['norms of q and k', 6, { family: 'qwen3_nha', windows: 4 }],
] as const)('with %s a token takes at most %i dispatches a layer', async (_, most, model) => {
  const { config, checkpoint } = await loadTiny(model)
  const gpu = await createGpuModel(gpuOptions(device, config, checkpoint))
  const sequence = await gpu.createSequence(sequenceOptions(config, { attention: 'nha', window: null }))
  for (let token = 0; token < 6; token++) await sequence.decode(token, 1)
  const count = await countDispatches(() => sequence.decode(6, 1))
  expect(count).toBeGreaterThan(ENDS)
  expect((count - ENDS) / config.layers).toBeLessThanOrEqual(most)
  gpu.dispose()
})
