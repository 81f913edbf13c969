import * as tf from '@tensorflow/tfjs-core'
import type { ModelConfig } from '../model/config.ts'
import { Random } from '../text/random.ts'

/** N: tokens whose slots are computed at once. */
export const SLOT_CHUNK = 32
/** The least log α that is computed with, so that exp(−A) stays within f32 over a chunk: 93 % of a token are taken then. */
const CLOSED = -2.7
/** Stands for minus infinity: what must not be read. */
const NEVER = -1e9

export type AttentionSizes = Pick<
  ModelConfig,
  'queryHeads' | 'kvHeads' | 'headDim' | 'slots' | 'gateNormalizer' | 'ropeFrequencies' | 'maskEmptySlots'
>

/** What is the same for every layer that reads T tokens with a window of W: masks and angles. Constants. */
export interface Reading {
  readonly sizes: AttentionSizes
  readonly tokens: number
  readonly window: number
  readonly sinks: number
  readonly slotsOn: boolean
  /** in place of keys and values in the slots: [H, M, D] each, of an RMS of 1 */
  readonly noise: readonly [tf.Tensor, tf.Tensor] | null
  /** by row: chunk, query head of the group, token of the chunk */
  readonly windowMask: tf.Tensor
  readonly sinkMask: tf.Tensor | null
  readonly slotMask: tf.Tensor
  /** [1, T, 1]: 1 where the token that leaves is folded into the slots */
  readonly folds: tf.Tensor
  /** [2, rows or T, D/2]: cos and sin */
  readonly queryAngles: readonly [tf.Tensor, tf.Tensor]
  readonly sinkQueryAngles: readonly [tf.Tensor, tf.Tensor]
  readonly keyAngles: readonly [tf.Tensor, tf.Tensor]
}

/**
 * The constants of NHA over T tokens from the first one on. T is a multiple of 32; W ≥ T is full attention.
 *
 * Source: NHA, arXiv 2510.07019, and kernels/hybrid-attend.ref.ts, sinks included.
 */
export function reading(
  sizes: AttentionSizes,
  tokens: number,
  window: number,
  options: {
    readonly sinks: number
    readonly slotsOn: boolean
    /** seed of what slots are filled with in place of what they hold */
    readonly noise?: number
  },
): Reading {
  if (tokens % SLOT_CHUNK !== 0) throw new Error(`${tokens} tokens are not a multiple of ${SLOT_CHUNK}`)
  const group = sizes.queryHeads / sizes.kvHeads
  const sinks = window >= tokens ? 0 : options.sinks
  const slotsOn = options.slotsOn && window + sinks < tokens && sizes.slots > 0
  const queries: number[] = []
  for (let start = 0; start < tokens; start += SLOT_CHUNK) {
    for (let g = 0; g < group; g++) for (let i = 0; i < SLOT_CHUNK; i++) queries.push(start + i)
  }
  const mask = (columns: number, isOpen: (t: number, column: number) => boolean): tf.Tensor => {
    const values = new Float32Array(queries.length * columns).fill(NEVER)
    for (const [row, t] of queries.entries()) {
      for (let column = 0; column < columns; column++)
        if (isOpen(t, column)) values[row * columns + column] = 0
    }
    return tf.tensor(values, [1, queries.length, columns])
  }
  const angles = (positions: readonly number[]): readonly [tf.Tensor, tf.Tensor] => {
    const width = sizes.ropeFrequencies.length
    const [cos, sin] = [
      new Float32Array(positions.length * width),
      new Float32Array(positions.length * width),
    ]
    for (const [row, position] of positions.entries()) {
      for (const [i, frequency] of sizes.ropeFrequencies.entries()) {
        cos[row * width + i] = Math.cos(position * frequency)
        sin[row * width + i] = Math.sin(position * frequency)
      }
    }
    const shape = [1, positions.length, width]
    return [tf.tensor(cos, shape), tf.tensor(sin, shape)]
  }
  const written = (t: number) => t >= window + sinks
  const all = Array.from({ length: tokens }, (_, t) => t)
  return {
    sizes,
    tokens,
    window,
    sinks,
    slotsOn,
    noise: options.noise === undefined ? null : slotNoise(sizes, options.noise),
    windowMask: mask(tokens, (t, j) => j <= t && j > t - window),
    sinkMask: sinks > 0 ? mask(sinks, (t, j) => j <= t - window) : null,
    slotMask: mask(1, (t) => written(t) || !sizes.maskEmptySlots),
    folds: tf.tensor(
      all.map((t) => Number(written(t))),
      [1, tokens, 1],
    ),
    queryAngles: angles(queries),
    // Sinks are counted as if they stood right before the window.
    sinkQueryAngles: angles(queries.map((t) => Math.min(t, sinks + window - 1))),
    keyAngles: angles(all),
  }
}

export function disposeReading({ windowMask, sinkMask, slotMask, folds, noise, ...on }: Reading): void {
  const angles = [on.queryAngles, on.sinkQueryAngles, on.keyAngles].flat()
  tf.dispose([windowMask, slotMask, folds, ...angles, ...(noise ?? []), ...(sinkMask ? [sinkMask] : [])])
}

function slotNoise({ kvHeads, slots, headDim }: AttentionSizes, seed: number): [tf.Tensor, tf.Tensor] {
  const random = new Random(seed)
  const uniform = () =>
    Float32Array.from({ length: kvHeads * slots * headDim }, () => Math.sqrt(3) * (2 * random.next() - 1))
  const shape = [kvHeads, slots, headDim]
  return [tf.tensor(uniform(), shape), tf.tensor(uniform(), shape)]
}

/** One layer's queries, keys and values before rotation, after biases and head norms. */
export type Heads = {
  /** [T, Q*D] */
  readonly queries: tf.Tensor
  /** [T, H*D] */
  readonly keys: tf.Tensor
  /** [T, H*D] */
  readonly values: tf.Tensor
}

/**
 * NHA's attention with gradients, in chunk form: [T, Q*D].
 *
 *     A_t = Σ_{i≤t} log α'_i   u_i = (1 − α'_i)·exp(−A_i)     within a chunk, ' the token that leaves
 *     slot scores  = exp(A) ⊙ (q·K̃0ᵀ + ((q·k'ᵀ) ⊙ causal)·u)
 *     slot readout = (p⊙exp A)·Ṽ0 + (((p⊙exp A)·uᵀ) ⊙ causal)·v'
 *     K̃0 of chunk i = Σ_{j<i} exp(C_i − C_j)·u_jᵀ·k'_j,  C the sum of log α' before a chunk
 *
 * @param logits z [T, H*M] of the gates; `null` where the slots are off
 */
export function attend(on: Reading, heads: Heads, logits: tf.Tensor | null): tf.Tensor {
  return tf.tidy(() => attended(on, heads, logits))
}

function attended(on: Reading, { queries, keys, values }: Heads, logits: tf.Tensor | null): tf.Tensor {
  const { sizes, tokens, sinks, slotsOn } = on
  const { queryHeads, kvHeads, headDim, slots } = sizes
  const group = queryHeads / kvHeads
  const chunks = tokens / SLOT_CHUNK
  const rows = tokens * group
  const q = tf.mul(byRows(queries, kvHeads, group, headDim), headDim ** -0.5)
  const k = byHead(keys, kvHeads)
  const v = byHead(values, kvHeads)
  const rotatedKeys = rotate(k, on.keyAngles)

  const scores = [tf.add(tf.matMul(rotate(q, on.queryAngles), rotatedKeys, false, true), on.windowMask)]
  const sources = [v]
  if (on.sinkMask) {
    const sinkKeys = tf.slice(rotatedKeys, [0, 0, 0], [kvHeads, sinks, headDim])
    scores.unshift(tf.add(tf.matMul(rotate(q, on.sinkQueryAngles), sinkKeys, false, true), on.sinkMask))
    sources.unshift(tf.slice(v, [0, 0, 0], [kvHeads, sinks, headDim]))
  }
  const memory = slotsOn && logits ? slotMemory(on, q, k, v, byHead(logits, kvHeads)) : null
  if (memory) scores.unshift(tf.add(memory.scores, on.slotMask))

  const weights = tf.softmax(tf.concat(scores, -1))
  let from = memory ? slots : 0
  let output = memory ? memory.readout(tf.slice(weights, [0, 0, 0], [kvHeads, rows, slots])) : null
  for (const source of sources) {
    const columns = source.shape[1] ?? 0
    const part = tf.matMul(tf.slice(weights, [0, 0, from], [kvHeads, rows, columns]), source)
    output = output ? tf.add(output, part) : part
    from += columns
  }
  const ordered = tf.reshape(output ?? q, [kvHeads, chunks, group, SLOT_CHUNK, headDim])
  return tf.reshape(tf.transpose(ordered, [1, 3, 0, 2, 4]), [tokens, queryHeads * headDim])
}

/** Scores of the slots before every mask, [H, rows, M], and what their weights [H, rows, M] read, [H, rows, D]. */
function slotMemory(on: Reading, q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, z: tf.Tensor) {
  const { sizes, tokens, window } = on
  const { queryHeads, kvHeads, headDim, slots, gateNormalizer } = sizes
  const group = queryHeads / kvHeads
  const chunks = tokens / SLOT_CHUNK
  const perChunk = (x: tf.Tensor, width: number) =>
    tf.reshape(x, [kvHeads * chunks, (x.shape[1] ?? 0) / chunks, width])
  const leaving = (x: tf.Tensor) => {
    const width = x.shape[2] ?? 0
    if (window === 0) return perChunk(x, width)
    const before = tf.zeros([kvHeads, window, width])
    return perChunk(tf.concat([before, tf.slice(x, [0, 0, 0], [kvHeads, tokens - window, width])], 1), width)
  }

  // log α = logsigmoid(z)/τ = −softplus(−z)/τ; 0, which folds nothing, until a token leaves.
  const logGate = leaving(tf.mul(tf.softplus(tf.neg(z)), -1 / gateNormalizer))
  const bounded = tf.add(tf.relu(tf.sub(logGate, CLOSED)), CLOSED)
  const folded = tf.mul(bounded, perChunk(tf.tile(on.folds, [kvHeads, 1, 1]), 1))
  const lower = tf.tensor(
    triangle(SLOT_CHUNK, (i, j) => j <= i),
    [1, SLOT_CHUNK, SLOT_CHUNK],
  )
  const sums = tf.matMul(tf.tile(lower, [kvHeads * chunks, 1, 1]), folded)
  const decay = tf.exp(sums)
  const shares = tf.mul(tf.neg(tf.expm1(folded)), tf.exp(tf.neg(sums)))
  const [oldKeys, oldValues] = [leaving(k), leaving(v)]
  const states = createStates(tf.slice(sums, [0, SLOT_CHUNK - 1, 0], [kvHeads * chunks, 1, slots]), kvHeads)
  const [keySlots, valueSlots] = [oldKeys, oldValues].map((x) => states(tf.matMul(shares, x, true)))
  if (!keySlots || !valueSlots) throw new Error('slots without keys')
  if (on.noise) {
    const [noiseKeys, noiseValues] = on.noise
    const [keys, values] = [
      tf.mul(noiseKeys, loudness(keySlots, kvHeads)),
      tf.mul(noiseValues, loudness(valueSlots, kvHeads)),
    ]
    return {
      scores: tf.matMul(q, keys, false, true),
      readout: (weights: tf.Tensor) => tf.matMul(weights, values),
    }
  }

  const inGroup = (x: tf.Tensor) => (group === 1 ? x : tf.concat(new Array<tf.Tensor>(group).fill(x), 1))
  const causal = inGroup(lower)
  const decayRows = inGroup(decay)
  const queries = perChunk(q, headDim)
  const within = tf.matMul(tf.mul(tf.matMul(queries, oldKeys, false, true), causal), shares)
  const scores = tf.mul(decayRows, tf.add(tf.matMul(queries, keySlots, false, true), within))
  return {
    scores: tf.reshape(scores, [kvHeads, tokens * group, slots]),
    readout: (weights: tf.Tensor) => {
      const p = tf.mul(perChunk(weights, slots), decayRows)
      const recent = tf.matMul(tf.mul(tf.matMul(p, shares, false, true), causal), oldValues)
      return tf.reshape(tf.add(tf.matMul(p, valueSlots), recent), [kvHeads, tokens * group, headDim])
    },
  }
}

/** What earlier chunks left in the slots at the start of each, from what each adds: [H*n, M, D] to [H*n, M, D]. */
function createStates(totals: tf.Tensor, kvHeads: number): (added: tf.Tensor) => tf.Tensor {
  const [all = 0, , slots = 0] = totals.shape
  const chunks = all / kvHeads
  const earlier = tf.tensor(
    triangle(chunks, (i, j) => j < i),
    [1, chunks, chunks],
  )
  const bySlot = tf.transpose(tf.reshape(totals, [kvHeads, chunks, slots]), [0, 2, 1])
  // C_i: log α of all chunks before i, [H, M, n]
  const before = tf.matMul(bySlot, tf.tile(earlier, [kvHeads, 1, 1]), false, true)
  const rows = tf.reshape(before, [kvHeads * slots, chunks, 1])
  const columns = tf.reshape(before, [kvHeads * slots, 1, chunks])
  // Later chunks are masked before the exponent, which they would overflow.
  const kept = tf.mul(tf.exp(tf.mul(tf.sub(rows, columns), earlier)), earlier)
  return (added) => {
    const headDim = added.shape[2] ?? 0
    const bySlots = tf.transpose(tf.reshape(added, [kvHeads, chunks, slots, headDim]), [0, 2, 1, 3])
    const states = tf.matMul(kept, tf.reshape(bySlots, [kvHeads * slots, chunks, headDim]))
    const back = tf.transpose(tf.reshape(states, [kvHeads, slots, chunks, headDim]), [0, 2, 1, 3])
    return tf.reshape(back, [kvHeads * chunks, slots, headDim])
  }
}

/** The RMS of what the slots hold at the end of the text, [H*n, M, D]. */
function loudness(states: tf.Tensor, kvHeads: number): tf.Tensor {
  const [all = 0, slots = 0, headDim = 0] = states.shape
  const chunks = all / kvHeads
  const byChunk = tf.reshape(states, [kvHeads, chunks, slots * headDim])
  return tf.sqrt(tf.mean(tf.square(tf.slice(byChunk, [0, chunks - 1, 0], [kvHeads, 1, slots * headDim]))))
}

function triangle(size: number, isOpen: (row: number, column: number) => boolean): Float32Array {
  return Float32Array.from({ length: size * size }, (_, i) => Number(isOpen(Math.floor(i / size), i % size)))
}

/** [T, H*X] to [H, T, X] */
function byHead(x: tf.Tensor, kvHeads: number): tf.Tensor {
  const [tokens = 0, width = 0] = x.shape
  return tf.transpose(tf.reshape(x, [tokens, kvHeads, width / kvHeads]), [1, 0, 2])
}

/** [T, Q*D] to [H, rows, D]; rows by chunk, then query head of the group, then token. */
function byRows(x: tf.Tensor, kvHeads: number, group: number, headDim: number): tf.Tensor {
  const [tokens = 0] = x.shape
  const split = tf.reshape(x, [tokens / SLOT_CHUNK, SLOT_CHUNK, kvHeads, group, headDim])
  return tf.reshape(tf.transpose(split, [2, 0, 3, 1, 4]), [kvHeads, tokens * group, headDim])
}

/** RoPE in the rotate-half convention: the pairs are (i, i + D/2). */
export function rotate(x: tf.Tensor, [cos, sin]: readonly [tf.Tensor, tf.Tensor]): tf.Tensor {
  const [heads = 0, rows = 0, headDim = 0] = x.shape
  const half = headDim / 2
  const a = tf.slice(x, [0, 0, 0], [heads, rows, half])
  const b = tf.slice(x, [0, 0, half], [heads, rows, half])
  return tf.concat([tf.sub(tf.mul(a, cos), tf.mul(b, sin)), tf.add(tf.mul(b, cos), tf.mul(a, sin))], -1)
}
