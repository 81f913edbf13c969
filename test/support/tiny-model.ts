import { EngineError } from '../../engine/errors.ts'
import { fileInMemory } from '../../engine/formats/random-access.ts'
import type { ModelFiles } from '../../engine/model-files.ts'
import { halfFromNumber, numberFromHalf } from '../../kernels/half.ts'
import { seeded } from './numerics.ts'
import { CHATML, tinyTokenizer } from './tiny-tokenizer.ts'
import { type TensorToWrite, writeSafetensors } from './write-safetensors.ts'

export interface TinyModel {
  /** model_type; `…_nha` has gates and slots */
  readonly family: 'llama' | 'qwen2' | 'qwen3' | 'llama_nha' | 'qwen2_nha' | 'qwen3_nha'
  readonly format: 'f32' | 'f16' | 'q8'
  /** C */
  readonly hiddenSize: number
  /** F */
  readonly mlpSize: number
  /** L */
  readonly layers: number
  /** Q */
  readonly queryHeads: number
  /** H */
  readonly kvHeads: number
  /** D */
  readonly headDim: number
  /** M */
  readonly slots: number
  /** V, at least 259 */
  readonly vocabSize: number
  /** W of each layer, or of all */
  readonly windows: readonly number[] | number
  /** S: the config's, or the family's own when left out */
  readonly sinks?: number
  readonly slotLayers?: readonly boolean[]
  readonly gateBias?: boolean
  readonly emptySlots?: 'masked' | 'counted'
  /** the head is the embedding unless this is false */
  readonly tiedHead?: boolean
  /** the tokens it can say, where the head is not tied: all other rows of the head are nothing */
  readonly says?: readonly number[]
  readonly seed: number
}

/** Small, with nothing a multiple of anything it need not be; spread it and change what matters. */
export const TINY: TinyModel = {
  family: 'qwen2_nha',
  format: 'f32',
  hiddenSize: 32,
  mlpSize: 96,
  layers: 2,
  queryHeads: 4,
  kvHeads: 2,
  headDim: 16,
  slots: 4,
  vocabSize: 300,
  windows: [8, 5],
  gateBias: true,
  seed: 1,
}

const GROUP = 32

/** A model folder with random weights: every file of a real one, by name. */
export function tinyModel(model: TinyModel): Map<string, Uint8Array<ArrayBuffer>> {
  const tokenizer = tinyTokenizer(model.vocabSize)
  const endOfTurn = tokenizer.added_tokens.find(({ content }) => content === '<|im_end|>')?.id
  const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value, null, 1))
  return new Map([
    ['config.json', json(config(model, endOfTurn))],
    ['tokenizer.json', json(tokenizer)],
    [
      'tokenizer_config.json',
      json({ eos_token: '<|im_end|>', chat_template: CHATML, document_role: 'document' }),
    ],
    [
      'generation_config.json',
      json({ temperature: 0.7, top_k: 40, top_p: 0.95, repetition_penalty: 1.1, eos_token_id: endOfTurn }),
    ],
    ['model.safetensors', writeSafetensors(weights(model))],
  ])
}

/** A folder in memory, as the engine takes it. */
export function modelFilesOf(folder: ReadonlyMap<string, Uint8Array<ArrayBuffer>>): ModelFiles {
  const bytes = (file: string) => {
    const found = folder.get(file)
    if (found) return Promise.resolve(found)
    return Promise.reject(new EngineError({ code: 'missing-file', file, reason: 'it is not there' }))
  }
  return { name: 'tiny', bytes, open: async (file) => fileInMemory(file, await bytes(file)) }
}

function config(model: TinyModel, endOfTurn: number | undefined): Record<string, unknown> {
  const windows = layerWindows(model)
  const nha = {
    num_slots: model.slots,
    gate_logit_normalizer: 8,
    window_size: windows[0],
    layer_windows: windows,
    slot_layers: Array.from({ length: model.layers }, (_, layer) => model.slotLayers?.[layer] ?? true),
    gate_bias: model.gateBias === true,
    empty_slots: model.emptySlots ?? 'masked',
  }
  return {
    model_type: model.family,
    hidden_size: model.hiddenSize,
    intermediate_size: model.mlpSize,
    num_hidden_layers: model.layers,
    num_attention_heads: model.queryHeads,
    num_key_value_heads: model.kvHeads,
    head_dim: model.headDim,
    vocab_size: model.vocabSize,
    rms_norm_eps: 1e-6,
    rope_theta: 10_000,
    tie_word_embeddings: model.tiedHead !== false,
    hidden_act: 'silu',
    max_position_embeddings: 4096,
    bos_token_id: null,
    eos_token_id: endOfTurn,
    torch_dtype: model.format === 'f16' ? 'float16' : 'float32',
    ...(hasSlots(model) ? nha : {}),
    ...(model.sinks === undefined ? {} : { sinks: model.sinks }),
    ...(model.format === 'q8' ? { quantization: { format: 'q8', group_size: GROUP } } : {}),
  }
}

function weights(model: TinyModel): Map<string, TensorToWrite> {
  const { hiddenSize, mlpSize, queryHeads, kvHeads, headDim, vocabSize } = model
  const random = seeded(model.seed)
  const tensors = new Map<string, TensorToWrite>()
  const spread = (length: number, middle: number, half: number) =>
    Float32Array.from({ length }, () => middle + half * (2 * random() - 1))
  const vector = (name: string, size: number, middle: number, half: number): void => {
    tensors.set(name, { dtype: 'F32', shape: [size], data: bytesOf(spread(size, middle, half)) })
  }
  // Uniform with a variance of 1/columns, so that a row of unit inputs gives outputs near 1.
  const matrix = (name: string, rows: number, columns: number, kept?: readonly number[]): void => {
    const values = spread(rows * columns, 0, Math.sqrt(3 / columns))
    if (kept)
      for (let row = 0; row < rows; row++)
        if (!kept.includes(row)) values.fill(0, row * columns, (row + 1) * columns)
    for (const [key, tensor] of stored(name, values, rows, columns, model.format)) tensors.set(key, tensor)
  }

  matrix('model.embed_tokens.weight', vocabSize, hiddenSize)
  for (let layer = 0; layer < model.layers; layer++) {
    const at = `model.layers.${layer}`
    vector(`${at}.input_layernorm.weight`, hiddenSize, 1, 0.2)
    const rows = { q: queryHeads * headDim, k: kvHeads * headDim, v: kvHeads * headDim }
    for (const [part, size] of Object.entries(rows)) {
      matrix(`${at}.self_attn.${part}_proj.weight`, size, hiddenSize)
      if (model.family.startsWith('qwen2')) vector(`${at}.self_attn.${part}_proj.bias`, size, 0, 0.3)
    }
    if (model.family.startsWith('qwen3')) {
      vector(`${at}.self_attn.q_norm.weight`, headDim, 1, 0.3)
      vector(`${at}.self_attn.k_norm.weight`, headDim, 1, 0.3)
    }
    if (hasSlots(model) && model.slotLayers?.[layer] !== false) {
      const gates = kvHeads * model.slots
      matrix(`${at}.self_attn.g_proj.weight`, gates, hiddenSize)
      // Half-lives from 3 tokens to 300.
      if (model.gateBias) vector(`${at}.self_attn.g_proj.bias`, gates, 1, 3)
    }
    matrix(`${at}.self_attn.o_proj.weight`, hiddenSize, rows.q)
    vector(`${at}.post_attention_layernorm.weight`, hiddenSize, 1, 0.2)
    matrix(`${at}.mlp.gate_proj.weight`, mlpSize, hiddenSize)
    matrix(`${at}.mlp.up_proj.weight`, mlpSize, hiddenSize)
    matrix(`${at}.mlp.down_proj.weight`, hiddenSize, mlpSize)
  }
  vector('model.norm.weight', hiddenSize, 1, 0.2)
  if (model.tiedHead === false) matrix('lm_head.weight', vocabSize, hiddenSize, model.says)
  return tensors
}

function stored(
  name: string,
  values: Float32Array,
  rows: number,
  columns: number,
  format: TinyModel['format'],
): [string, TensorToWrite][] {
  const shape = [rows, columns]
  if (format === 'f32') return [[name, { dtype: 'F32', shape, data: bytesOf(values) }]]
  if (format === 'f16') {
    return [[name, { dtype: 'F16', shape, data: bytesOf(Uint16Array.from(values, halfFromNumber)) }]]
  }
  if (columns % GROUP !== 0) throw new Error(`q8 needs columns in groups of ${GROUP}, ${name} has ${columns}`)
  const quantised = new Int8Array(values.length)
  const scales = new Uint16Array(values.length / GROUP)
  for (const group of scales.keys()) {
    const part = values.subarray(group * GROUP, (group + 1) * GROUP)
    const largest = part.reduce((max, value) => Math.max(max, Math.abs(value)), 0)
    scales[group] = halfFromNumber(largest / 127)
    const scale = numberFromHalf(scales[group])
    for (const [i, value] of part.entries()) {
      quantised[group * GROUP + i] = Math.max(-127, Math.min(127, Math.round(value / scale)))
    }
  }
  return [
    [name, { dtype: 'I8', shape, data: bytesOf(quantised) }],
    [`${name}_scale`, { dtype: 'F16', shape: [rows, columns / GROUP], data: bytesOf(scales) }],
  ]
}

function layerWindows({ windows, layers }: TinyModel): readonly number[] {
  return typeof windows === 'number' ? new Array<number>(layers).fill(windows) : windows
}

function hasSlots({ family }: TinyModel): boolean {
  return family.endsWith('_nha')
}

function bytesOf(values: Float32Array | Uint16Array | Int8Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
}
