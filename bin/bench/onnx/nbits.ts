import type { StoredMatrix } from '../../../engine/model/stored-matrix.ts'
import { numberFromHalf } from '../../../kernels/half.ts'
import { CommandError } from '../../command.ts'

/** A matrix as MatMulNBits and GatherBlockQuantized take it: unsigned, with the zero in the middle of the range. */
export interface NBits {
  readonly bits: 4 | 8
  readonly values: Uint8Array<ArrayBuffer>
  /** f32, one for 32 columns of a row */
  readonly scales: Float32Array<ArrayBuffer>
}

/** What ONNX takes for zero where nothing else is said. */
const MIDDLE_OF_BYTE = 128
const MIDDLE_OF_NIBBLE = 8

/**
 * The same numbers as `stored`, to the bit.
 *
 * @throws {CommandError} a format without scales, or a 4-bit block whose minimum is not −8 scales
 */
export function nbits({ format, values, scales }: StoredMatrix): NBits {
  if (!scales || (format !== 'q8' && format !== 'q4'))
    throw new CommandError(`MatMulNBits has no ${format}, only q4 and q8`)
  const halves = new Uint16Array(scales.slice().buffer)
  if (format === 'q8') {
    const unsigned = values.map((value) => value ^ MIDDLE_OF_BYTE)
    return { bits: 8, values: unsigned, scales: Float32Array.from(halves, numberFromHalf) }
  }
  const blocks = Float32Array.from({ length: halves.length / 2 }, (_, block) => {
    const [scale, minimum] = [halves[2 * block] ?? 0, halves[2 * block + 1] ?? 0].map(numberFromHalf)
    if (scale === undefined || minimum !== -MIDDLE_OF_NIBBLE * scale)
      throw new CommandError('MatMulNBits has no 4-bit blocks with a minimum of their own')
    return scale
  })
  return { bits: 4, values: values.slice(), scales: blocks }
}
