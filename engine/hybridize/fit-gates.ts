import * as tf from '@tensorflow/tfjs-core'
import { adam, type Learned, learned } from './adam.ts'
import { attend, disposeReading, reading, type Reading } from './attention.ts'
import { type FitState, rowsOf } from './fit-state.ts'
import { firstGate } from './gates.ts'
import type { Projections } from './projections.ts'
import { stepRandom, stepRate, stepText, stepWindow } from './schedule.ts'
import type { Lesson, Teacher } from './teacher.ts'

export interface FitPlan {
  readonly seed: number
  readonly steps: number
  /** W of the narrow layers */
  readonly window: number
  readonly sinks: number
  /** layers that get slots */
  readonly layers: readonly number[]
  /** all layers with a window of W, those without slots included */
  readonly narrow: readonly number[]
}

/** What a step came to. */
export interface FitStep {
  readonly step: number
  readonly tokens: number
  /** mean over layers of |error of the attention output|² / |attention output|² */
  readonly loss: number
  /** of all tensors at the end of the forward pass, where most of them are kept for the gradient, and of the engine */
  readonly tensorBytes: number
}

/** What stage 1 needs of a model: who teaches, and what stands around the attention of the layers that learn. */
export interface School {
  readonly projections: Projections
  readonly teacher: Teacher
}

const RATE = 5e-3

/** Texts that first gates are made from. */
const FIRST_TEXTS = 8

/**
 * First gates for every layer that gets slots, from its keys and from what the teacher's layers see of these texts.
 */
export async function firstGates(
  { projections, teacher }: School,
  plan: FitPlan,
  text: readonly (readonly number[])[],
): Promise<FitState> {
  const seen = new Map<number, Float32Array[]>(plan.layers.map((layer) => [layer, []]))
  for (const tokens of text.slice(0, FIRST_TEXTS)) {
    const taught = await teacher.lessons(plan.layers, tokens)
    for (const { layer, input } of taught) seen.get(layer)?.push(await input.normed.data<'float32'>())
    forget(taught)
  }
  const parts = new Map<string, Learned>()
  for (const [layer, rows] of seen) {
    const keys = projections.keyWeights(layer)
    parts.set(
      gateName(layer),
      learned(firstGate(projections.config, await keys.data<'float32'>(), joined(rows))),
    )
    keys.dispose()
  }
  return { step: 0, losses: [], parts }
}

function joined(arrays: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(arrays.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const array of arrays) {
    all.set(array, at)
    at += array.length
  }
  return all
}

export function gateName(layer: number): string {
  return `${layer}.gate`
}

/**
 * Stage 1: each layer is fed the teacher's hidden state, and its gates learn to give what full attention gave there.
 * Nothing else learns, and no layer waits for another. `state` is changed in place, one step for each event: to pause,
 * ask for no more; a fit goes on from any state it left.
 *
 * @param text T tokens each, T a multiple of 32
 */
export async function* fitGates(
  { projections, teacher }: School,
  plan: FitPlan,
  text: readonly (readonly number[])[],
  state: FitState,
): AsyncGenerator<FitStep, void> {
  while (state.step < plan.steps) {
    const random = stepRandom(plan.seed, state.step)
    const tokens = stepText(random, text)
    const window = stepWindow(random, plan.window, state.step / plan.steps)
    const rate = stepRate(state.step, plan.steps, RATE)
    const taught = await teacher.lessons(plan.layers, tokens)
    const on = reading(projections.config, tokens.length, window, { sinks: plan.sinks, slotsOn: true })
    let total = 0
    let tensorBytes = 0
    for (const { layer, input, attended } of taught) {
      const part = state.parts.get(gateName(layer))
      if (!part) throw new Error(`layer ${layer} has no gates`)
      const { value, grad } = tf.tidy(() => {
        const size = sizeOf(projections, { layer, input, attended })
        return tf.valueAndGrad((gate: tf.Tensor) => {
          const error = outputError(projections, on, { layer, input, attended }, size, gate)
          tensorBytes = Math.max(tensorBytes, tf.memory().numBytes + teacher.bytes)
          return error
        })(rowsOf(part, projections.config.hiddenSize))
      })
      const [loss, gradient] = await Promise.all([value.data<'float32'>(), grad.data<'float32'>()])
      total += loss[0] ?? NaN
      adam(part, gradient, state.step + 1, rate)
      tf.dispose([value, grad])
    }
    forget(taught)
    disposeReading(on)
    const loss = total / Math.max(1, plan.layers.length)
    state.losses.push(loss)
    state.step++
    yield { step: state.step, tokens: tokens.length, loss, tensorBytes }
  }
}

function forget(taught: readonly Lesson[]): void {
  tf.dispose(taught.flatMap(({ input, attended }) => [attended, ...Object.values(input)]))
}

/** 1 / |attended by the teacher·Woᵀ|² */
function sizeOf(projections: Projections, { layer, attended }: Lesson): tf.Scalar {
  return tf.reciprocal(tf.maximum(tf.sum(tf.square(projections.output(layer, attended))), LEAST))
}

/** Squares that are less are nothing. */
const LEAST = 1e-30

/** |(attended with slots − attended by the teacher)·Woᵀ|² · size; without a gate, slots off. */
function outputError(
  projections: Projections,
  on: Reading,
  { layer, input, attended }: Lesson,
  size: tf.Scalar,
  gate: tf.Tensor | null,
): tf.Scalar {
  const hybrid = attend(on, input, gate && tf.matMul(input.normed, gate, false, true))
  const error = projections.output(layer, tf.sub(hybrid, attended))
  return tf.mul(tf.sum<tf.Scalar>(tf.square(error)), size)
}

/** The error of each layer at the model's own window, with its slots and without: mean over texts. */
export async function measureGates(
  { projections, teacher }: School,
  plan: FitPlan,
  text: readonly (readonly number[])[],
  state: FitState,
): Promise<{ readonly layer: number; readonly withSlots: number; readonly without: number }[]> {
  const sums = new Map(plan.layers.map((layer) => [layer, { layer, withSlots: 0, without: 0 }]))
  for (const tokens of text) {
    const off = reading(projections.config, tokens.length, plan.window, { sinks: plan.sinks, slotsOn: false })
    const on = reading(projections.config, tokens.length, plan.window, { sinks: plan.sinks, slotsOn: true })
    const taught = await teacher.lessons(plan.layers, tokens)
    for (const lesson of taught) {
      const sum = sums.get(lesson.layer)
      const part = state.parts.get(gateName(lesson.layer))
      if (!sum || !part) continue
      const errors = tf.tidy(() => {
        const gate = rowsOf(part, projections.config.hiddenSize)
        const size = sizeOf(projections, lesson)
        return tf.stack([
          outputError(projections, on, lesson, size, gate),
          outputError(projections, off, lesson, size, null),
        ])
      })
      const [withSlots = NaN, without = NaN] = await errors.data<'float32'>()
      errors.dispose()
      sum.withSlots += withSlots / text.length
      sum.without += without / text.length
    }
    forget(taught)
    disposeReading(on)
    disposeReading(off)
  }
  return [...sums.values()]
}
