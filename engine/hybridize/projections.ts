import * as tf from '@tensorflow/tfjs-core'
import type { Checkpoint } from '../model/checkpoint.ts'
import type { ModelConfig } from '../model/config.ts'
import { type ProjectionValues, readProjections } from '../model/weight-plans.ts'
import type { Heads } from './attention.ts'
import { letGo } from './backend.ts'
import { rmsNorm } from './rms-norm.ts'
import { planWithoutSlots, TENSORS } from './weight-tensors.ts'

/** Without rows for gates: `projections` is [Q*D + 2*H*D, C]. */
type LayerProjections = ProjectionValues<tf.Tensor, tf.Tensor>

/** What the attention of a layer is given. */
export type LayerInput = Heads & {
  /** [T, C]: what the gates see */
  readonly normed: tf.Tensor
}

/** Added to what q_proj and k_proj give: [T, Q*D] and [T, H*D]. */
export type Adapt = (normed: tf.Tensor) => { readonly queries: tf.Tensor; readonly keys: tf.Tensor }

/** What stands right before and after the attention of some layers. Weights are f32 and do not learn. */
export class Projections {
  readonly config: ModelConfig
  readonly #layers: ReadonlyMap<number, LayerProjections>

  constructor(config: ModelConfig, layers: ReadonlyMap<number, LayerProjections>) {
    this.config = config
    this.#layers = layers
  }

  /** Those of these layers alone. @throws {EngineError} `bad-weights`, `missing-file` */
  static async load(
    config: ModelConfig,
    checkpoint: Checkpoint,
    layers: readonly number[],
  ): Promise<Projections> {
    const loaded = new Map<number, LayerProjections>()
    for (const [layer, plan] of planWithoutSlots(config, checkpoint).layers.entries())
      if (layers.includes(layer)) loaded.set(layer, await readProjections(plan, TENSORS))
    return new Projections(config, loaded)
  }

  /** @param normed what the layer's first norm gives, [T, C] */
  project(layer: number, normed: tf.Tensor, adapt?: Adapt): LayerInput {
    return tf.tidy(() => this.#project(layer, normed, adapt))
  }

  #project(layer: number, normed: tf.Tensor, adapt?: Adapt): LayerInput {
    const { queryHeads, kvHeads, headDim, normEpsilon } = this.config
    const { projections, projectionBias, queryNorm, keyNorm } = this.#layer(layer)
    const product = tf.matMul(normed, projections, false, true)
    const rows = projectionBias ? tf.add(product, projectionBias) : product
    const [tokens = 0] = rows.shape
    const part = (from: number, heads: number) => tf.slice(rows, [0, from], [tokens, heads * headDim])
    const added = adapt?.(normed)
    const [q, k] = [part(0, queryHeads), part(queryHeads * headDim, kvHeads)]
    return {
      normed,
      queries: normHeads(added ? tf.add(q, added.queries) : q, queryNorm, headDim, normEpsilon),
      keys: normHeads(added ? tf.add(k, added.keys) : k, keyNorm, headDim, normEpsilon),
      values: part((queryHeads + kvHeads) * headDim, kvHeads),
    }
  }

  /** q_proj, [Q*D, C]. */
  queryWeights(layer: number): tf.Tensor {
    const { queryHeads, headDim, hiddenSize } = this.config
    return tf.slice(this.#layer(layer).projections, [0, 0], [queryHeads * headDim, hiddenSize])
  }

  /** k_proj, [H*D, C]. */
  keyWeights(layer: number): tf.Tensor {
    const { queryHeads, kvHeads, headDim, hiddenSize } = this.config
    const { projections } = this.#layer(layer)
    return tf.slice(projections, [queryHeads * headDim, 0], [kvHeads * headDim, hiddenSize])
  }

  /** Attended [T, Q*D] after o_proj: [T, C] */
  output(layer: number, attended: tf.Tensor): tf.Tensor {
    return tf.matMul(attended, this.#layer(layer).output, false, true)
  }

  dispose(): void {
    const all = [...this.#layers.values()].flatMap((layer) => Object.values(layer) as (tf.Tensor | null)[])
    letGo(all.filter((tensor) => tensor !== null))
  }

  #layer(layer: number): LayerProjections {
    const found = this.#layers.get(layer)
    if (!found) throw new Error(`there is no layer ${layer}`)
    return found
  }
}

function normHeads(rows: tf.Tensor, weight: tf.Tensor | null, headDim: number, epsilon: number): tf.Tensor {
  if (!weight) return rows
  return tf.reshape(rmsNorm(tf.reshape(rows, [-1, headDim]), weight, epsilon), rows.shape)
}
