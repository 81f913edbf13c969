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

/** How far predictions are from the teacher's. */
// A type, because tfjs's tidy takes no interface.
export type Divergence = { readonly nats: tf.Scalar; readonly gradient: tf.Tensor }

/** Computed at once, at most. */
const LOGITS = 1 << 22

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
      const values = new Float32Array(plan.rows * plan.cols)
      for await (const piece of plan.pieces()) values.set(dequantize(piece), piece.first * plan.cols)
      return tf.tensor2d(values, [plan.rows, plan.cols])
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
    return tf.tidy(() => tf.gather(this.#embedding, tf.tensor1d([...tokens], 'int32')))
  }

  project(layer: number, residual: tf.Tensor, adapt?: Adapt): LayerInput {
    return tf.tidy(() => this.#project(layer, residual, adapt))
  }

  #project(layer: number, residual: tf.Tensor, adapt?: Adapt): LayerInput {
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
    return tf.tidy(() => this.#finish(layer, residual, attended))
  }

  #finish(layer: number, residual: tf.Tensor, attended: tf.Tensor): tf.Tensor {
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
    return tf.tidy(() => {
      const input = this.project(layer, residual, adapt)
      return this.finish(layer, residual, attend(on, input, logits && logits(input.normed)))
    })
  }

  /** The residual before each layer from this one on, and after the last: [T, C] each. */
  through(
    from: number,
    residual: tf.Tensor,
    step: (layer: number, residual: tf.Tensor) => tf.Tensor,
  ): tf.Tensor[] {
    const all = [residual]
    for (let layer = from; layer < this.config.layers; layer++) all.push((residual = step(layer, residual)))
    return all
  }

  /** log softmax, [T, V] */
  logProbabilities(residual: tf.Tensor): tf.Tensor {
    return tf.tidy(() => tf.logSoftmax(tf.matMul(this.#final(residual), this.#head, false, true)))
  }

  /** log p of the token that follows each. */
  async foreseen(residual: tf.Tensor, following: readonly number[]): Promise<number[]> {
    const { vocabSize } = this.config
    const found: number[] = []
    for (const rows of this.#pieces(residual)) {
      const logs = this.logProbabilities(rows)
      const values = await logs.data<'float32'>()
      for (let row = 0; row < values.length; row += vocabSize)
        found.push(values[row + (following[found.length] ?? 0)] ?? NaN)
      tf.dispose([rows, logs])
    }
    return found
  }

  /** KL(teacher ‖ own) of two residuals [T, C], in nats, all tokens together. */
  divergence(teacher: tf.Tensor, own: tf.Tensor): tf.Scalar {
    return tf.tidy(() => tf.addN(this.#compared(teacher, own, nats)))
  }

  /** The same, with its gradient by `own`. */
  divergenceWithGradient(teacher: tf.Tensor, own: tf.Tensor): Divergence {
    return tf.tidy(() => {
      const parts = this.#compared(teacher, own, (should, does) => ({
        nats: nats(should, does),
        gradient: tf.matMul(tf.sub(tf.exp(does), tf.exp(should)), this.#head),
      }))
      const gradient = tf.concat(parts.map(({ gradient }) => gradient))
      return {
        nats: tf.addN(parts.map(({ nats }) => nats)),
        gradient: tf.grad((x: tf.Tensor) => this.#final(x))(own, gradient),
      }
    })
  }

  /** Of the log probabilities of both, a few rows at a time. */
  #compared<T extends tf.TensorContainer>(
    teacher: tf.Tensor,
    own: tf.Tensor,
    of: (should: tf.Tensor, does: tf.Tensor) => T,
  ): T[] {
    const teachers = this.#pieces(teacher)
    return this.#pieces(own).map((rows, i) =>
      tf.tidy(() => of(this.logProbabilities(teachers[i] ?? rows), this.logProbabilities(rows))),
    )
  }

  #final(residual: tf.Tensor): tf.Tensor {
    return rmsNorm(residual, this.#finalNorm, this.config.normEpsilon)
  }

  /** Some rows after the other: of all of them the logits may be more than the model. */
  #pieces(residual: tf.Tensor): tf.Tensor[] {
    const [tokens = 0, width = 0] = residual.shape
    const most = Math.max(1, Math.floor(LOGITS / this.config.vocabSize))
    return Array.from({ length: Math.ceil(tokens / most) }, (_, i) =>
      tf.slice(residual, [i * most, 0], [Math.min(most, tokens - i * most), width]),
    )
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

/** Σ p·(log p − log q) */
function nats(should: tf.Tensor, does: tf.Tensor): tf.Scalar {
  return tf.sum<tf.Scalar>(tf.mul(tf.exp(should), tf.sub(should, does)))
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
