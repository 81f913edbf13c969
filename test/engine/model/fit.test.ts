import { expect, test } from 'vitest'
import { WINDOW_ALL } from '../../../kernels/attention-shape.ts'
import { parseConfig } from '../../../engine/model/config.ts'
import { fitOf, type FitOptions } from '../../../engine/model/fit.ts'
import { createGpuModel } from '../../../engine/model/model.ts'
import { sequenceOptions } from '../../../engine/model/sequence.ts'
import { expectFit } from '../../support/fit.ts'
import { testDevice } from '../../support/gpu.ts'
import { gpuOptions, loadTiny } from '../../support/loaded-model.ts'

// Every family and format is weighed where it is loaded anyway: in parity.test.ts and parity/llama-cpp.test.ts.
test('what fits is known before loading, for every kind of memory', async () => {
  const { config, checkpoint } = await loadTiny({ windows: [0, 70], slots: 17, sinks: 3, gateBias: false })
  const model = await createGpuModel(gpuOptions(await testDevice(), config, checkpoint))
  const memories: readonly FitOptions[] = [
    {},
    { window: 0, slotsOn: false },
    { window: [WINDOW_ALL, 0], tokens: 1 },
    { attention: 'full', tokens: 1 },
    { window: 5000, tokens: 1 },
  ]
  for (const options of memories) {
    const { attention = 'nha', window = null, slotsOn = true } = options
    const sequence = await model.createSequence(sequenceOptions(config, { attention, window, slotsOn }))
    expectFit(model, sequence, 'f32', options)
    expectFit(model, sequence, checkpoint, options)
    sequence.dispose()
  }
  model.dispose()
})

test('SmolLM2-135M in 8 bits: 146 MB of weights, and a conversation of 14 MiB at any length', () => {
  const config = parseConfig({
    model_type: 'llama',
    num_hidden_layers: 30,
    hidden_size: 576,
    intermediate_size: 1536,
    num_attention_heads: 9,
    num_key_value_heads: 3,
    vocab_size: 49152,
    tie_word_embeddings: true,
  })
  const fit = fitOf(config, 'q8')
  expect(Math.round(fit.weights / 1e6)).toBe(146)
  // 23 narrow layers with 64 slots a head, their mass and their count; 7 wide ones without; four sinks in each.
  const slots = 64 * (2 * 64 + 2) * 4
  expect(fit.state).toBe(3 * (23 * (slots + 68 * (128 + 64) * 2) + 7 * 2052 * 128 * 2))
  expect(fit.isConstant).toBe(true)
  expect(fitOf(config, 'q8', { tokens: 1_000_000 })).toEqual(fit)
  const long = fitOf(config, 'q8', { attention: 'full', tokens: 32_768 })
  expect(long.state).toBe(30 * 3 * 256 * 32_768)
  expect(long.isConstant).toBe(false)
})
