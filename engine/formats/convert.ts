import { type MatrixFormat, SCALE_COLS } from '../../kernels/matrix.ts'
import { decodeElements, halfTable } from './decode.ts'
import { type EncodedRows, encodeRows } from './encode.ts'
import { ELEMENT_TYPES, type ElementType } from './tensor.ts'

/**
 * Stored rows to rows in the kernels' format: bytes as they are where that format is theirs already, else decoded and
 * rounded once. `null` when a number is not finite or too large for the format.
 *
 * @param scales f16 per 32 columns, for int8 of our own; else null
 */
export function convertRows(
  type: ElementType,
  format: MatrixFormat,
  bytes: Uint8Array<ArrayBuffer>,
  scales: Uint8Array<ArrayBuffer> | null,
): EncodedRows | null {
  if (type.toLowerCase() === format) return { values: bytes, scales: null }
  if (format === 'q8' && scales) return { values: bytes, scales }
  if (format === 'q8' && type === 'Q8_0') return splitQ8(bytes)
  const numbers = scales ? decodeInt8(bytes, scales) : decodeElements(type, bytes)
  return numbers && encodeRows(format, numbers)
}

/** Q8_0 is our q8 with the scale in front of its 32 weights. */
function splitQ8(bytes: Uint8Array): EncodedRows {
  const { elements, bytes: blockBytes } = ELEMENT_TYPES.Q8_0
  const blocks = bytes.length / blockBytes
  const values = new Uint8Array(blocks * elements)
  const scales = new Uint8Array(blocks * 2)
  for (let block = 0; block < blocks; block++) {
    const at = block * blockBytes
    scales.set(bytes.subarray(at, at + 2), 2 * block)
    values.set(bytes.subarray(at + 2, at + blockBytes), block * elements)
  }
  return { values, scales }
}

function decodeInt8(bytes: Uint8Array, scales: Uint8Array): Float32Array<ArrayBuffer> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const halves = new DataView(scales.buffer, scales.byteOffset, scales.byteLength)
  const table = halfTable()
  const numbers = new Float32Array(bytes.length)
  for (let i = 0; i < numbers.length; i++) {
    numbers[i] = view.getInt8(i) * table[halves.getUint16(2 * Math.floor(i / SCALE_COLS), true)]!
  }
  return numbers
}
