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

/**
 * One piece after the other, views of the state and no copies: with the memory of a large model a second one would count.
 *
 * @param plan is told back by `decodeFit`: whoever goes on has to have the same
 */
export function* encodeFit(state: FitState, plan: unknown): Generator<Uint8Array<ArrayBuffer>, void> {
  const parts = [...state.parts].map(([name, { values }]) => [name, values.length] as const)
  const header = JSON.stringify({ plan, step: state.step, losses: state.losses, parts })
  yield new TextEncoder().encode(`${MAGIC}${header}\n`)
  for (const { values, mean, square } of state.parts.values())
    for (const array of [values, mean, square])
      yield new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
}

/** A fit that is done: what only more steps would need is let go. */
export function finished({ step, losses, parts }: FitState): FitState {
  const nothing = new Float32Array()
  const kept = [...parts].map(
    ([name, { values }]) => [name, { values, mean: nothing, square: nothing }] as const,
  )
  return { step, losses, parts: new Map(kept) }
}

interface Header {
  readonly plan: unknown
  readonly step: number
  readonly losses: number[]
  readonly parts: [string, number][]
}

/** What a fit says of itself, and where its numbers begin; `null` where it is none. */
function readHeader(bytes: Uint8Array<ArrayBuffer>): { header: Header; end: number } | null {
  const magic = new TextEncoder().encode(MAGIC)
  if (!magic.every((byte, i) => bytes[i] === byte)) return null
  const end = bytes.indexOf(10, magic.length)
  if (end < 0) return null
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(magic.length, end))) as Header
  return { header, end: end + 1 }
}

/** The plan that was saved with a fit; `null` where it is none. */
export function planOfFit(bytes: Uint8Array<ArrayBuffer>): unknown {
  return readHeader(bytes)?.header.plan ?? null
}

/** `null` where it is no fit of this plan, or not whole. */
export function decodeFit(bytes: Uint8Array<ArrayBuffer>, plan: unknown): FitState | null {
  const read = readHeader(bytes)
  if (!read || JSON.stringify(read.header.plan) !== JSON.stringify(plan)) return null
  const { header } = read
  let at = read.end
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
