import { type AttentionShape, WINDOW_ALL } from './attention-shape.ts'
import { type Slots, slotWriteReference } from './slot-write.ref.ts'
import { projectionRow, type WindowEntry, windowWriteReference } from './window-write.ref.ts'

export interface AttentionState {
  /** position of the next token */
  readonly position: number
  /** token j is at index j % length; the length is at least max(1, W) */
  readonly ring: readonly (WindowEntry | null)[]
  readonly slots: Slots
}

export interface AttentionLayer {
  /** W, or WINDOW_ALL */
  readonly window: number
  readonly slotsOn: boolean
}

/** The state before the first token. */
export function emptyAttentionState(
  { kvHeads, headDim, slots }: AttentionShape,
  capacity: number,
): AttentionState {
  const size = kvHeads * headDim * slots
  const empty = { keySlots: new Float64Array(size), valueSlots: new Float64Array(size) }
  return { position: 0, ring: Array<null>(capacity).fill(null), slots: empty }
}

/**
 * The definition of NHA's attention in f64: T tokens, one after the other, straight from the paper's steps.
 *
 *     j = t − W leaves:  slots[m] ← a_j[m]·slots[m] + (1 − a_j[m])·(k_j, v_j)
 *     scores = D^−½ · [ q·keySlots[m] | RoPE(q, t)·RoPE(k_j, j) for max(0, t−W+1) <= j <= t ]
 *     output = softmax(scores) · [ valueSlots | values ]
 *
 * Slots are read when the layer has them on, its window is not everything and, if empty slots are masked, t >= W.
 */
export function hybridAttendReference(
  shape: AttentionShape,
  layer: AttentionLayer,
  frequencies: Float64Array,
  state: AttentionState,
  projections: Float64Array,
  tokens: number,
): { output: Float64Array; state: AttentionState } {
  const { queryHeads, headDim } = shape
  const { window } = layer
  const slotsOn = layer.slotsOn && shape.slots > 0 && window !== WINDOW_ALL
  const ring = [...state.ring]
  const output = new Float64Array(tokens * queryHeads * headDim)
  let { slots } = state

  for (let i = 0; i < tokens; i++) {
    const t = state.position + i
    const row = projectionRow(shape, projections, i)
    const entry = windowWriteReference(shape, row)
    const leaving = window === 0 ? entry : t >= window ? ring[(t - window) % ring.length]! : null
    if (slotsOn && leaving) slots = slotWriteReference(shape, slots, leaving)
    ring[t % ring.length] = entry

    const first = Math.max(0, t - window + 1)
    const seen = Array.from({ length: t - first + 1 }, (_, n) => ({
      position: first + n,
      entry: ring[(first + n) % ring.length]!,
    }))
    const slotsSeen = slotsOn && (t >= window || !shape.maskEmptySlots)
    for (let q = 0; q < queryHeads; q++) {
      const query = row.slice(q * headDim, (q + 1) * headDim)
      const result = attendOne(shape, q, query, t, slotsSeen ? slots : null, seen, frequencies)
      output.set(result, (i * queryHeads + q) * headDim)
    }
  }
  return { output, state: { position: state.position + tokens, ring, slots } }
}

/** One query head at position t over what it sees: scores, softmax, weighted sum; 0 when it sees nothing. */
function attendOne(
  { queryHeads, kvHeads, headDim, slots: slotCount }: AttentionShape,
  queryHead: number,
  query: Float64Array,
  t: number,
  slots: Slots | null,
  seen: readonly { position: number; entry: WindowEntry }[],
  frequencies: Float64Array,
): Float64Array {
  const h = Math.floor(queryHead / (queryHeads / kvHeads))
  const head = (all: Float64Array): Float64Array => all.subarray(h * headDim, (h + 1) * headDim)
  const scores: number[] = []
  const values: Float64Array[] = []
  for (let m = 0; slots && m < slotCount; m++) {
    const key = Float64Array.from(
      { length: headDim },
      (_, d) => slots.keySlots[(h * headDim + d) * slotCount + m]!,
    )
    scores.push(dot(query, key) / Math.sqrt(headDim))
    values.push(slots.valueSlots.subarray((h * slotCount + m) * headDim, (h * slotCount + m + 1) * headDim))
  }
  const rotated = rotate(query, t, frequencies)
  for (const { position, entry } of seen) {
    scores.push(dot(rotated, rotate(head(entry.keys), position, frequencies)) / Math.sqrt(headDim))
    values.push(head(entry.values))
  }

  const largest = Math.max(...scores)
  const weights = scores.map((score) => Math.exp(score - largest))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const result = new Float64Array(headDim)
  for (const [n, value] of values.entries()) {
    for (let d = 0; d < headDim; d++) result[d]! += (weights[n]! / total) * value[d]!
  }
  return result
}

/** RoPE in the rotate-half convention: the pairs are (i, i + D/2). */
function rotate(vector: Float64Array, position: number, frequencies: Float64Array): Float64Array {
  const half = frequencies.length
  const rotated = new Float64Array(vector.length)
  for (let i = 0; i < half; i++) {
    const cos = Math.cos(position * frequencies[i]!)
    const sin = Math.sin(position * frequencies[i]!)
    rotated[i] = vector[i]! * cos - vector[i + half]! * sin
    rotated[i + half] = vector[i + half]! * cos + vector[i]! * sin
  }
  return rotated
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0)
}
