import { type AttentionShape, keySlotSize, WINDOW_ALL } from './attention-shape.ts'
import { type Slots, slotWriteReference } from './slot-write.ref.ts'
import { projectionRow, type WindowEntry, windowWriteReference } from './window-write.ref.ts'

export interface AttentionState {
  /** position of the next token */
  readonly position: number
  /** the first S tokens, as far as they have been read */
  readonly sinks: readonly WindowEntry[]
  /** token j >= S is at index (j − S) % length; the length is at least max(1, W) */
  readonly ring: readonly (WindowEntry | null)[]
  readonly slots: Slots
}

export interface AttentionLayer {
  /** W, or WINDOW_ALL */
  readonly window: number
  readonly slotsOn: boolean
  /** S; 0 where the window is WINDOW_ALL */
  readonly sinks?: number
}

/** The state before the first token. */
export function emptyAttentionState(shape: AttentionShape, capacity: number): AttentionState {
  const { kvHeads, headDim, slots } = shape
  const empty = {
    keySlots: new Float64Array(keySlotSize(shape)),
    valueSlots: new Float64Array(kvHeads * headDim * slots),
  }
  return { position: 0, sinks: [], ring: Array<null>(capacity).fill(null), slots: empty }
}

/**
 * The definition of NHA's attention in f64: T tokens, one after the other, straight from the paper's steps.
 *
 *     j = t − W leaves:  slots[m] ← a_j[m]·slots[m] + (1 − a_j[m])·(k_j, v_j),  unless it is a sink, j < S
 *     scores = D^−½ · [ q·keySlots[m] | RoPE(q, t')·RoPE(k_n, n) for the tokens seen, n-th from 0 ]
 *     output = softmax(scores) · [ valueSlots | values ]
 *
 * Seen are the sinks that have left the window, then max(0, t−W+1) <= j <= t. They are counted without the gap between
 * the two, t' being the last of them: while nothing is missing n = j and t' = t. Slots are read when the layer has them
 * on, its window is not everything and, if empty slots are masked, t >= W + S. With `edgeSlots` the
 * leaving key is turned back by W + S first, with `countSlots` the log of a slot's count over M is added to its score.
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
  const { window, sinks: sinkCount = 0 } = layer
  const slotsOn = layer.slotsOn && shape.slots > 0 && window !== WINDOW_ALL
  const ring = [...state.ring]
  const sinks = [...state.sinks]
  const output = new Float64Array(tokens * queryHeads * headDim)
  let { slots } = state

  for (let i = 0; i < tokens; i++) {
    const t = state.position + i
    const row = projectionRow(shape, projections, i)
    const entry = windowWriteReference(shape, row)
    const read = (j: number): WindowEntry =>
      j < sinkCount ? sinks[j]! : ring[(j - sinkCount) % ring.length]!
    const leaves = t >= window + sinkCount
    if (slotsOn && leaves) {
      const leaving = window === 0 ? entry : read(t - window)
      const turned = { ...leaving, keys: turnBack(shape, leaving.keys, window + sinkCount, frequencies) }
      slots = slotWriteReference(shape, slots, shape.edgeSlots ? turned : leaving)
    }
    if (t < sinkCount) sinks.push(entry)
    else ring[(t - sinkCount) % ring.length] = entry

    const first = Math.max(0, t - window + 1)
    const seen = [...Array(Math.min(sinkCount, first)).keys()].map(read)
    for (let j = first; j <= t; j++) seen.push(read(j))
    const slotsSeen = slotsOn && (leaves || !shape.maskEmptySlots)
    for (let q = 0; q < queryHeads; q++) {
      const query = row.slice(q * headDim, (q + 1) * headDim)
      const slotScores = slotsSeen ? scoreSlots(shape, q, query, slots) : []
      const result = attendOne(shape, q, query, { slots, slotScores }, seen, frequencies)
      output.set(result, (i * queryHeads + q) * headDim)
    }
  }
  return { output, state: { position: state.position + tokens, sinks, ring, slots } }
}

/** R(−distance) of every head's key. */
function turnBack(
  { headDim }: AttentionShape,
  keys: Float64Array,
  distance: number,
  frequencies: Float64Array,
): Float64Array {
  const turned = new Float64Array(keys.length)
  for (let at = 0; at < keys.length; at += headDim) {
    turned.set(rotate(keys.subarray(at, at + headDim), -distance, frequencies), at)
  }
  return turned
}

/** D^−½ · q·keySlots[m] for every slot. */
function scoreSlots(
  { queryHeads, kvHeads, headDim, slots: slotCount, meanSlots, countSlots }: AttentionShape,
  queryHead: number,
  query: Float64Array,
  { keySlots }: Slots,
): number[] {
  const h = Math.floor(queryHead / (queryHeads / kvHeads))
  return Array.from({ length: slotCount }, (_, m) => {
    const key = Float64Array.from({ length: headDim }, (_, d) => keySlots[(h * headDim + d) * slotCount + m]!)
    const mass = (kvHeads * headDim + h) * slotCount + m
    if (meanSlots && keySlots[mass] === 0) return -Infinity
    const bias = countSlots ? Math.log(keySlots[mass + kvHeads * slotCount]! / slotCount) : 0
    return dot(query, key) / Math.sqrt(headDim) + bias
  })
}

/** One query head over what it sees, the oldest first: scores, softmax, weighted sum; 0 when it sees nothing. */
function attendOne(
  { queryHeads, kvHeads, headDim, slots: slotCount }: AttentionShape,
  queryHead: number,
  query: Float64Array,
  { slots, slotScores }: { slots: Slots; slotScores: readonly number[] },
  seen: readonly WindowEntry[],
  frequencies: Float64Array,
): Float64Array {
  const h = Math.floor(queryHead / (queryHeads / kvHeads))
  const head = (all: Float64Array): Float64Array => all.subarray(h * headDim, (h + 1) * headDim)
  const scores: number[] = []
  const values: Float64Array[] = []
  for (const [m, score] of slotScores.entries()) {
    scores.push(score)
    values.push(slots.valueSlots.subarray((h * slotCount + m) * headDim, (h * slotCount + m + 1) * headDim))
  }
  const rotated = rotate(query, seen.length - 1, frequencies)
  for (const [n, entry] of seen.entries()) {
    scores.push(dot(rotated, rotate(head(entry.keys), n, frequencies)) / Math.sqrt(headDim))
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
