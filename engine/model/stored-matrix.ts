import { numberFromHalf } from '../../kernels/half.ts'
import { type MatrixFormat, SCALE_COLS } from '../../kernels/matrix.ts'

/** A matrix as the kernels' packer takes it: row-major bytes, and per-32 f16 scales when it is quantised. */
export interface StoredMatrix {
  readonly rows: number
  readonly cols: number
  readonly format: MatrixFormat
  readonly values: Uint8Array<ArrayBuffer>
  readonly scales: Uint8Array<ArrayBuffer> | null
}

/** The numbers a stored matrix stands for: what the reference computes with. */
export function dequantize({ rows, cols, format, values, scales }: StoredMatrix): Float64Array {
  const view = new DataView(values.buffer, values.byteOffset, values.byteLength)
  const numbers = new Float64Array(rows * cols)
  const groups = scales && new DataView(scales.buffer, scales.byteOffset, scales.byteLength)
  const scaleOf = (i: number): number =>
    groups ? numberFromHalf(groups.getUint16(2 * Math.floor(i / SCALE_COLS), true)) : 1
  for (let i = 0; i < numbers.length; i++) {
    switch (format) {
      case 'f32':
        numbers[i] = view.getFloat32(4 * i, true)
        break
      case 'f16':
        numbers[i] = numberFromHalf(view.getUint16(2 * i, true))
        break
      case 'q8':
        numbers[i] = view.getInt8(i) * scaleOf(i)
        break
      case 'q4': {
        const nibble = (view.getUint8(i >> 1) >> (4 * (i % 2))) & 15
        // Two halves a group: scale, minimum.
        const group = 4 * Math.floor(i / SCALE_COLS)
        const [scale, minimum] = [group, group + 2].map((at) =>
          numberFromHalf(groups?.getUint16(at, true) ?? 0),
        )
        numbers[i] = (scale ?? 0) * nibble + (minimum ?? 0)
        break
      }
      default:
        format satisfies never
    }
  }
  return numbers
}
