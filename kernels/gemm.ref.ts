import { type MatrixShape } from './matrix.ts'

export interface ProductInputs {
  /** [R, C], dequantised */
  readonly weight: Float64Array
  /** [T, C] */
  readonly input: Float64Array
  /** [R] */
  readonly bias: Float64Array | null
  /** [T, R]: what output held before, when the kernel accumulates */
  readonly before: Float64Array | null
}

/** The definition of `gemm`, and with T = 1 of `gemv`, in f64. */
export function gemmReference(
  { rows, cols }: MatrixShape,
  tokens: number,
  { weight, input, bias, before }: ProductInputs,
): Float64Array {
  const output = new Float64Array(tokens * rows)
  for (let t = 0; t < tokens; t++) {
    for (let r = 0; r < rows; r++) {
      let sum = (before?.[t * rows + r] ?? 0) + (bias?.[r] ?? 0)
      for (let c = 0; c < cols; c++) sum += weight[r * cols + c]! * input[t * cols + c]!
      output[t * rows + r] = sum
    }
  }
  return output
}
