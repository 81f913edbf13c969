import { EngineError } from '../errors.ts'
import { ConfigFields } from './config-fields.ts'
import { FAMILIES } from './families.ts'
import { type LayerPlan, parseLayers } from './layer-windows.ts'
import { parseRope } from './rope-config.ts'
import { parseSlots, type SlotPlan } from './slot-config.ts'

/** A model's shape, parsed and validated once, with the letters that all comments use. */
export interface ModelConfig extends LayerPlan, SlotPlan {
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
  /** angle per position of every rotated pair, [D/2] */
  readonly ropeFrequencies: readonly number[]
  /** the head is the embedding */
  readonly tiedHead: boolean
  readonly projectionBias: boolean
  readonly headNorm: boolean
  /** τ */
  readonly gateNormalizer: number
  readonly gateBias: boolean
}

/** No real model comes near these; a config that passes them is refused before anything is allocated. */
const MAX_SIZE = 1 << 20
const MAX_LAYERS = 1024
/** What the attention kernels hold in registers. */
const MAX_HEAD_DIM = 256

/**
 * Read a Hugging Face config.json, with the NHA fields of the paper's code and our own.
 *
 * @param file named in errors
 * @throws {EngineError} `unknown-architecture`; `bad-file` naming the field; `unsupported-file`
 */
export function parseConfig(json: unknown, file = 'config.json'): ModelConfig {
  const fields = new ConfigFields(json, file)
  const modelType = fields.get('model_type')
  const family = typeof modelType === 'string' && Object.hasOwn(FAMILIES, modelType) && FAMILIES[modelType]
  if (typeof modelType !== 'string' || !family) {
    const found = typeof modelType === 'string' ? modelType : 'none'
    throw new EngineError({ code: 'unknown-architecture', found, supported: Object.keys(FAMILIES) })
  }

  const layers = fields.size('num_hidden_layers', MAX_LAYERS)
  const hiddenSize = fields.size('hidden_size', MAX_SIZE)
  const queryHeads = fields.size('num_attention_heads', MAX_SIZE)
  const kvHeads = fields.size('num_key_value_heads', MAX_SIZE, queryHeads)
  const headDim = fields.size('head_dim', MAX_SIZE, hiddenSize / queryHeads)
  if (queryHeads % kvHeads !== 0) {
    throw fields.bad(`${queryHeads} query heads do not divide among ${kvHeads} KV heads`)
  }
  if (headDim % 4 !== 0 || headDim > MAX_HEAD_DIM) {
    throw fields.unsupported(
      `head_dim is ${headDim}, and multiples of 4 up to ${MAX_HEAD_DIM} can be computed with`,
    )
  }
  const activation = fields.get('hidden_act') ?? 'silu'
  if (activation !== 'silu') {
    throw fields.bad(`hidden_act ${JSON.stringify(activation)} is not supported, only "silu"`)
  }
  // Qwen2 has its three biases without saying so; this one adds a fourth, of the output.
  for (const bias of ['attention_bias', 'mlp_bias']) {
    if (fields.get(bias) === true && !family.projectionBias) throw fields.unsupported(`it has ${bias}`)
  }

  const mlpSize = fields.size('intermediate_size', MAX_SIZE)
  if (mlpSize % 4 !== 0) {
    throw fields.unsupported(`intermediate_size is ${mlpSize}, and multiples of 4 can be computed with`)
  }

  const slotPlan = parseSlots(fields, family, headDim)
  const name = fields.get('_name_or_path')
  return {
    modelType,
    name:
      typeof name === 'string' && name.trim() !== '' ? (name.split('/').at(-1)?.slice(0, 80) ?? null) : null,
    layers,
    hiddenSize,
    mlpSize,
    queryHeads,
    kvHeads,
    headDim,
    vocabSize: fields.size('vocab_size', MAX_SIZE),
    normEpsilon: fields.number('rms_norm_eps', 1e-6),
    ropeFrequencies: parseRope(fields, headDim),
    tiedHead: fields.get('tie_word_embeddings') === true,
    projectionBias: family.projectionBias,
    headNorm: family.headNorm,
    ...slotPlan,
    gateNormalizer: fields.number('gate_logit_normalizer', 8),
    gateBias: fields.get('gate_bias') === true,
    ...parseLayers(fields, family, layers, slotPlan),
  }
}
