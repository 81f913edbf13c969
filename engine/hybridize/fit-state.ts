import * as tf from '@tensorflow/tfjs-core'
import { learned, type Learned } from './adam.ts'

/** A fit as it stands: enough to go on as if it had never stopped. */
export interface FitState {
  /** steps done */
  step: number
  /** of each step */
  readonly losses: number[]
  /** by name, as `3.gate` */
  readonly parts: ReadonlyMap<string, Learned>
}

/** What was learned as a matrix of so many columns. */
export function rowsOf({ values }: Learned, columns: number): tf.Tensor2D {
  return tf.tensor2d(values, [values.length / columns, columns])
}

const MAGIC = 'plateau fit 1\n'

/** `plan` is told back by `decodeFit`: whoever goes on has to have the same. */
export function encodeFit(state: FitState, plan: unknown): Uint8Array<ArrayBuffer> {
  const parts = [...state.parts].map(([name, { values }]) => [name, values.length] as const)
  const header = JSON.stringify({ plan, step: state.step, losses: state.losses, parts })
  const text = new TextEncoder().encode(`${MAGIC}${header}\n`)
  const numbers = parts.reduce((sum, [, length]) => sum + 3 * length, 0)
  const bytes = new Uint8Array(text.length + 4 * numbers)
  bytes.set(text)
  let at = text.length
  for (const { values, mean, square } of state.parts.values()) {
    for (const array of [values, mean, square]) {
      bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), at)
      at += array.byteLength
    }
  }
  return bytes
}

/** `null` where it is no fit of this plan, or not whole. */
export function decodeFit(bytes: Uint8Array<ArrayBuffer>, plan: unknown): FitState | null {
  const magic = new TextEncoder().encode(MAGIC)
  if (!magic.every((byte, i) => bytes[i] === byte)) return null
  const end = bytes.indexOf(10, magic.length)
  if (end < 0) return null
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(magic.length, end))) as {
    plan: unknown
    step: number
    losses: number[]
    parts: [string, number][]
  }
  if (JSON.stringify(header.plan) !== JSON.stringify(plan)) return null
  let at = end + 1
  const take = (length: number): Float32Array<ArrayBuffer> => {
    const array = new Float32Array(bytes.slice(at, at + 4 * length).buffer)
    at += 4 * length
    return array
  }
  const needed = header.parts.reduce((sum, [, length]) => sum + 12 * length, at)
  if (bytes.length !== needed) return null
  const parts = header.parts.map(([name, length]): [string, Learned] => {
    const part = learned(take(length))
    part.mean.set(take(length))
    part.square.set(take(length))
    return [name, part]
  })
  return { step: header.step, losses: header.losses, parts: new Map(parts) }
}
