import { halfFromNumber, numberFromHalf } from '../../kernels/half.ts'
import { type MatrixFormat, SCALE_COLS } from '../../kernels/matrix.ts'
import { encodeQ4 } from './encode-q4.ts'

/** Rows of a matrix as the kernels' packer takes them: row-major bytes, and f16 scales (q4: and minima) where the format has them. */
export interface EncodedRows {
  readonly values: Uint8Array<ArrayBuffer>
  readonly scales: Uint8Array<ArrayBuffer> | null
}

const QUANTISED: readonly MatrixFormat[] = ['q8', 'q4']

/** Can a matrix of this width be stored so; f32 always can. */
export function fits(format: MatrixFormat, cols: number): boolean {
  if (QUANTISED.includes(format)) return cols % SCALE_COLS === 0
  return format === 'f32' || cols % 2 === 0
}

/** What a matrix of this width is stored as where `wanted` is asked for: half floats where that does not fit, or f32. */
export function formatFor(wanted: MatrixFormat, cols: number): MatrixFormat {
  if (fits(wanted, cols)) return wanted
  return fits('f16', cols) ? 'f16' : 'f32'
}

/** Bytes of one row. */
export function encodedRowBytes(format: MatrixFormat, cols: number): { values: number; scales: number } {
  switch (format) {
    case 'f32':
      return { values: 4 * cols, scales: 0 }
    case 'f16':
      return { values: 2 * cols, scales: 0 }
    case 'q8':
      return { values: cols, scales: (2 * cols) / SCALE_COLS }
    case 'q4':
      return { values: cols / 2, scales: (4 * cols) / SCALE_COLS }
    default:
      return format satisfies never
  }
}

/**
 * Round numbers to a storage format; `null` when one of them is not finite, or too large for it.
 *
 *     f16   nearest, ties to even
 *     q8    per 32 columns: s = f16(max |w| / 127), q = round(w / s)
 *     q4    per 32 columns: scale and minimum, see encode-q4.ts
 *
 * @param numbers whole rows, so that no group of 32 spans two of them
 */
export function encodeRows(format: MatrixFormat, numbers: Float32Array<ArrayBuffer>): EncodedRows | null {
  switch (format) {
    case 'f32':
      return numbers.every(Number.isFinite) ? { values: new Uint8Array(numbers.buffer), scales: null } : null
    case 'f16':
      return encodeHalves(numbers)
    case 'q8':
      return encodeQ8(numbers)
    case 'q4':
      return encodeQ4(numbers)
    default:
      return format satisfies never
  }
}

function encodeHalves(numbers: Float32Array<ArrayBuffer>): EncodedRows | null {
  const bits = new Uint32Array(numbers.buffer)
  const halves = new Uint16Array(numbers.length)
  for (let i = 0; i < bits.length; i++) {
    const half = halfFromBits(bits[i]!)
    if ((half & 0x7c00) === 0x7c00) return null
    halves[i] = half
  }
  return { values: new Uint8Array(halves.buffer), scales: null }
}

/** f32 bits to f16 bits, as `halfFromNumber` and several times faster; NaN and what is too large give infinity. */
function halfFromBits(bits: number): number {
  const sign = (bits >>> 16) & 0x8000
  const exponent = (bits >>> 23) & 0xff
  const mantissa = bits & 0x7fffff
  if (exponent >= 143) return sign | 0x7c00
  // A normal f16 drops 13 bits; below 2^-14 the hidden bit shifts in, and one more bit drops with every step.
  const isNormal = exponent >= 113
  if (exponent < 102) return sign
  const whole = isNormal ? ((exponent - 112) << 23) | mantissa : mantissa | 0x800000
  const dropped = isNormal ? 13 : 126 - exponent
  const kept = whole >>> dropped
  const rest = whole & ((1 << dropped) - 1)
  const tie = 1 << (dropped - 1)
  return sign | (kept + (rest > tie || (rest === tie && (kept & 1) === 1) ? 1 : 0))
}

function encodeQ8(numbers: Float32Array): EncodedRows | null {
  const weights = new Int8Array(numbers.length)
  const scales = new Uint16Array(numbers.length / SCALE_COLS)
  for (let group = 0; group < scales.length; group++) {
    const first = group * SCALE_COLS
    let largest = 0
    for (let i = first; i < first + SCALE_COLS; i++) {
      const size = Math.abs(numbers[i]!)
      if (Number.isNaN(size)) return null
      if (size > largest) largest = size
    }
    scales[group] = halfFromNumber(largest / 127)
    const scale = numberFromHalf(scales[group]!)
    if (!Number.isFinite(scale)) return null
    if (scale === 0) continue
    for (let i = first; i < first + SCALE_COLS; i++) {
      weights[i] = Math.max(-127, Math.min(127, Math.round(numbers[i]! / scale)))
    }
  }
  return { values: new Uint8Array(weights.buffer), scales: new Uint8Array(scales.buffer) }
}
