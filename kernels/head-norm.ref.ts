import { type HeadNormShape } from './head-norm.ts'

/** The definition of `head_norm` in f64; v and z of every row [T, rowSize] are returned as they came. */
export function headNormReference(
  { queryHeads, kvHeads, headDim, rowSize, epsilon }: HeadNormShape,
  projections: Float64Array,
  queryWeight: Float64Array,
  keyWeight: Float64Array,
): Float64Array {
  const output = projections.slice()
  for (let row = 0; row < projections.length; row += rowSize) {
    for (let n = 0; n < queryHeads + kvHeads; n++) {
      const weight = n < queryHeads ? queryWeight : keyWeight
      const first = row + n * headDim
      let squares = 0
      for (let d = 0; d < headDim; d++) squares += projections[first + d]! ** 2
      const scale = 1 / Math.sqrt(squares / headDim + epsilon)
      for (let d = 0; d < headDim; d++) output[first + d] = projections[first + d]! * scale * weight[d]!
    }
  }
  return output
}
