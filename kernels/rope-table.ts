/** The `rope_scaling` of Llama 3.1 and later, as in the checkpoint's config. */
export interface Llama3RopeScaling {
  readonly type: 'llama3'
  readonly factor: number
  readonly lowFrequencyFactor: number
  readonly highFrequencyFactor: number
  /** positions that the model was trained on before scaling */
  readonly originalPositions: number
}

export type RopeScaling = { readonly type: 'none' } | Llama3RopeScaling

/**
 * Angle per position of every rotated pair, f64 `[D/2]`.
 *
 *     f[i] = theta^(−2i/D), then the scaling's own correction
 *
 * llama3: wavelengths longer than `originalPositions / lowFrequencyFactor` are stretched by `factor`, those shorter than
 * `originalPositions / highFrequencyFactor` are kept, and between the two the frequency is interpolated.
 * Source: Meta's Llama 3.1 reference code; the same formula as in Transformers.
 */
export function inverseFrequencies(
  theta: number,
  headDim: number,
  scaling: RopeScaling = { type: 'none' },
): Float64Array {
  const plain = Float64Array.from({ length: headDim / 2 }, (_, i) => theta ** ((-2 * i) / headDim))
  return scaling.type === 'none' ? plain : plain.map((frequency) => scaleLlama3(frequency, scaling))
}

function scaleLlama3(frequency: number, scaling: Llama3RopeScaling): number {
  const { factor, lowFrequencyFactor, highFrequencyFactor, originalPositions } = scaling
  const turns = (originalPositions * frequency) / (2 * Math.PI)
  const kept = Math.min(
    Math.max((turns - lowFrequencyFactor) / (highFrequencyFactor - lowFrequencyFactor), 0),
    1,
  )
  return frequency * (kept + (1 - kept) / factor)
}

/**
 * Cosine and sine of every distance, f32 `[rows, D/2, 2]`, computed in f64 and rounded once.
 *
 *     table[n, i] = (cos(n·f[i]), sin(n·f[i]))
 *
 * @param rows one more than the largest distance that is read: decode needs `window`, prefill `window + 32`
 */
export function createRopeTable(
  rows: number,
  headDim: number,
  frequencies: Float64Array,
): Float32Array<ArrayBuffer> {
  const pairs = headDim / 2
  if (frequencies.length !== pairs) {
    throw new Error(`rope table: headDim ${headDim} needs ${pairs} frequencies, got ${frequencies.length}`)
  }
  const table = new Float32Array(rows * headDim)
  for (let n = 0; n < rows; n++) {
    for (const [i, frequency] of frequencies.entries()) {
      table[(n * pairs + i) * 2] = Math.cos(n * frequency)
      table[(n * pairs + i) * 2 + 1] = Math.sin(n * frequency)
    }
  }
  return table
}
