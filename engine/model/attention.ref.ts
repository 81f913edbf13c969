import { roundToHalf } from '../../kernels/half.ts'
import type { ModelConfig } from './config.ts'
import { layerSinks } from './layer-windows.ts'
import { addInPlace, logSigmoid, normHeads } from './vector.ref.ts'

/** A token in the window: what attention needs while it is there, and what the slots need when it leaves. */
export interface WindowEntry {
  readonly key: Float64Array // [H, D], un-rotated
  readonly value: Float64Array // [H, D]
  readonly logGate: Float64Array // [H, M]
}

export interface AttentionState {
  /** the first tokens, once they have left the window */
  readonly sinks: WindowEntry[]
  readonly window: WindowEntry[] // oldest first
  readonly keySlots: Float64Array // [H, M, D]; empty in a layer that has no slots in use
  readonly valueSlots: Float64Array // [H, M, D]
  readonly slotMass: Float64Array // [H, M] what a slot holds in all: 1 once it has forgotten the beginning
  readonly slotCount: Float64Array // [H, M] tokens in a slot, those that fade by what is left of them
  written: boolean
}

export interface AttentionWeights {
  readonly projectionBias: Float64Array | null
  readonly queryNorm: Float64Array | null
  readonly keyNorm: Float64Array | null
}

/** Told what attention does, while somebody looks. */
interface Look {
  /** the softmax of one head: over slots, then sinks that have left the window, then the window */
  readonly seen?: (
    queryHead: number,
    slots: readonly number[],
    entries: readonly number[],
    sinks: number,
  ) => void
  /** [H, M] what each slot took of the token that was folded into them, if one was */
  readonly written?: (writes: Float64Array | null) => void
}

/**
 * One layer's attention for one token: the steps of NHA (arXiv 2510.07019), and sinks. The window is rounded to f16 as on
 * the GPU: storage, not arithmetic.
 *
 * @param rows [q: Q*D | k: H*D | v: H*D | z: H*M], before biases and norms; overwritten
 * @returns [Q, D]
 */
export function attend(
  config: ModelConfig,
  weights: AttentionWeights,
  state: AttentionState,
  window: number,
  rows: Float64Array,
  look: Look = {},
): Float64Array {
  const { queryHeads, kvHeads, headDim, slots, normEpsilon, maskEmptySlots } = config
  if (weights.projectionBias) addInPlace(rows, weights.projectionBias)
  const queries = rows.subarray(0, queryHeads * headDim)
  if (weights.queryNorm) normHeads(queries, weights.queryNorm, normEpsilon)
  look.written?.(remember(config, weights, state, window, rows.subarray(queries.length)))

  const seen = [...state.sinks, ...state.window]
  const useSlots = state.keySlots.length > 0 && (state.written || !maskEmptySlots)
  const output = new Float64Array(queryHeads * headDim)
  for (let q = 0; q < queryHeads; q++) {
    const h = Math.floor(q / (queryHeads / kvHeads))
    const query = queries.subarray(q * headDim, (q + 1) * headDim)
    const scores: number[] = []
    const sources: Float64Array[] = []
    for (let m = 0; useSlots && m < slots; m++) {
      const row = (h * slots + m) * headDim
      scores.push(slotScore(config, state, window, query, h * slots + m))
      sources.push(state.valueSlots.subarray(row, row + headDim))
    }
    for (const [i, entry] of seen.entries()) {
      const key = entry.key.subarray(h * headDim, (h + 1) * headDim)
      scores.push(rotatedDot(config, query, key, seen.length - 1 - i) / Math.sqrt(headDim))
      sources.push(entry.value.subarray(h * headDim, (h + 1) * headDim))
    }
    const top = Math.max(...scores)
    const weightOf = scores.map((score) => Math.exp(score - top))
    const sum = weightOf.reduce((a, b) => a + b, 0)
    const shares = weightOf.map((weight) => weight / sum)
    const slotsSeen = sources.length - seen.length
    look.seen?.(q, shares.slice(0, slotsSeen), shares.slice(slotsSeen), state.sinks.length)
    for (const [i, source] of sources.entries()) {
      for (let d = 0; d < headDim; d++) output[q * headDim + d]! += (weightOf[i]! / sum) * source[d]!
    }
  }
  return output
}

/** One query with one slot: D^−½ · q·K̃, at the window's edge and with its count where the config says so. */
function slotScore(
  config: ModelConfig,
  state: AttentionState,
  window: number,
  query: Float64Array,
  slot: number,
): number {
  const { headDim, slots, edgeSlots, meanSlots, countSlots } = config
  if (meanSlots && state.slotMass[slot] === 0) return -Infinity
  const key = state.keySlots.subarray(slot * headDim, (slot + 1) * headDim)
  const distance = edgeSlots ? window + layerSinks(config, window) : 0
  const bias = countSlots ? Math.log(state.slotCount[slot]! / slots) : 0
  return rotatedDot(config, query, key, distance) / Math.sqrt(headDim) + bias
}

/** The token enters the window; the one that leaves for it becomes a sink, or is folded into the slots: what each took. */
function remember(
  config: ModelConfig,
  { keyNorm }: AttentionWeights,
  state: AttentionState,
  window: number,
  rows: Float64Array,
): Float64Array | null {
  const { kvHeads, headDim, gateNormalizer, normEpsilon } = config
  const size = kvHeads * headDim
  const keys = rows.subarray(0, size)
  if (keyNorm) normHeads(keys, keyNorm, normEpsilon)
  state.window.push({
    key: keys.map(roundToHalf),
    value: rows.slice(size, 2 * size).map(roundToHalf),
    logGate: rows.slice(2 * size).map((z) => roundToHalf(logSigmoid(z) / gateNormalizer)),
  })
  if (state.window.length <= window) return null
  const leaving = state.window.shift()!
  if (state.sinks.length < layerSinks(config, window)) state.sinks.push(leaving)
  else if (state.keySlots.length > 0) {
    return fold(config, state, leaving)
  }
  return null
}

/** Step 4: K̃ ← α·K̃ + (1−α)·k, Ṽ likewise; a mean is that divided by its mass c ← α·c + (1−α). Gives 1−α, or that over c. */
function fold(
  { kvHeads, headDim, slots, meanSlots }: ModelConfig,
  state: AttentionState,
  { key, value, logGate }: WindowEntry,
): Float64Array {
  const writes = new Float64Array(kvHeads * slots)
  state.written = true
  for (let h = 0; h < kvHeads; h++) {
    for (let m = 0; m < slots; m++) {
      const slot = h * slots + m
      const gate = Math.exp(logGate[slot]!)
      let write = -Math.expm1(logGate[slot]!)
      if (meanSlots) {
        state.slotMass[slot] = gate * state.slotMass[slot]! + write
        state.slotCount[slot] = gate * state.slotCount[slot]! + 1
        write = state.slotMass[slot] === 0 ? 0 : write / state.slotMass[slot]
      }
      const keep = meanSlots ? 1 - write : gate
      writes[slot] = write
      for (let d = 0; d < headDim; d++) {
        const i = (h * slots + m) * headDim + d
        state.keySlots[i] = keep * state.keySlots[i]! + write * key[h * headDim + d]!
        state.valueSlots[i] = keep * state.valueSlots[i]! + write * value[h * headDim + d]!
      }
    }
  }
  return writes
}

/** RoPE(q, t) · RoPE(k, t − distance): only the distance matters. Pairs are (i, i + D/2). */
function rotatedDot(
  { ropeFrequencies }: ModelConfig,
  query: Float64Array,
  key: Float64Array,
  distance: number,
): number {
  const half = query.length / 2
  let sum = 0
  for (let i = 0; i < half; i++) {
    const angle = distance * ropeFrequencies[i]!
    const same = query[i]! * key[i]! + query[i + half]! * key[i + half]!
    const cross = query[i]! * key[i + half]! - query[i + half]! * key[i]!
    sum += Math.cos(angle) * same + Math.sin(angle) * cross
  }
  return sum
}
