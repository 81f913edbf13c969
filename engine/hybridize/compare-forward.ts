import * as tf from '@tensorflow/tfjs-core'
import { WINDOW_ALL } from '../../kernels/attention-shape.ts'
import { disposeReading, type Reading, reading } from './attention.ts'
import { adapterOf } from './fit-adapters.ts'
import { gateName } from './fit-gates.ts'
import { type FitState, rowsOf } from './fit-state.ts'
import type { Forward } from './forward.ts'
import { type BucketLoss, BUCKETS, READINGS } from './position-buckets.ts'

/** What each narrowed layer costs: nats per token that the model's predictions move away from full attention's. */
export interface LayerCost {
  readonly layer: number
  readonly divergence: number
}

/**
 * KL(full attention ‖ one layer narrowed to a window and sinks), for each layer, at positions that the window does not
 * reach back from. Forward only. Cost: about L/2 + 1 forward passes of the text. An event after each layer of
 * each text; the last one has the costs.
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
    const residuals = forward.through(0, forward.embed(tokens), (layer, residual) =>
      forward.layer(layer, residual, full, null),
    )
    try {
      for (const layer of layers) {
        const nats = tf.tidy(() => {
          const [before, teacher] = [residuals[layer], residuals.at(-1)]
          if (!before || !teacher) throw new Error('a layer was not read')
          const narrowed = forward.layer(layer, before, narrow, null)
          const read = forward.through(layer + 1, narrowed, (later, residual) =>
            forward.layer(later, residual, full, null),
          )
          const beyond = (residual = narrowed) =>
            tf.slice(residual, [window, 0], [tokens.length - window, forward.config.hiddenSize])
          return forward.divergence(beyond(teacher), beyond(read.at(-1)))
        })
        const divergence = (await nats.data<'float32'>())[0] ?? NaN
        nats.dispose()
        sums[layer] = (sums[layer] ?? 0) + divergence / (tokens.length - window)
        await new Promise((resolve) => setTimeout(resolve))
        yield sums.map((sum, layer) => ({ layer, divergence: sum / (i + 1) }))
      }
    } finally {
      tf.dispose(residuals)
      disposeReading(full)
      disposeReading(narrow)
    }
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

const NOISE_SEED = 1

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
      const residual = tf.tidy(() => {
        // Most layers read alike.
        const readings = new Map<string, Reading>()
        const read = forward.through(0, forward.embed(tokens), (layer, residual) => {
          const own = plan.windows[layer] ?? WINDOW_ALL
          const window = kind === 'full' ? WINDOW_ALL : own
          const hasSlots = kind === 'slots on' || kind === 'slots random'
          const gate = hasSlots ? state.parts.get(gateName(layer)) : undefined
          const noise = kind === 'slots random' ? { noise: NOISE_SEED } : {}
          const options = { sinks: plan.sinks, slotsOn: gate !== undefined, ...noise }
          const alike = `${window} ${options.slotsOn}`
          const on = readings.get(alike) ?? reading(forward.config, tokens.length, window, options)
          readings.set(alike, on)
          const weights = gate && rowsOf(gate, forward.config.hiddenSize)
          const logits = weights ? (normed: tf.Tensor) => tf.matMul(normed, weights, false, true) : null
          const adapt = kind === 'full' ? undefined : adapterOf(forward, state, layer)
          return forward.layer(layer, residual, on, logits, adapt)
        })
        return read.at(-1) ?? tf.scalar(NaN)
      })
      const found = await forward.foreseen(residual, tokens.slice(1))
      residual.dispose()
      for (let t = 0; t + 1 < tokens.length; t++) {
        const reach = t / plan.window
        const bucket = reach < 1 ? 0 : reach < 2 ? 1 : reach < 4 ? 2 : 3
        const sum = sums[k]?.[bucket]
        if (!sum) continue
        sum.tokens++
        sum.nats -= found[t] ?? NaN
      }
      await new Promise((resolve) => setTimeout(resolve))
    }
    yield sums.flat()
  }
}
