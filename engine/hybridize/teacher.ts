import * as tf from '@tensorflow/tfjs-core'
import { WINDOW_ALL } from '../../kernels/attention-shape.ts'
import { attend, reading } from './attention.ts'
import type { Forward } from './forward.ts'
import type { LayerInput } from './projections.ts'

/** A layer of the teacher: what its attention was given, and gave. Disposed of by whoever asked for it. */
// A type, because tfjs's tidy takes no interface.
export type Lesson = {
  readonly layer: number
  readonly input: LayerInput
  readonly attended: tf.Tensor
}

/** The same weights with full attention. */
export interface Teacher {
  /** of weights and scratch that are no tensors of tfjs */
  readonly bytes: number
  /** What each of these layers is given over a text, and what its attention gives. */
  lessons(layers: readonly number[], tokens: readonly number[]): Promise<readonly Lesson[]>
  dispose(): void
}

/** The teacher in tfjs. */
export function forwardTeacher(forward: Forward): Teacher {
  return {
    bytes: 0,
    lessons: (layers, tokens) => Promise.resolve(tf.tidy(() => forwardLessons(forward, layers, tokens))),
    dispose: () => undefined,
  }
}

function forwardLessons(forward: Forward, layers: readonly number[], tokens: readonly number[]): Lesson[] {
  const full = reading(forward.config, tokens.length, WINDOW_ALL, { sinks: 0, slotsOn: false })
  const taught: Lesson[] = []
  let residual = forward.embed(tokens)
  const last = Math.max(-1, ...layers)
  for (let layer = 0; layer <= last; layer++) {
    const input = forward.project(layer, residual)
    const attended = attend(full, input, null)
    if (layers.includes(layer)) taught.push({ layer, input, attended })
    if (layer < last) residual = forward.finish(layer, residual, attended)
  }
  return taught
}
