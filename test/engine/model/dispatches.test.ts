import { beforeAll, expect, test } from 'vitest'
import { countDispatches } from '../../../bin/bench/dispatches.ts'
import { WINDOW_PRESETS } from '../../../engine/model/layer-windows.ts'
import { createGpuModel } from '../../../engine/model/model.ts'
import { sequenceOptions } from '../../../engine/model/sequence.ts'
import { testDevice } from '../../support/gpu.ts'
import { gpuOptions, loadTiny } from '../../support/loaded-model.ts'

/** embedding, its weighing, head, selection */
const ENDS = 4
/** what feeds a token that is read ahead */
const FEED = 1
const MOST = 6

let device: GPUDevice
beforeAll(async () => {
  device = await testDevice()
})

// Four layers, so that one of them has a preset's wide window.
test.each(['llama', 'qwen2', 'qwen3', 'llama_nha', 'qwen2_nha', 'qwen3_nha'] as const)(
  'a token of %s takes at most 6 dispatches a layer, with its own windows and with every preset',
  async (family) => {
    const { config, checkpoint } = await loadTiny({ family, layers: 4, windows: [0, 4, 8, 4] })
    const gpu = await createGpuModel({
      ...gpuOptions(device, config, checkpoint),
      endsOfTurn: [config.vocabSize],
    })
    for (const window of [null, ...WINDOW_PRESETS]) {
      const sequence = await gpu.createSequence(sequenceOptions(config, { attention: 'nha', window }))
      for (let token = 0; token < 6; token++) await sequence.decode(token, 1)
      const count = await countDispatches(() => sequence.decode(6, 1))
      expect(count, String(window)).toBeGreaterThan(ENDS)
      expect((count - ENDS) / config.layers, String(window)).toBeLessThanOrEqual(MOST)
      let [token] = (await sequence.decode(7, 1, { goOn: true })).ids
      const ahead = await countDispatches(
        async () => ([token] = (await sequence.decode(token!, 1, { goOn: true })).ids),
      )
      expect(ahead, String(window)).toBe(count + FEED)
      await sequence.decode(token!, 1)
      sequence.dispose()
    }
    gpu.dispose()
  },
)
