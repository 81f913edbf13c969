/** Numbers that learn, and what Adam remembers of each. */
export interface Learned {
  readonly values: Float32Array<ArrayBuffer>
  readonly mean: Float32Array<ArrayBuffer>
  readonly square: Float32Array<ArrayBuffer>
}

export function learned(values: Float32Array<ArrayBuffer>): Learned {
  return { values, mean: new Float32Array(values.length), square: new Float32Array(values.length) }
}

const BETA1 = 0.9
const BETA2 = 0.99
const EPSILON = 1e-8

/**
 * One step of Adam, in place. On the processor: gates are few, and a checkpoint is then the bytes as they stand.
 *
 * @param step from 1
 * @param most the gradient is shortened to this length
 */
export function adam(
  { values, mean, square }: Learned,
  gradient: Float32Array,
  step: number,
  rate: number,
  most = 1,
): void {
  const length = Math.sqrt(gradient.reduce((sum, x) => sum + x * x, 0))
  // A loss that is not finite must not spoil what was learned.
  if (!Number.isFinite(length)) return
  const scale = length > most ? most / length : 1
  const stride = (rate * Math.sqrt(1 - BETA2 ** step)) / (1 - BETA1 ** step)
  for (let i = 0; i < values.length; i++) {
    const slope = scale * (gradient[i] ?? 0)
    const m = BETA1 * (mean[i] ?? 0) + (1 - BETA1) * slope
    const v = BETA2 * (square[i] ?? 0) + (1 - BETA2) * slope * slope
    mean[i] = m
    square[i] = v
    values[i] = (values[i] ?? 0) - (stride * m) / (Math.sqrt(v) + EPSILON)
  }
}
