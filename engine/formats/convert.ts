import { halfFromNumber } from '../../kernels/half.ts'
import { type MatrixFormat, SCALE_COLS } from '../../kernels/matrix.ts'
import { decodeElements, fourBitGroups, halfTable } from './decode.ts'
import { type EncodedRows, encodeRows } from './encode.ts'
import { ELEMENT_TYPES, type ElementType } from './tensor.ts'

/**
 * Stored rows to rows in the kernels' format: bytes as they are where that format is theirs already, else decoded and
 * rounded once. `null` when a number is not finite or too large for the format.
 *
 * @param scales of our own formats, I8 and U8, else null: f16 per 32 columns, or pairs of scale and minimum
 */
export function convertRows(
  type: ElementType,
  format: MatrixFormat,
  bytes: Uint8Array<ArrayBuffer>,
  scales: Uint8Array<ArrayBuffer> | null,
): EncodedRows | null {
  if (type.toLowerCase() === format) {
    const isFinite = type === 'F32' ? hasFiniteFloats(bytes) : hasFiniteHalves(bytes)
    return isFinite ? { values: bytes, scales: null } : null
  }
  if ((format === 'q8' && type === 'I8') || (format === 'q4' && type === 'U8'))
    return scales && !hasFiniteHalves(scales) ? null : { values: bytes, scales }
  if (format === 'q8' && type === 'Q8_0') return splitQ8(bytes)
  if (format === 'q4' && (type === 'Q4_0' || type === 'Q4_1' || type === 'Q4_K')) return splitQ4(type, bytes)
  const numbers = scales ? decodeGroups(type, bytes, scales) : decodeElements(type, bytes)
  return numbers && encodeRows(format, numbers)
}

/** Q8_0 is our q8 with the scale in front of its 32 weights. */
function splitQ8(bytes: Uint8Array): EncodedRows | null {
  const { elements, bytes: blockBytes } = ELEMENT_TYPES.Q8_0
  const blocks = bytes.length / blockBytes
  const values = new Uint8Array(blocks * elements)
  const scales = new Uint8Array(blocks * 2)
  for (let block = 0; block < blocks; block++) {
    const at = block * blockBytes
    scales.set(bytes.subarray(at, at + 2), 2 * block)
    values.set(bytes.subarray(at + 2, at + blockBytes), block * elements)
  }
  return hasFiniteHalves(scales) ? { values, scales } : null
}

/** Whether no f16 is infinite or NaN: those have every bit of the exponent set. */
function hasFiniteHalves(bytes: Uint8Array<ArrayBuffer>): boolean {
  const { buffer, byteOffset, length } = bytes.byteOffset % 2 === 0 ? bytes : bytes.slice()
  const halves = new Uint16Array(buffer, byteOffset, length / 2)
  for (let i = 0; i < halves.length; i++) if ((halves[i]! & 0x7c00) === 0x7c00) return false
  return true
}

/** The same of f32. */
function hasFiniteFloats(bytes: Uint8Array<ArrayBuffer>): boolean {
  const { buffer, byteOffset, length } = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice()
  const words = new Uint32Array(buffer, byteOffset, length / 4)
  for (let i = 0; i < words.length; i++) if ((words[i]! & 0x7f80_0000) === 0x7f80_0000) return false
  return true
}

/** Our own q8, int8 with a scale, or q4, two columns in a byte with scale and minimum. */
function decodeGroups(type: ElementType, bytes: Uint8Array, scales: Uint8Array): Float32Array<ArrayBuffer> {
  const halves = new DataView(scales.buffer, scales.byteOffset, scales.byteLength)
  const table = halfTable()
  const halfAt = (i: number) => table[halves.getUint16(2 * i, true)]!
  if (type === 'I8') {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    return Float32Array.from(
      { length: bytes.length },
      (_, i) => view.getInt8(i) * halfAt(Math.floor(i / SCALE_COLS)),
    )
  }
  return Float32Array.from({ length: 2 * bytes.length }, (_, i) => {
    const nibble = (bytes[i >> 1]! >> (4 * (i & 1))) & 15
    const group = 2 * Math.floor(i / SCALE_COLS)
    return halfAt(group) * nibble + halfAt(group + 1)
  })
}

/**
 * GGUF's four-bit blocks are our q4 in another order: the nibbles of 32 columns stay as they are, and no number is
 * rounded but the products of Q4_K's two scales, to f16. `null` when one of them is too large.
 */
function splitQ4(type: 'Q4_0' | 'Q4_1' | 'Q4_K', bytes: Uint8Array): EncodedRows | null {
  const block = ELEMENT_TYPES[type]
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const groups = (bytes.length / block.bytes) * (block.elements / SCALE_COLS)
  const values = new Uint8Array((groups * SCALE_COLS) / 2)
  const pairs = new Uint16Array(2 * groups)
  let group = 0
  const put = (scale: number, minimum: number, nibbleOf: (column: number) => number): void => {
    pairs[2 * group] = halfFromNumber(scale)
    pairs[2 * group + 1] = halfFromNumber(minimum)
    for (let i = 0; i < SCALE_COLS; i += 2) {
      values[(group * SCALE_COLS + i) >> 1] = nibbleOf(i) | (nibbleOf(i + 1) << 4)
    }
    group++
  }
  for (let at = 0; at < bytes.length; at += block.bytes) {
    if (type === 'Q4_K') {
      for (const { scale, minimum, quants, shift } of fourBitGroups(bytes, view, at)) {
        put(scale, minimum, (i) => (bytes[quants + i]! >> shift) & 15)
      }
      continue
    }
    const scale = halfTable()[view.getUint16(at, true)]!
    const minimum = type === 'Q4_0' ? -8 * scale : halfTable()[view.getUint16(at + 2, true)]!
    // Columns 0 to 15 lie in the low halves of the last sixteen bytes, 16 to 31 in the high ones.
    const quants = at + block.bytes - 16
    put(scale, minimum, (i) => (bytes[quants + (i & 15)]! >> (i < 16 ? 0 : 4)) & 15)
  }
  const scales = new Uint8Array(pairs.buffer)
  return hasFiniteHalves(scales) ? { values, scales } : null
}
