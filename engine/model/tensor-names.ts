import { EngineError } from '../errors.ts'
import type { Checkpoint, MatrixPlan, StackPart, VectorPlan } from './checkpoint.ts'
import type { ModelConfig } from './config.ts'

/** The tensors of one layer as the kernels want them: what is read together lies together. Nothing is read yet. */
export interface LayerTensors {
  /** f32 [C] */
  readonly inputNorm: VectorPlan
  /** [Q*D + 2*H*D + H*M, C]: rows of q, k, v and the gate; no gate rows in a layer without slots */
  readonly projections: MatrixPlan
  /** f32, one per row of `projections`, or null when nothing there has a bias */
  readonly projectionBias: VectorPlan | null
  /** f32 [D] each, or null */
  readonly queryNorm: VectorPlan | null
  readonly keyNorm: VectorPlan | null
  /** [C, Q*D] */
  readonly output: MatrixPlan
  /** f32 [C] */
  readonly mlpNorm: VectorPlan
  /** [2*F, C]: gate rows, then up rows */
  readonly gateUp: MatrixPlan
  /** [C, F] */
  readonly down: MatrixPlan
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
  const { hiddenSize, mlpSize, headDim, kvHeads } = config
  const queryRows = config.queryHeads * headDim
  const keyRows = kvHeads * headDim
  const attention = `model.layers.${layer}.self_attn`
  const mlp = `model.layers.${layer}.mlp`
  const hasSlots = config.slotLayers[layer] === true

  const parts: Projection[] = [
    { part: 'q_proj', rows: queryRows, hasBias: config.projectionBias },
    { part: 'k_proj', rows: keyRows, hasBias: config.projectionBias },
    { part: 'v_proj', rows: keyRows, hasBias: config.projectionBias },
  ]
  if (hasSlots) parts.push(gatePart(checkpoint, config, layer, `${attention}.g_proj.weight`))

  return {
    inputNorm: checkpoint.vector(`model.layers.${layer}.input_layernorm.weight`, hiddenSize),
    projections: checkpoint.stack(
      parts.map(({ part, rows, constantBias }): StackPart => [
        constantBias === undefined ? `${attention}.${part}.weight` : null,
        rows,
      ]),
      hiddenSize,
    ),
    projectionBias: biasPlan(checkpoint, attention, parts),
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

/** Whether anything in the fused projection of a layer has a bias. */
export function hasProjectionBias(config: ModelConfig, layer: number): boolean {
  const hasGate = config.slotLayers[layer] === true && (config.gateBias || config.frozenSlots[layer] === true)
  return config.projectionBias || hasGate
}

interface Projection {
  readonly part: string
  readonly rows: number
  readonly hasBias: boolean
  /** the weights are zero and the bias is this everywhere, whatever the checkpoint says */
  readonly constantBias?: number
}

/** A gate this far open keeps everything: α = 1 in f16 and in f32. */
const KEEPS_ALL = 100

function gatePart(checkpoint: Checkpoint, config: ModelConfig, layer: number, name: string): Projection {
  const rows = config.kvHeads * config.slots
  if (config.keyGates) return { part: 'k_proj', rows, hasBias: false }
  if (config.frozenSlots[layer] !== true) return { part: 'g_proj', rows, hasBias: config.gateBias }
  // It is there, and its code never uses it.
  checkpoint.matrix(name, rows, config.hiddenSize)
  return { part: 'g_proj', rows, hasBias: false, constantBias: KEEPS_ALL }
}

/** One bias for the stacked projections, zero where a part has none; `null` when none has. */
function biasPlan(
  checkpoint: Checkpoint,
  attention: string,
  parts: readonly Projection[],
): VectorPlan | null {
  if (!parts.some(({ hasBias, constantBias }) => hasBias || constantBias !== undefined)) return null
  const plans = parts.map(({ part, rows, hasBias, constantBias = 0 }) => ({
    rows,
    constantBias,
    plan: hasBias ? checkpoint.vector(`${attention}.${part}.bias`, rows) : null,
  }))
  return {
    load: async () => {
      const bias = new Float32Array(plans.reduce((sum, { rows }) => sum + rows, 0))
      let offset = 0
      for (const { rows, plan, constantBias } of plans) {
        if (plan) bias.set(await plan.load(), offset)
        else bias.fill(constantBias, offset, offset + rows)
        offset += rows
      }
      return bias
    },
  }
}

export interface EndTensors {
  /** [V, C] */
  readonly embedding: MatrixPlan
  /** f32 [C] */
  readonly finalNorm: VectorPlan
  /** [V, C], or null when the head is the embedding */
  readonly head: MatrixPlan | null
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

/** What real checkpoints carry beside the weights: tables that are computed here, and a copy of a tied head. */
const IGNORED = /(^|\.)(rotary_emb\.inv_freq|masked_bias)$|^lm_head\.weight$/

/**
 * A tensor nobody asks for is a part of the model that would be left out: wrong answers instead of an error.
 *
 * @throws {EngineError} `bad-weights` naming the first one
 */
export function checkUnused(checkpoint: Checkpoint): void {
  const extra = checkpoint.unused.find((name) => !IGNORED.test(name))
  if (extra === undefined) return
  const failure = { tensor: extra.slice(0, 100), expected: 'absent in a model of this type', found: 'there' }
  throw new EngineError({ code: 'bad-weights', ...failure })
}
