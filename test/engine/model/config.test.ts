import { describe, expect, test } from 'vitest'
import { WINDOW_ALL } from '../../../kernels/attention-shape.ts'
import { parseConfig } from '../../../engine/model/config.ts'
import { presetWindows, WINDOW_PRESETS, windowsOf } from '../../../engine/model/layer-windows.ts'
import { sequenceOptions } from '../../../engine/model/sequence.ts'
import { relativeRms } from '../../support/numerics.ts'
import { stateBytes } from '../../support/state-bytes.ts'

const POCKET_LIKE = {
  model_type: 'qwen2_nha',
  num_hidden_layers: 3,
  hidden_size: 128,
  intermediate_size: 256,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  head_dim: 32,
  vocab_size: 300,
  num_slots: 16,
  layer_windows: [64, 64, 128],
  slot_layers: [false, true, true],
  gate_bias: true,
}

describe('parseConfig', () => {
  test('reads every field, with the defaults of the format', () => {
    expect(parseConfig(POCKET_LIKE)).toMatchObject({
      layers: 3,
      queryHeads: 4,
      kvHeads: 2,
      headDim: 32,
      slots: 16,
      gateNormalizer: 8,
      maskEmptySlots: true,
      normEpsilon: 1e-6,
      ropeFrequencies: Array.from({ length: 16 }, (_, i) => 10_000 ** (-i / 16)),
      tiedHead: false,
      projectionBias: true,
      layerWindows: [64, 64, 128],
      slotLayers: [false, true, true],
    })
  })

  test('is called what its config says, without the owner', () => {
    expect(parseConfig({ ...POCKET_LIKE, _name_or_path: 'someone/Small-1B' }).name).toBe('Small-1B')
    expect(parseConfig({ ...POCKET_LIKE, _name_or_path: '' }).name).toBeNull()
  })

  test('a model without gates gets lean windows, four sinks and slots; one that has gates has no sinks', () => {
    const llama = { ...POCKET_LIKE, model_type: 'llama', layer_windows: undefined, slot_layers: undefined }
    const config = parseConfig({ ...llama, num_hidden_layers: 9 })
    expect(config).toMatchObject({ slots: 32, keyGates: true, projectionBias: false, sinks: 4 })
    expect(config).toMatchObject({
      maskEmptySlots: true,
      edgeSlots: true,
      meanSlots: true,
      countSlots: false,
    })
    expect(config.slotLayers).toEqual([true, true, true, false, true, true, true, false, true])
    expect(config.layerWindows).toEqual([64, 64, 64, 2048, 64, 64, 64, 2048, 64])
    expect(parseConfig({ ...llama, sinks: 0 }).sinks).toBe(0)
    expect(parseConfig(POCKET_LIKE)).toMatchObject({
      sinks: 0,
      keyGates: false,
      edgeSlots: false,
      meanSlots: false,
    })
    expect(parseConfig({ ...llama, head_dim: 132 })).toMatchObject({
      slots: 0,
      slotLayers: [false, false, false],
    })
    const bare = { slots: 0, keyGates: false, slotLayers: [false, false, false] }
    expect(parseConfig({ ...llama, gates: 'none' })).toMatchObject(bare)
    const counted = { ...llama, slot_count: true, slot_position: 'none' }
    expect(parseConfig(counted)).toMatchObject({ meanSlots: true, countSlots: true, edgeSlots: false })
  })

  test('the presets: every fourth layer is wide, but faithful is the same everywhere', () => {
    expect(presetWindows('balanced', 5)).toEqual([512, 512, 512, 2048, 512])
    expect(presetWindows('faithful', 5)).toEqual([4096, 4096, 4096, 4096, 4096])
    expect(WINDOW_PRESETS.map((preset) => presetWindows(preset, 4)[3])).toEqual([2048, 2048, 4096])
  })

  test('refuses an unknown architecture by name, with those that work', () => {
    expect(() => parseConfig({ model_type: 'mamba2' })).toThrow(
      'Models of type "mamba2" cannot run here; these can: llama, mistral, qwen2, qwen3, llama_nha, qwen2_nha, qwen3_nha.',
    )
    expect(() => parseConfig({ model_type: 'constructor' })).toThrow('Models of type "constructor"')
  })

  test.each([
    [null, 'it is not a JSON object'],
    [[], 'it is not a JSON object'],
    [{ ...POCKET_LIKE, hidden_size: -1 }, 'hidden_size should be a positive number and is -1'],
    [{ ...POCKET_LIKE, hidden_size: 1.5 }, 'hidden_size should be a whole number'],
    [{ ...POCKET_LIKE, hidden_size: 2 ** 40 }, 'hidden_size should be a whole number up to'],
    [{ ...POCKET_LIKE, num_hidden_layers: '3' }, 'num_hidden_layers should be a positive number and is "3"'],
    [{ ...POCKET_LIKE, vocab_size: undefined }, 'vocab_size should be a positive number and is undefined'],
    [{ ...POCKET_LIKE, num_key_value_heads: 3 }, '4 query heads do not divide among 3 KV heads'],
    [{ ...POCKET_LIKE, head_dim: 33 }, 'head_dim is 33, and multiples of 4'],
    [{ ...POCKET_LIKE, intermediate_size: 90 }, 'intermediate_size is 90, and multiples of 4'],
    [{ ...POCKET_LIKE, hidden_act: 'gelu' }, 'hidden_act "gelu" is not supported'],
    [{ ...POCKET_LIKE, layer_windows: [64, 64] }, 'layer_windows should be 3 whole numbers'],
    [{ ...POCKET_LIKE, layer_windows: [64, 64, -1] }, 'layer_windows should be 3 whole numbers'],
    [{ ...POCKET_LIKE, sinks: 65 }, 'sinks should be a whole number from 0 to 64'],
    [{ ...POCKET_LIKE, sinks: -1 }, 'sinks should be a whole number from 0 to 64'],
    [{ ...POCKET_LIKE, slot_layers: [1, 1, 1] }, 'slot_layers should be 3 times true or false'],
    [{ ...POCKET_LIKE, num_slots: 129 }, 'num_slots should be a whole number up to 128'],
    [{ ...POCKET_LIKE, gates: 'keys' }, 'gates should be "trained" and is "keys"'],
    [{ ...POCKET_LIKE, model_type: 'llama', gates: 'keys', head_dim: 132 }, 'needs a head_dim up to 128'],
    [{ ...POCKET_LIKE, slot_position: 1 }, 'slot_position should be "edge" or "none" and is 1'],
    [{ ...POCKET_LIKE, slot_mean: 'yes' }, 'slot_mean should be true or false'],
    [{ ...POCKET_LIKE, slot_count: true }, 'slot_count needs slot_mean'],
    [{ ...POCKET_LIKE, slot_mean: true, empty_slots: 'counted' }, 'slot_mean needs empty_slots "masked"'],
  ])('refuses %j in one sentence', (json, reason) => {
    expect(() => parseConfig(json)).toThrow(reason)
  })
})

describe('families', () => {
  const LLAMA = { ...POCKET_LIKE, model_type: 'llama', layer_windows: undefined, slot_layers: undefined }
  const plain = Array.from({ length: 16 }, (_, i) => 10_000 ** (-i / 16))

  test('RoPE as it is, stretched, as Llama 3 stretches it, and by the factors of a GGUF file', () => {
    const frequencies = (rope_scaling: unknown) => parseConfig({ ...LLAMA, rope_scaling }).ropeFrequencies
    expect(frequencies(null)).toEqual(plain)
    expect(frequencies({ rope_type: 'default' })).toEqual(plain)
    expect(frequencies({ type: 'linear', factor: 4 })).toEqual(plain.map((frequency) => frequency / 4))
    const llama3 = frequencies({
      rope_type: 'llama3',
      factor: 8,
      low_freq_factor: 1,
      high_freq_factor: 4,
      original_max_position_embeddings: 8192,
    })
    expect(llama3[0]).toBe(plain[0])
    expect(llama3[15]).toBeCloseTo((plain[15] ?? 0) / 8, 12)
    const factors = plain.map((frequency, i) => frequency / (llama3[i] ?? 0))
    expect(relativeRms(frequencies({ rope_type: 'factors', factors }), llama3)).toBeLessThan(1e-15)
  })

  test('the RoPE of newer configs stands in one object', () => {
    const rope_parameters = { rope_type: 'default', rope_theta: 500_000 }
    expect(parseConfig({ ...LLAMA, rope_parameters }).ropeFrequencies[1]).toBe(500_000 ** (-1 / 16))
  })

  test('a sliding window bounds the others, for Mistral where it is given, for Qwen where it is used', () => {
    const windows = (fields: object) =>
      parseConfig({ ...LLAMA, num_hidden_layers: 4, ...fields }).layerWindows
    const lean = [64, 64, 64, 2048]
    expect(windows({ model_type: 'mistral', sliding_window: 1000 })).toEqual([64, 64, 64, 1000])
    expect(windows({ model_type: 'mistral', sliding_window: null })).toEqual(lean)
    const qwen = { model_type: 'qwen2', sliding_window: 32, max_window_layers: 2 }
    expect(windows({ ...qwen, use_sliding_window: false })).toEqual(lean)
    expect(windows({ ...qwen, use_sliding_window: true })).toEqual([64, 64, 32, 32])
  })

  test.each([
    [{ rope_scaling: { rope_type: 'yarn', factor: 4 } }, 'its RoPE scaling is "yarn", and these are known'],
    [{ rope_scaling: { rope_type: 'llama3', factor: 0 } }, 'factor should be a positive number and is 0'],
    [{ rope_scaling: { rope_type: 'factors', factors: [1] } }, 'should be 16 positive numbers'],
    [{ rope_scaling: 7 }, 'it is not a JSON object'],
    [{ partial_rotary_factor: 0.5 }, 'RoPE turns a part of the head, 0.5'],
    [{ attention_bias: true }, 'it has attention_bias'],
    [{ model_type: 'llama_nha', empty_slots: 'maybe' }, 'empty_slots should be "masked" or "counted"'],
  ])('refuses %j in one sentence', (fields, reason) => {
    expect(() => parseConfig({ ...LLAMA, ...fields })).toThrow(reason)
  })
})

describe('sequenceOptions', () => {
  const config = parseConfig(POCKET_LIKE)

  test('a window is used for every layer, but a layer without slots sees at least the current token', () => {
    expect(sequenceOptions(config, { attention: 'nha', window: 0 })).toEqual({
      windows: [1, 0, 0],
      slotsOn: true,
    })
    expect(sequenceOptions(config, { attention: 'nha', window: 32 }).windows).toEqual([32, 32, 32])
  })

  test('a preset is a window for each layer', () => {
    expect(sequenceOptions(config, { attention: 'nha', window: 'lean' }).windows).toEqual([64, 64, 64])
    expect(windowsOf('balanced', [1, 1, 1, 1])).toEqual([512, 512, 512, 2048])
    expect([windowsOf(null, [7]), windowsOf(3, [7, 7]), windowsOf([1, 2], [7, 7])]).toEqual([
      [7],
      [3],
      [1, 2],
    ])
  })

  test('full attention opens every window and leaves the slots alone', () => {
    const full = { windows: [WINDOW_ALL, WINDOW_ALL, WINDOW_ALL], slotsOn: false }
    expect(sequenceOptions(config, { attention: 'full', window: null })).toEqual(full)
  })
})

test('the state of SmolLM2-135M with W = 64, M = 64 is 4.9 MiB', () => {
  const config = parseConfig({
    ...POCKET_LIKE,
    model_type: 'llama_nha',
    num_hidden_layers: 30,
    num_attention_heads: 9,
    num_key_value_heads: 3,
    head_dim: 64,
    num_slots: 64,
    layer_windows: undefined,
    slot_layers: undefined,
  })
  const bytes = stateBytes(config, sequenceOptions(config, { attention: 'nha', window: 64 }))
  expect(bytes).toBe(30 * 3 * (2 * 64 * 64 * 4 + 64 * (2 * 64 + 64) * 2))
  expect((bytes / 2 ** 20).toFixed(1)).toBe('4.9')
})

test('the lean state of SmolLM2-135M and Llama-3.2-1B is its narrow and wide layers, with sinks, mass and count', () => {
  const lean = (layers: number, kvHeads: number) => {
    const shape = { num_hidden_layers: layers, num_key_value_heads: kvHeads, head_dim: 64 }
    const heads = { ...POCKET_LIKE, num_attention_heads: kvHeads, model_type: 'llama' }
    const config = parseConfig({ ...heads, ...shape, layer_windows: undefined, slot_layers: undefined })
    return stateBytes(config, sequenceOptions(config, { attention: 'nha', window: null }))
  }
  // Per KV head: 64 slots and a window of 64 in a narrow layer, a window of 2,048 and no slots in a wide one.
  const narrow = 64 * (2 * 64 + 2) * 4 + 68 * (2 * 64 + 64) * 2
  const wide = 2052 * 2 * 64 * 2
  expect(lean(30, 3)).toBe(3 * (23 * narrow + 7 * wide))
  expect((lean(30, 3) / 2 ** 20).toFixed(1)).toBe('14.4')
  expect(lean(16, 8)).toBe(8 * (12 * narrow + 4 * wide))
  expect((lean(16, 8) / 2 ** 20).toFixed(1)).toBe('21.5')
})
