import type { Checkpoint, StoredMatrix } from './checkpoint.ts'
import type { ModelConfig } from './config.ts'

/** The tensors of one layer as the kernels want them: what is read together lies together. */
export interface LayerTensors {
  /** f32 [C] */
  readonly inputNorm: Float32Array<ArrayBuffer>
  /** [Q*D + 2*H*D + H*M, C]: rows of q, k, v and the gate; no gate rows in a layer without slots */
  readonly projections: StoredMatrix
  /** f32, one per row of `projections`, or null when nothing there has a bias */
  readonly projectionBias: Float32Array<ArrayBuffer> | null
  /** f32 [D] each, or null */
  readonly queryNorm: Float32Array<ArrayBuffer> | null
  readonly keyNorm: Float32Array<ArrayBuffer> | null
  /** [C, Q*D] */
  readonly output: StoredMatrix
  /** f32 [C] */
  readonly mlpNorm: Float32Array<ArrayBuffer>
  /** [2*F, C]: gate rows, then up rows */
  readonly gateUp: StoredMatrix
  /** [C, F] */
  readonly down: StoredMatrix
}

/** Rows of the fused projection of one layer: [q: Q*D | k: H*D | v: H*D | z: H*M]. */
export function projectionRows(config: ModelConfig, layer: number): number {
  const { queryHeads, kvHeads, headDim, slots } = config
  return (queryHeads + 2 * kvHeads) * headDim + (config.slotLayers[layer] ? kvHeads * slots : 0)
}

/**
 * The tensors of one layer under their Hugging Face names.
 *
 * @throws {EngineError} `bad-weights`
 */
export function layerTensors(checkpoint: Checkpoint, config: ModelConfig, layer: number): LayerTensors {
  const { hiddenSize, mlpSize, headDim, slots, kvHeads } = config
  const queryRows = config.queryHeads * headDim
  const keyRows = kvHeads * headDim
  const attention = `model.layers.${layer}.self_attn`
  const mlp = `model.layers.${layer}.mlp`
  const hasSlots = config.slotLayers[layer] === true

  const parts: [string, number, boolean][] = [
    ['q_proj', queryRows, config.projectionBias],
    ['k_proj', keyRows, config.projectionBias],
    ['v_proj', keyRows, config.projectionBias],
  ]
  if (hasSlots) parts.push(['g_proj', kvHeads * slots, config.gateBias])

  let projectionBias: Float32Array<ArrayBuffer> | null = null
  if (parts.some(([, , hasBias]) => hasBias)) {
    projectionBias = new Float32Array(projectionRows(config, layer))
    let offset = 0
    for (const [name, rows, hasBias] of parts) {
      if (hasBias) projectionBias.set(checkpoint.vector(`${attention}.${name}.bias`, rows), offset)
      offset += rows
    }
  }

  return {
    inputNorm: checkpoint.vector(`model.layers.${layer}.input_layernorm.weight`, hiddenSize),
    projections: checkpoint.stack(
      parts.map(([name, rows]) => [`${attention}.${name}.weight`, rows] as const),
      hiddenSize,
    ),
    projectionBias,
    queryNorm: config.headNorm ? checkpoint.vector(`${attention}.q_norm.weight`, headDim) : null,
    keyNorm: config.headNorm ? checkpoint.vector(`${attention}.k_norm.weight`, headDim) : null,
    output: checkpoint.matrix(`${attention}.o_proj.weight`, hiddenSize, queryRows),
    mlpNorm: checkpoint.vector(`model.layers.${layer}.post_attention_layernorm.weight`, hiddenSize),
    gateUp: checkpoint.stack(
      [
        [`${mlp}.gate_proj.weight`, mlpSize],
        [`${mlp}.up_proj.weight`, mlpSize],
      ],
      hiddenSize,
    ),
    down: checkpoint.matrix(`${mlp}.down_proj.weight`, hiddenSize, mlpSize),
  }
}

export interface EndTensors {
  /** [V, C] */
  readonly embedding: StoredMatrix
  /** f32 [C] */
  readonly finalNorm: Float32Array<ArrayBuffer>
  /** [V, C], or null when the head is the embedding */
  readonly head: StoredMatrix | null
}

/**
 * What stands before the first layer and after the last.
 *
 * @throws {EngineError} `bad-weights`
 */
export function endTensors(checkpoint: Checkpoint, config: ModelConfig): EndTensors {
  const { vocabSize, hiddenSize } = config
  return {
    embedding: checkpoint.matrix('model.embed_tokens.weight', vocabSize, hiddenSize),
    finalNorm: checkpoint.vector('model.norm.weight', hiddenSize),
    head: config.tiedHead ? null : checkpoint.matrix('lm_head.weight', vocabSize, hiddenSize),
  }
}
