import { WINDOW_ALL } from '../../kernels/attention-shape.ts'
import { EngineError } from '../errors.ts'
import { FAMILIES } from './families.ts'

/** A model's shape, parsed and validated once. Letters as in NHA.md. */
export interface ModelConfig {
  readonly modelType: string
  /** what to call the model, where its config says so */
  readonly name: string | null
  /** L */
  readonly layers: number
  /** C */
  readonly hiddenSize: number
  /** F */
  readonly mlpSize: number
  /** Q */
  readonly queryHeads: number
  /** H */
  readonly kvHeads: number
  /** D */
  readonly headDim: number
  /** V */
  readonly vocabSize: number
  readonly normEpsilon: number
  readonly ropeTheta: number
  /** the head is the embedding */
  readonly tiedHead: boolean
  readonly projectionBias: boolean
  readonly headNorm: boolean
  /** M; 0 in a model without slots */
  readonly slots: number
  /** τ */
  readonly gateNormalizer: number
  readonly gateBias: boolean
  /** an unwritten slot takes no share of the softmax */
  readonly maskEmptySlots: boolean
  /** W of each layer, as trained; WINDOW_ALL is full attention */
  readonly layerWindows: readonly number[]
  /** which layers have slots */
  readonly slotLayers: readonly boolean[]
}

/** No real model comes near these; a config that passes them is refused before anything is allocated. */
const MAX_SIZE = 1 << 20
const MAX_LAYERS = 1024

/**
 * Read a Hugging Face config.json, with the NHA fields of the paper's code and our own.
 *
 * @throws {EngineError} `unknown-architecture`, or `bad-file` naming the field
 */
export function parseConfig(json: unknown): ModelConfig {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw bad('it is not a JSON object')
  const fields = new Map<string, unknown>(Object.entries(json))

  const modelType = fields.get('model_type')
  const family = typeof modelType === 'string' && Object.hasOwn(FAMILIES, modelType) && FAMILIES[modelType]
  if (typeof modelType !== 'string' || !family) {
    const found = typeof modelType === 'string' ? modelType : 'none'
    throw new EngineError({ code: 'unknown-architecture', found, supported: Object.keys(FAMILIES) })
  }

  const number = (name: string, fallback?: number): number => {
    const value = fields.get(name) ?? fallback
    if (typeof value !== 'number' || !Number.isFinite(value) || value <= 0) {
      throw bad(`${name} should be a positive number and is ${JSON.stringify(value)}`)
    }
    return value
  }
  const size = (name: string, fallback?: number, limit = MAX_SIZE): number => {
    const value = number(name, fallback)
    if (!Number.isInteger(value) || value > limit) {
      throw bad(`${name} should be a whole number up to ${limit} and is ${value}`)
    }
    return value
  }

  const layers = size('num_hidden_layers', undefined, MAX_LAYERS)
  const hiddenSize = size('hidden_size')
  const queryHeads = size('num_attention_heads')
  const kvHeads = size('num_key_value_heads', queryHeads)
  const headDim = size('head_dim', hiddenSize / queryHeads)
  if (queryHeads % kvHeads !== 0)
    throw bad(`${queryHeads} query heads do not divide among ${kvHeads} KV heads`)
  if (headDim % 2 !== 0) throw bad(`head_dim should be even for RoPE and is ${headDim}`)
  const activation = fields.get('hidden_act') ?? 'silu'
  if (activation !== 'silu')
    throw bad(`hidden_act ${JSON.stringify(activation)} is not supported, only "silu"`)

  const slots = family.hasSlots ? size('num_slots', 64) : 0
  const name = fields.get('_name_or_path')
  return {
    modelType,
    name:
      typeof name === 'string' && name.trim() !== '' ? (name.split('/').at(-1)?.slice(0, 80) ?? null) : null,
    layers,
    hiddenSize,
    mlpSize: size('intermediate_size'),
    queryHeads,
    kvHeads,
    headDim,
    vocabSize: size('vocab_size'),
    normEpsilon: number('rms_norm_eps', 1e-6),
    ropeTheta: number('rope_theta', 10_000),
    tiedHead: fields.get('tie_word_embeddings') === true,
    projectionBias: family.projectionBias,
    headNorm: family.headNorm,
    slots,
    gateNormalizer: number('gate_logit_normalizer', 8),
    gateBias: fields.get('gate_bias') === true,
    maskEmptySlots: (fields.get('empty_slots') ?? 'masked') === 'masked',
    layerWindows: parseWindows(fields, layers, family.hasSlots),
    slotLayers: parseSlotLayers(fields, layers, slots),
  }
}

/** `layer_windows` if given; else the paper's pattern of `window_size`, `block_size` and `transformer_idx`. */
function parseWindows(fields: Map<string, unknown>, layers: number, hasSlots: boolean): readonly number[] {
  const perLayer = fields.get('layer_windows')
  if (perLayer !== undefined) {
    if (!Array.isArray(perLayer) || perLayer.length !== layers || !perLayer.every(isWindow)) {
      throw bad(`layer_windows should be ${layers} whole numbers from 0 up`)
    }
    return perLayer
  }
  if (!hasSlots) return new Array<number>(layers).fill(WINDOW_ALL)
  const window = fields.get('window_size') ?? 64
  if (!isWindow(window)) throw bad(`window_size should be a whole number from 0 up`)
  return new Array<number>(layers).fill(window)
}

function parseSlotLayers(fields: Map<string, unknown>, layers: number, slots: number): readonly boolean[] {
  const perLayer = fields.get('slot_layers')
  if (perLayer === undefined) return new Array<boolean>(layers).fill(slots > 0)
  const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean'
  if (!Array.isArray(perLayer) || perLayer.length !== layers || !perLayer.every(isBoolean)) {
    throw bad(`slot_layers should be ${layers} times true or false`)
  }
  return perLayer.map((on) => on && slots > 0)
}

function isWindow(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= WINDOW_ALL
}

function bad(reason: string): EngineError {
  return new EngineError({ code: 'bad-file', file: 'config.json', reason })
}
