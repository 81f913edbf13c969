import { numberFromHalf } from './half.ts'
import { type MatrixShape } from './matrix.ts'

/** The numbers that row-major weight and scale bytes stand for, f64 [R, C]. */
export function matrixReference(
  { rows, cols, format }: MatrixShape,
  weightBytes: Uint8Array,
  scaleBytes: Uint8Array | null,
): Float64Array {
  const weight = new DataView(weightBytes.buffer, weightBytes.byteOffset, weightBytes.byteLength)
  const scales = scaleBytes && new DataView(scaleBytes.buffer, scaleBytes.byteOffset, scaleBytes.byteLength)
  const numbers = new Float64Array(rows * cols)
  for (let i = 0; i < rows * cols; i++) {
    if (format === 'f32') numbers[i] = weight.getFloat32(i * 4, true)
    else if (format === 'f16') numbers[i] = numberFromHalf(weight.getUint16(i * 2, true))
    else if (format === 'q4') {
      const nibble = (weight.getUint8(i >> 1) >> (4 * (i % 2))) & 15
      const block = Math.floor(i / 32) * 4
      const scale = numberFromHalf(scales!.getUint16(block, true))
      numbers[i] = scale * nibble + numberFromHalf(scales!.getUint16(block + 2, true))
    } else numbers[i] = weight.getInt8(i) * numberFromHalf(scales!.getUint16(Math.floor(i / 32) * 2, true))
  }
  return numbers
}
