import * as tf from '@tensorflow/tfjs-core'
import type { Checkpoint, MatrixPlan, VectorPlan } from '../model/checkpoint.ts'
import type { ModelConfig } from '../model/config.ts'
import { dequantize } from '../model/stored-matrix.ts'
import { type LayerValues, planWeights, readLayer } from '../model/weight-plans.ts'
import { attend, type Heads, type Reading } from './attention.ts'

/** Without rows for gates: `projections` is [Q*D + 2*H*D, C]. */
type Layer = LayerValues<tf.Tensor, tf.Tensor>

/** What the attention of a layer is given. */
export type LayerInput = Heads & {
  /** [T, C]: what the gates see */
  readonly normed: tf.Tensor
}

/** Added to what q_proj and k_proj give: [T, Q*D] and [T, H*D]. */
export type Adapt = (normed: tf.Tensor) => { readonly queries: tf.Tensor; readonly keys: tf.Tensor }

/**
 * A model without slots as tfjs sees it, with gradients where they are asked for: the teacher, and what gates and
 * adapters are fitted inside of. Weights are f32 and do not learn. What it returns, the caller disposes of.
 *
 * Oracle: model.ref.ts.
 */
export class Forward {
  readonly config: ModelConfig
  readonly #layers: readonly Layer[]
  readonly #embedding: tf.Tensor
  readonly #finalNorm: tf.Tensor
  readonly #head: tf.Tensor

  private constructor(config: ModelConfig, layers: readonly Layer[], ends: readonly tf.Tensor[]) {
    this.config = config
    this.#layers = layers
    const [embedding, finalNorm, head] = ends
    if (!embedding || !finalNorm) throw new Error('a model has an embedding and a final norm')
    this.#embedding = embedding
    this.#finalNorm = finalNorm
    this.#head = head ?? embedding
  }

  /** @throws {EngineError} `bad-weights`, `missing-file` */
  static async load(config: ModelConfig, checkpoint: Checkpoint): Promise<Forward> {
    // Whatever slots the engine lends a model that has none of its own, here it has none.
    const plain = { ...config, slotLayers: config.layerWindows.map(() => false) }
    const { layers: plans, ends } = planWeights(plain, checkpoint)
    const matrix = async (plan: MatrixPlan) => {
      const stored = await plan.load()
      return tf.tensor2d(Float32Array.from(dequantize(stored)), [stored.rows, stored.cols])
    }
    const vector = async (plan: VectorPlan) => tf.tensor1d(await plan.load())
    const layers: Layer[] = []
    for (const plan of plans) layers.push(await readLayer(plan, { matrix, vector }))
    return new Forward(config, layers, [
      await matrix(ends.embedding),
      await vector(ends.finalNorm),
      ...(ends.head ? [await matrix(ends.head)] : []),
    ])
  }

  /** Of the weights, as they are computed with: f32. */
  get bytes(): number {
    return 4 * this.#tensors().reduce((sum, { size }) => sum + size, 0)
  }

  /** [T, C] */
  embed(tokens: readonly number[]): tf.Tensor {
    return tf.gather(this.#embedding, tf.tensor1d([...tokens], 'int32'))
  }

  project(layer: number, residual: tf.Tensor, adapt?: Adapt): LayerInput {
    const { queryHeads, kvHeads, headDim, normEpsilon } = this.config
    const { inputNorm, projections, projectionBias, queryNorm, keyNorm } = this.#layer(layer)
    const normed = rmsNorm(residual, inputNorm, normEpsilon)
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

  /** The residual after the layer, [T, C]. */
  finish(layer: number, residual: tf.Tensor, attended: tf.Tensor): tf.Tensor {
    const { mlpNorm, gateUp, down } = this.#layer(layer)
    const added = tf.add(residual, this.output(layer, attended))
    const both = tf.matMul(rmsNorm(added, mlpNorm, this.config.normEpsilon), gateUp, false, true)
    const [tokens = 0, width = 0] = both.shape
    const gate = tf.slice(both, [0, 0], [tokens, width / 2])
    const up = tf.slice(both, [0, width / 2], [tokens, width / 2])
    const active = tf.mul(tf.mul(gate, tf.sigmoid(gate)), up)
    return tf.add(added, tf.matMul(active, down, false, true))
  }

  /** One whole layer. @param logits z [T, H*M], `null` where the slots are off */
  layer(
    layer: number,
    residual: tf.Tensor,
    on: Reading,
    logits: ((normed: tf.Tensor) => tf.Tensor) | null,
    adapt?: Adapt,
  ): tf.Tensor {
    const input = this.project(layer, residual, adapt)
    return this.finish(layer, residual, attend(on, input, logits && logits(input.normed)))
  }

  /** log softmax, [T, V] */
  logProbabilities(residual: tf.Tensor): tf.Tensor {
    const normed = rmsNorm(residual, this.#finalNorm, this.config.normEpsilon)
    return tf.logSoftmax(tf.matMul(normed, this.#head, false, true))
  }

  dispose(): void {
    tf.dispose(this.#tensors())
  }

  /** Each once: the head may be the embedding. */
  #tensors(): tf.Tensor[] {
    const all = this.#layers.flatMap((layer) => Object.values(layer) as (tf.Tensor | null)[])
    const ends = [this.#embedding, this.#finalNorm, this.#head]
    return [...new Set([...all, ...ends])].filter((tensor) => tensor !== null)
  }

  #layer(layer: number): Layer {
    const found = this.#layers[layer]
    if (!found) throw new Error(`there is no layer ${layer}`)
    return found
  }
}

/** x·w / sqrt(mean x² + ε) over the last axis */
function rmsNorm(x: tf.Tensor, weight: tf.Tensor, epsilon: number): tf.Tensor {
  const width = x.shape.at(-1) ?? 1
  const mean = tf.mul(tf.sum(tf.square(x), -1, true), 1 / width)
  return tf.mul(tf.mul(x, tf.rsqrt(tf.add(mean, epsilon))), weight)
}

function normHeads(rows: tf.Tensor, weight: tf.Tensor | null, headDim: number, epsilon: number): tf.Tensor {
  if (!weight) return rows
  return tf.reshape(rmsNorm(tf.reshape(rows, [-1, headDim]), weight, epsilon), rows.shape)
}
