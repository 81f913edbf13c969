import * as tf from '@tensorflow/tfjs-core'
import type { Checkpoint } from '../model/checkpoint.ts'
import type { ModelConfig } from '../model/config.ts'
import { type LayerValues, readLayer } from '../model/weight-plans.ts'
import { attend, type Reading } from './attention.ts'
import { letGo } from './backend.ts'
import { type Adapt, type LayerInput, Projections } from './projections.ts'
import { rmsNorm } from './rms-norm.ts'
import { planWithoutSlots, TENSORS } from './weight-tensors.ts'

/** Without rows for gates: `projections` is [Q*D + 2*H*D, C]. */
type Layer = LayerValues<tf.Tensor, tf.Tensor>

/** How far predictions are from the teacher's. */
// A type, because tfjs's tidy takes no interface.
export type Divergence = { readonly nats: tf.Scalar; readonly gradient: tf.Tensor }

/** Computed at once, at most. */
const LOGITS = 1 << 20

/**
 * A model without slots as tfjs sees it, with gradients where they are asked for: the teacher, and what gates and
 * adapters are fitted inside of. Weights are f32 and do not learn. What it returns, the caller disposes of.
 *
 * Oracle: model.ref.ts.
 */
export class Forward {
  readonly config: ModelConfig
  readonly projections: Projections
  readonly #layers: readonly Layer[]
  readonly #embedding: tf.Tensor
  readonly #finalNorm: tf.Tensor
  readonly #head: tf.Tensor

  private constructor(config: ModelConfig, layers: readonly Layer[], ends: readonly tf.Tensor[]) {
    this.config = config
    this.projections = new Projections(config, new Map(layers.entries()))
    this.#layers = layers
    const [embedding, finalNorm, head] = ends
    if (!embedding || !finalNorm) throw new Error('a model has an embedding and a final norm')
    this.#embedding = embedding
    this.#finalNorm = finalNorm
    this.#head = head ?? embedding
  }

  /** @throws {EngineError} `bad-weights`, `missing-file` */
  static async load(config: ModelConfig, checkpoint: Checkpoint): Promise<Forward> {
    const { layers: plans, ends } = planWithoutSlots(config, checkpoint)
    const { matrix, vector } = TENSORS
    const layers: Layer[] = []
    for (const plan of plans) layers.push(await readLayer(plan, TENSORS))
    return new Forward(config, layers, [
      await matrix(ends.embedding, 'embedding'),
      await vector(ends.finalNorm, 'final_norm'),
      ...(ends.head ? [await matrix(ends.head, 'head')] : []),
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
    return tf.tidy(() => {
      const normed = rmsNorm(residual, this.#layer(layer).inputNorm, this.config.normEpsilon)
      return this.projections.project(layer, normed, adapt)
    })
  }

  /** The residual after the layer, [T, C]. */
  finish(layer: number, residual: tf.Tensor, attended: tf.Tensor): tf.Tensor {
    return tf.tidy(() => this.#finish(layer, residual, attended))
  }

  #finish(layer: number, residual: tf.Tensor, attended: tf.Tensor): tf.Tensor {
    const { mlpNorm, gateUp, down } = this.#layer(layer)
    const added = tf.add(residual, this.projections.output(layer, attended))
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
    return tf.tidy(() => this.finish(layer, residual, this.attended(layer, residual, on, logits, adapt)))
  }

  /** What the layer's attention gives, [T, Q*D]; takes what `layer` takes. */
  attended(...[layer, residual, on, logits, adapt]: Parameters<Forward['layer']>): tf.Tensor {
    return tf.tidy(() => {
      const input = this.project(layer, residual, adapt)
      return attend(on, input, logits && logits(input.normed))
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
    letGo(this.#tensors())
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
