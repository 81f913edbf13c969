import * as tf from '@tensorflow/tfjs-core'
import { WINDOW_ALL } from '../../kernels/attention-shape.ts'
import { Random } from '../text/random.ts'
import { adam, type Learned, learned } from './adam.ts'
import { disposeReading, reading } from './attention.ts'
import { type FitPlan, type FitStep, gateName } from './fit-gates.ts'
import { type FitState, rowsOf } from './fit-state.ts'
import type { Forward } from './forward.ts'
import type { Adapt } from './projections.ts'
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
  while (state.step < plan.steps) {
    const random = stepRandom(plan.seed + 1, state.step)
    const tokens = stepText(random, text)
    const window = stepWindow(random, plan.window, state.step / plan.steps)
    const { loss, slopes, tensorBytes } = await slopesOf(
      forward,
      { ...plan, window },
      tokens,
      state,
      plan.window,
    )
    for (const [name, slope] of slopes) {
      const part = state.parts.get(name)
      const rate = name.endsWith('.gate') ? RATES.gates : RATES.adapters
      if (part) adam(part, slope, state.step + 1, stepRate(state.step, plan.steps, rate))
    }
    state.losses.push(loss)
    state.step++
    yield { step: state.step, tokens: tokens.length, loss, tensorBytes }
  }
}

/** The loss of stage 2 on one text, and its slope by all that learns, by name. */
export async function slopesOf(
  forward: Forward,
  { window, sinks, layers, narrow }: Pick<FitPlan, 'window' | 'sinks' | 'layers' | 'narrow'>,
  tokens: readonly number[],
  state: FitState,
  /** of narrow layers without slots */
  ownWindow: number,
): Promise<{ loss: number; slopes: ReadonlyMap<string, Float32Array>; tensorBytes: number }> {
  const full = reading(forward.config, tokens.length, WINDOW_ALL, { sinks: 0, slotsOn: false })
  const slotted = reading(forward.config, tokens.length, window, { sinks, slotsOn: true })
  const alone = reading(forward.config, tokens.length, ownWindow, { sinks, slotsOn: false })
  const parts = (layer: number) =>
    [...state.parts.keys()]
      .filter((name) => name.startsWith(`${layer}.`))
      .map((name) => [name, tensorOf(forward, state, name)] as const)
  const attended = (layer: number, residual: tf.Tensor, named: ReadonlyMap<string, tf.Tensor>) => {
    const gate = named.get(gateName(layer))
    if (!gate) return forward.attended(layer, residual, narrow.includes(layer) ? alone : full, null)
    const logits = (normed: tf.Tensor) => tf.matMul(normed, gate, false, true)
    return forward.attended(layer, residual, slotted, logits, adapting(named, layer))
  }
  const read = (layer: number, residual: tf.Tensor) =>
    tf.tidy(() => forward.finish(layer, residual, attended(layer, residual, new Map(parts(layer)))))
  let tensorBytes = 0
  const counted = (result: tf.Tensor) => {
    tensorBytes = Math.max(tensorBytes, tf.memory().numBytes)
    return result
  }
  const { nats, gradients } = tf.tidy(() => {
    const teacher = forward.through(0, forward.embed(tokens), (layer, residual) =>
      forward.layer(layer, residual, full, null),
    )
    // Up to here both are the same.
    const first = Math.min(forward.config.layers, ...narrow)
    const hybrid = forward.through(first, at(teacher, first), read)
    const { nats, gradient } = forward.divergenceWithGradient(at(teacher, -1), at(hybrid, -1))
    // Half a layer at a time, each read once more: what the gradient needs of all of them may be more than the model.
    let back = tf.mul(gradient, 1 / tokens.length)
    const gradients: Record<string, tf.Tensor> = {}
    for (let layer = forward.config.layers - 1; layer >= Math.min(...layers); layer--) {
      const after = back
      const found = tf.tidy(() => {
        const own = parts(layer)
        const residual = at(hybrid, layer - first)
        const given = attended(layer, residual, new Map(own))
        const finish = (...both: tf.Tensor[]) => counted(forward.finish(layer, at(both, 0), at(both, 1)))
        const byBoth = tf.grads(finish)([residual, given], after)
        const again = (residual: tf.Tensor, ...tensors: tf.Tensor[]) =>
          counted(attended(layer, residual, new Map(own.map(([name], i) => [name, at(tensors, i)]))))
        const inputs = [residual, ...own.map(([, tensor]) => tensor)]
        const byInputs = tf.grads(again)(inputs, at(byBoth, 1))
        const byName = Object.fromEntries(own.map(([name], i) => [name, at(byInputs, i + 1)]))
        return { before: tf.add(at(byBoth, 0), at(byInputs, 0)), byName }
      })
      tf.dispose(after)
      back = found.before
      Object.assign(gradients, found.byName)
    }
    return { nats, gradients }
  })
  const loss = ((await nats.data<'float32'>())[0] ?? NaN) / tokens.length
  const slopes = new Map<string, Float32Array>()
  for (const [name, gradient] of Object.entries(gradients)) slopes.set(name, await gradient.data<'float32'>())
  tf.dispose([nats, gradients])
  for (const on of [full, slotted, alone]) disposeReading(on)
  return { loss, slopes, tensorBytes }
}

/** What a layer's adapters add, `undefined` where it has none. The tensors are the caller's to tidy up. */
export function adapterOf(forward: Forward, state: FitState, layer: number): Adapt | undefined {
  const names = Object.values(adapterNames(layer)).filter((name) => state.parts.has(name))
  const named = new Map(names.map((name) => [name, tensorOf(forward, state, name)]))
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
function tensorOf(forward: Forward, state: FitState, name: string): tf.Tensor2D {
  const part = state.parts.get(name)
  if (!part) throw new Error(`nothing was learned as ${name}`)
  return rowsOf(part, name.endsWith('.b') ? RANK : forward.config.hiddenSize)
}

function at(tensors: readonly tf.Tensor[], i: number): tf.Tensor {
  const tensor = tensors.at(i)
  if (!tensor) throw new Error(`there is no tensor ${i}`)
  return tensor
}

/** By tensor name: q_proj and k_proj with their adapters in them, W + B·A. */
export async function mergedProjections(
  forward: Forward,
  layers: readonly number[],
  state: FitState,
): Promise<Map<string, { readonly shape: readonly number[]; readonly values: Float32Array<ArrayBuffer> }>> {
  const merged = new Map<string, { shape: number[]; values: Float32Array<ArrayBuffer> }>()
  for (const layer of layers) {
    const names = adapterNames(layer)
    for (const [part, own, a, b] of [
      ['q_proj', forward.projections.queryWeights(layer), names.queryA, names.queryB],
      ['k_proj', forward.projections.keyWeights(layer), names.keyA, names.keyB],
    ] as const) {
      if (state.parts.has(a) && state.parts.has(b)) {
        const sum = tf.tidy(() =>
          tf.add(own, tf.matMul(tensorOf(forward, state, b), tensorOf(forward, state, a))),
        )
        const values = Float32Array.from(await sum.data<'float32'>())
        sum.dispose()
        merged.set(`model.layers.${layer}.self_attn.${part}.weight`, { shape: [...own.shape], values })
      }
      own.dispose()
    }
  }
  return merged
}
