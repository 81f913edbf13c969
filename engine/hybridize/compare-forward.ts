import * as tf from '@tensorflow/tfjs-core'
import { WINDOW_ALL } from '../../kernels/attention-shape.ts'
import { disposeReading, type Reading, reading } from './attention.ts'
import { adapterOf } from './fit-adapters.ts'
import { gateName } from './fit-gates.ts'
import type { FitState } from './fit-state.ts'
import type { Forward } from './forward.ts'
import { type BucketLoss, BUCKETS, READINGS } from './position-buckets.ts'

/** What each narrowed layer costs: nats per token that the model's predictions move away from full attention's. */
export interface LayerCost {
  readonly layer: number
  readonly divergence: number
}

/**
 * KL(full attention ‖ one layer narrowed to a window and sinks), for each layer, at positions that the window does not
 * reach back from. Forward only. Cost: about L/2 + 1 forward passes of the text.
 */
export async function* rankLayers(
  forward: Forward,
  { window, sinks }: { readonly window: number; readonly sinks: number },
  text: readonly (readonly number[])[],
): AsyncGenerator<readonly LayerCost[], void> {
  const layers = Array.from({ length: forward.config.layers }, (_, layer) => layer)
  const sums = layers.map(() => 0)
  for (const [i, tokens] of text.entries()) {
    const full = reading(forward.config, tokens.length, WINDOW_ALL, { sinks: 0, slotsOn: false })
    const narrow = reading(forward.config, tokens.length, window, { sinks, slotsOn: false })
    const residuals = tf.tidy(() => {
      const all = [forward.embed(tokens)]
      for (const layer of layers) all.push(forward.layer(layer, all[layer] ?? tf.scalar(0), full, null))
      return all
    })
    for (const layer of layers) {
      const divergence = tf.tidy(() => {
        const [before, end] = [residuals[layer], residuals.at(-1)]
        if (!before || !end) throw new Error('a layer was not read')
        let residual = forward.layer(layer, before, narrow, null)
        for (const later of layers.slice(layer + 1)) residual = forward.layer(later, residual, full, null)
        const teacher = forward.logProbabilities(end)
        const gap = tf.sub(teacher, forward.logProbabilities(residual))
        const perToken = tf.sum(tf.mul(tf.exp(teacher), gap), -1)
        return tf.sum(tf.slice(perToken, [window], [tokens.length - window])).dataSync<'float32'>()[0] ?? NaN
      })
      sums[layer] = (sums[layer] ?? 0) + divergence / (tokens.length - window)
      await new Promise((resolve) => setTimeout(resolve))
    }
    tf.dispose(residuals)
    disposeReading(full)
    disposeReading(narrow)
    yield sums.map((sum, layer) => ({ layer, divergence: sum / (i + 1) }))
  }
}

/** The layers that cost most to narrow. */
export function widest(costs: readonly LayerCost[], count: number): number[] {
  const sorted = [...costs].sort((a, b) => b.divergence - a.divergence)
  return sorted
    .slice(0, count)
    .map(({ layer }) => layer)
    .sort((a, b) => a - b)
}

/** Of the costliest narrow layer: less than this share of its cost is none. */
const WORTH = 0.1

/**
 * The narrow layers that get slots: those that miss what left their window. Slots are scored without rotation, which
 * a head that looks at places and not at words takes for nearness; where nothing is missed they can only do harm.
 */
export function worthSlots(narrow: readonly LayerCost[]): number[] {
  const most = Math.max(...narrow.map(({ divergence }) => divergence))
  return narrow.filter(({ divergence }) => divergence >= WORTH * most).map(({ layer }) => layer)
}

/**
 * How well each token of a text is foreseen, by position.
 *
 * @param windows W of each layer; slots are in the layers of which `state` has gates, and adapters in those of which it has them
 */
export async function* readText(
  forward: Forward,
  plan: { readonly windows: readonly number[]; readonly window: number; readonly sinks: number },
  text: readonly (readonly number[])[],
  state: FitState,
): AsyncGenerator<readonly BucketLoss[], void> {
  const sums = READINGS.map((kind) => BUCKETS.map((bucket) => ({ kind, bucket, tokens: 0, nats: 0 })))
  for (const tokens of text) {
    for (const [k, kind] of READINGS.entries()) {
      const losses = tf.tidy(() => {
        let residual = forward.embed(tokens)
        for (const [layer, own] of plan.windows.entries()) {
          const window = kind === 'full' ? WINDOW_ALL : own
          const gate = kind === 'slots on' ? state.parts.get(gateName(layer)) : undefined
          const options = { sinks: plan.sinks, slotsOn: gate !== undefined }
          const on: Reading = reading(forward.config, tokens.length, window, options)
          const weights =
            gate &&
            tf.tensor2d(gate.values, [
              gate.values.length / forward.config.hiddenSize,
              forward.config.hiddenSize,
            ])
          const logits = weights ? (normed: tf.Tensor) => tf.matMul(normed, weights, false, true) : null
          const adapt = kind === 'full' ? undefined : adapterOf(forward, state, layer)
          residual = forward.layer(layer, residual, on, logits, adapt)
        }
        return forward.logProbabilities(residual).arraySync() as number[][]
      })
      for (let t = 0; t + 1 < tokens.length; t++) {
        const reach = t / plan.window
        const bucket = reach < 1 ? 0 : reach < 2 ? 1 : reach < 4 ? 2 : 3
        const sum = sums[k]?.[bucket]
        if (!sum) continue
        sum.tokens++
        sum.nats -= losses[t]?.[tokens[t + 1] ?? 0] ?? NaN
      }
      await new Promise((resolve) => setTimeout(resolve))
    }
    yield sums.flat()
  }
}
