import type { ModelConfig } from '../model/config.ts'

/** Half-lives of the slots of a head at first, in tokens: from the first slot to the last, evenly in their logarithm. */
const SHORTEST = 16
const LONGEST = 2000
/**
 * How far a gate's z moves at first with what a token is, as a standard deviation. So far that a slot takes one token in
 * some twenty nearly whole and hardly anything of the others: a mean of many tokens recalls none of them.
 */
const SPREAD = 12

/** g_proj of one layer: f32 [H*M, C]. */
export type Gate = Float32Array<ArrayBuffer>

/** What to add to the z of a slot, so that on the mean over tokens half of it is left after so many of them. */
export function openness(moved: Float64Array, halfLife: number, gateNormalizer: number): number {
  const fading = (added: number) =>
    moved.reduce((sum, z) => sum + softplus(-(z + added)), 0) / moved.length / gateNormalizer
  let [low, high] = [-WIDEST, WIDEST]
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2
    if (fading(middle) > Math.LN2 / halfLife) low = middle
    else high = middle
  }
  return high
}

/** Where `openness` looks, and how often it halves that. */
const WIDEST = 100
const HALVINGS = 30

function softplus(x: number): number {
  return x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x))
}

/**
 * First gates: slot m of a head follows the key's channel m·D/M, with a half-life of its own. There is no bias, which
 * the paper's code does not have: what is the same for every token comes from the direction of the hidden state that is
 * nearest to a constant.
 *
 * @param keys k_proj, f32 [H*D, C]
 * @param hidden f32 [T, C]: what the layer's projections are given
 * @param spread how far z moves, in deviations
 */
export function firstGate(
  {
    kvHeads,
    headDim,
    slots,
    gateNormalizer,
  }: Pick<ModelConfig, 'kvHeads' | 'headDim' | 'slots' | 'gateNormalizer'>,
  keys: Float32Array,
  hidden: Float32Array,
  spread = SPREAD,
): Gate {
  const size = keys.length / (kvHeads * headDim)
  const one = constantDirection(hidden, size)
  const rows = hidden.length / size
  const gate = new Float32Array(kvHeads * slots * size)
  for (let h = 0; h < kvHeads; h++) {
    for (let m = 0; m < slots; m++) {
      const channel = h * headDim + Math.floor((m * headDim) / slots)
      const key = keys.subarray(channel * size, (channel + 1) * size)
      const along = Float64Array.from({ length: rows }, (_, row) =>
        product(key, hidden.subarray(row * size, (row + 1) * size)),
      )
      const { mean, deviation } = spreadOf(along)
      const halfLife = SHORTEST * (LONGEST / SHORTEST) ** (m / Math.max(1, slots - 1))
      // Every other slot takes what lies on the other side of its channel.
      const scale = ((m % 2 === 0 ? 1 : -1) * spread) / Math.max(deviation, 1e-6)
      const moved = along.map((value) => scale * (value - mean))
      const constant = openness(moved, halfLife, gateNormalizer) - scale * mean
      const row = gate.subarray((h * slots + m) * size, (h * slots + m + 1) * size)
      for (let c = 0; c < size; c++) row[c] = scale * (key[c] ?? 0) + constant * (one[c] ?? 0)
    }
  }
  return gate
}

function spreadOf(values: Float64Array): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
  return { mean, deviation: Math.sqrt(variance) }
}

const CONJUGATE_STEPS = 40
/** Of the mean square of a row: what keeps the direction short where few rows are known. */
const RIDGE = 1e-3

/** w that makes w·x nearest to 1 over the rows x: (XᵀX/T + λ)w = Xᵀ1/T by conjugate gradients. */
export function constantDirection(hidden: Float32Array, size: number): Float64Array {
  const rows = hidden.length / size
  const ridge = (RIDGE * product(hidden, hidden)) / hidden.length
  const back = (weights: (row: number) => number): Float64Array => {
    const sum = new Float64Array(size)
    for (let row = 0; row < rows; row++) {
      const weight = weights(row) / rows
      for (let c = 0; c < size; c++) sum[c] = (sum[c] ?? 0) + weight * (hidden[row * size + c] ?? 0)
    }
    return sum
  }
  const apply = (w: Float64Array) =>
    back((row) => product(w, hidden.subarray(row * size, (row + 1) * size))).map(
      (x, c) => x + ridge * (w[c] ?? 0),
    )
  const solution = new Float64Array(size)
  const residual = back(() => 1)
  let direction = residual.slice()
  let length = product(residual, residual)
  for (let step = 0; step < CONJUGATE_STEPS && length > 1e-18; step++) {
    const applied = apply(direction)
    const stride = length / product(direction, applied)
    for (let c = 0; c < size; c++) {
      solution[c] = (solution[c] ?? 0) + stride * (direction[c] ?? 0)
      residual[c] = (residual[c] ?? 0) - stride * (applied[c] ?? 0)
    }
    const next = product(residual, residual)
    const share = next / length
    direction = residual.map((x, c) => x + share * (direction[c] ?? 0))
    length = next
  }
  return solution
}

function product(a: Float32Array | Float64Array, b: Float32Array | Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0)
  return sum
}
