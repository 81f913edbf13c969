import * as tf from '@tensorflow/tfjs-core'
import { WINDOW_ALL } from '../../kernels/attention-shape.ts'
import { Random } from '../text/random.ts'
import { adam, type Learned, learned } from './adam.ts'
import { disposeReading, reading } from './attention.ts'
import { type FitPlan, type FitStep, gateName } from './fit-gates.ts'
import type { FitState } from './fit-state.ts'
import type { Adapt, Forward } from './forward.ts'
import { stepRandom, stepRate, stepText, stepWindow } from './schedule.ts'

/** r: an adapter is B·A, [rows, r]·[r, C]. */
const RANK = 8
const RATES = { gates: 1e-2, adapters: 4e-3 } as const

/** By name: what a layer learns in stage 2. */
const adapterNames = (layer: number) =>
  ({ queryA: `${layer}.q.a`, queryB: `${layer}.q.b`, keyA: `${layer}.k.a`, keyB: `${layer}.k.b` }) as const

/** Adapters that change nothing yet, beside gates that were fitted. */
export function withAdapters(forward: Forward, plan: FitPlan, gates: FitState): FitState {
  const { hiddenSize, queryHeads, kvHeads, headDim } = forward.config
  const random = new Random(plan.seed)
  const parts = new Map<string, Learned>()
  for (const layer of plan.layers) {
    const gate = gates.parts.get(gateName(layer))
    if (!gate) throw new Error(`layer ${layer} has no gates`)
    parts.set(gateName(layer), learned(gate.values.slice()))
    const names = adapterNames(layer)
    for (const name of [names.queryA, names.keyA]) {
      const width = Math.sqrt(3 / hiddenSize)
      parts.set(
        name,
        learned(Float32Array.from({ length: RANK * hiddenSize }, () => width * (2 * random.next() - 1))),
      )
    }
    parts.set(names.queryB, learned(new Float32Array(queryHeads * headDim * RANK)))
    parts.set(names.keyB, learned(new Float32Array(kvHeads * headDim * RANK)))
  }
  return { step: 0, losses: [], parts }
}

/**
 * Stage 2: gates and adapters on q and k learn together, end to end, to foresee what the teacher foresees: the loss is
 * KL(full attention ‖ hybrid) in nats per token. `state` is changed in place, one step for each event.
 *
 * Layers with slots take the step's own window, narrow ones without slots the model's.
 */
export async function* fitAdapters(
  forward: Forward,
  plan: FitPlan,
  text: readonly (readonly number[])[],
  state: FitState,
): AsyncGenerator<FitStep, void> {
  const names = [...state.parts.keys()]
  while (state.step < plan.steps) {
    const random = stepRandom(plan.seed + 1, state.step)
    const tokens = stepText(random, text)
    const window = stepWindow(random, plan.window, state.step / plan.steps)
    const full = reading(forward.config, tokens.length, WINDOW_ALL, { sinks: 0, slotsOn: false })
    const narrow = reading(forward.config, tokens.length, window, { sinks: plan.sinks, slotsOn: true })
    const alone = reading(forward.config, tokens.length, plan.window, { sinks: plan.sinks, slotsOn: false })
    let tensorBytes = 0
    const { value, grads } = tf.tidy(() => {
      let residual = forward.embed(tokens)
      for (let layer = 0; layer < forward.config.layers; layer++) {
        residual = forward.layer(layer, residual, full, null)
      }
      const teacher = forward.logProbabilities(residual)
      const loss = (...parts: tf.Tensor[]): tf.Scalar => {
        const named = new Map(names.map((name, i) => [name, parts[i]]))
        let hybrid = forward.embed(tokens)
        for (let layer = 0; layer < forward.config.layers; layer++) {
          const gate = named.get(gateName(layer))
          hybrid = gate
            ? forward.layer(
                layer,
                hybrid,
                narrow,
                (normed) => tf.matMul(normed, gate, false, true),
                adapting(named, layer),
              )
            : forward.layer(layer, hybrid, plan.narrow.includes(layer) ? alone : full, null)
        }
        const gap = tf.sub(teacher, forward.logProbabilities(hybrid))
        const divergence: tf.Scalar = tf.mul(
          tf.sum<tf.Scalar>(tf.mul(tf.exp(teacher), gap)),
          1 / tokens.length,
        )
        tensorBytes = tf.memory().numBytes
        return divergence
      }
      const inputs = names.map((name) => {
        const values = state.parts.get(name)?.values ?? new Float32Array(0)
        return tf.tensor2d(values, shapeOf(forward, name, values.length))
      })
      return tf.valueAndGrads(loss)(inputs)
    })
    const [loss, ...gradients] = await Promise.all(
      [value, ...grads].map((tensor) => tensor.data<'float32'>()),
    )
    for (const [i, name] of names.entries()) {
      const [part, gradient] = [state.parts.get(name), gradients[i]]
      const rate = plan.layers.some((layer) => gateName(layer) === name) ? RATES.gates : RATES.adapters
      if (part && gradient) adam(part, gradient, state.step + 1, stepRate(state.step, plan.steps, rate))
    }
    tf.dispose([value, ...grads])
    disposeReading(full)
    disposeReading(narrow)
    disposeReading(alone)
    state.losses.push(loss?.[0] ?? NaN)
    state.step++
    yield { step: state.step, tokens: tokens.length, loss: loss?.[0] ?? NaN, tensorBytes }
  }
}

/** What a layer's adapters add, `undefined` where it has none. The tensors are the caller's to tidy up. */
export function adapterOf(forward: Forward, state: FitState, layer: number): Adapt | undefined {
  const named = new Map(
    Object.values(adapterNames(layer)).map((name) => {
      const values = state.parts.get(name)?.values
      return [name, values && tf.tensor2d(values, shapeOf(forward, name, values.length))] as const
    }),
  )
  return adapting(named, layer)
}

function adapting(named: ReadonlyMap<string, tf.Tensor | undefined>, layer: number): Adapt | undefined {
  const names = adapterNames(layer)
  const [queryA, queryB, keyA, keyB] = [names.queryA, names.queryB, names.keyA, names.keyB].map((name) =>
    named.get(name),
  )
  if (!queryA || !queryB || !keyA || !keyB) return undefined
  const through = (normed: tf.Tensor, a: tf.Tensor, b: tf.Tensor) =>
    tf.matMul(tf.matMul(normed, a, false, true), b, false, true)
  return (normed) => ({ queries: through(normed, queryA, queryB), keys: through(normed, keyA, keyB) })
}

/** A and gates are [·, C], B is [·, r]. */
function shapeOf(forward: Forward, name: string, length: number): [number, number] {
  const columns = name.endsWith('.b') ? RANK : forward.config.hiddenSize
  return [length / columns, columns]
}

/** By tensor name: q_proj and k_proj with their adapters in them, W + B·A. */
export function mergedProjections(
  forward: Forward,
  layers: readonly number[],
  state: FitState,
): Map<string, { readonly shape: readonly number[]; readonly values: Float32Array<ArrayBuffer> }> {
  const merged = new Map<string, { shape: number[]; values: Float32Array<ArrayBuffer> }>()
  for (const layer of layers) {
    const names = adapterNames(layer)
    for (const [part, own, a, b] of [
      ['q_proj', forward.queryWeights(layer), names.queryA, names.queryB],
      ['k_proj', forward.keyWeights(layer), names.keyA, names.keyB],
    ] as const) {
      const [left, right] = [state.parts.get(b), state.parts.get(a)]
      if (left && right) {
        const values = tf.tidy(() => {
          const product = tf.matMul(
            tf.tensor2d(left.values, shapeOf(forward, b, left.values.length)),
            tf.tensor2d(right.values, shapeOf(forward, a, right.values.length)),
          )
          return Float32Array.from(tf.add(own, product).dataSync<'float32'>())
        })
        merged.set(`model.layers.${layer}.self_attn.${part}.weight`, { shape: [...own.shape], values })
      }
      own.dispose()
    }
  }
  return merged
}
