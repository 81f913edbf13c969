import { numberFromHalf } from '../../kernels/half.ts'
import { ELEMENT_TYPES, type ElementType } from './tensor.ts'

/** One block: `bytes` from `at` on become `target` from `to` on. */
type Decode = (bytes: Uint8Array, view: DataView, at: number, target: Float32Array, to: number) => void

let halves: Float32Array | undefined

/** Every f16 as f32, made once: 65,536 numbers. */
export function halfTable(): Float32Array {
  return (halves ??= Float32Array.from({ length: 2 ** 16 }, (_, bits) => numberFromHalf(bits)))
}

const half = (view: DataView, at: number): number => halfTable()[view.getUint16(at, true)]!

/** Q4_K and Q5_K pack eight 6-bit scales and eight 6-bit minima into twelve bytes. */
function scaleAndMin(bytes: Uint8Array, at: number, j: number): readonly [scale: number, min: number] {
  const low = bytes[at + j]!
  const high = bytes[at + j + 4]!
  if (j < 4) return [low & 63, high & 63]
  return [(high & 15) | ((bytes[at + j - 4]! >> 6) << 4), (high >> 4) | ((low >> 6) << 4)]
}

/** The eight groups of 32 columns of a Q4_K block: a weight is scale · q + minimum, q the four bits from `shift` on. */
export function* fourBitGroups(bytes: Uint8Array, view: DataView, at: number) {
  const d = half(view, at)
  const dmin = half(view, at + 2)
  for (let j = 0; j < 8; j++) {
    const [scale, min] = scaleAndMin(bytes, at + 4, j)
    yield { scale: d * scale, minimum: -dmin * min, quants: at + 16 + 32 * (j >> 1), shift: 4 * (j & 1) }
  }
}

/**
 * The numbers of one block, in the order of the columns.
 * Source: ggml's `dequantize_row_*` (ggml-quants.c), which defines these formats.
 */
const BLOCKS: Partial<Record<ElementType, Decode>> = {
  // d·(q − 8); the first sixteen columns in the low nibbles, the others in the high ones.
  Q4_0: (bytes, view, at, target, to) => {
    const d = half(view, at)
    for (let i = 0; i < 16; i++) {
      const q = bytes[at + 2 + i]!
      target[to + i] = d * ((q & 15) - 8)
      target[to + 16 + i] = d * ((q >> 4) - 8)
    }
  },
  // d·q + m
  Q4_1: (bytes, view, at, target, to) => {
    const d = half(view, at)
    const m = half(view, at + 2)
    for (let i = 0; i < 16; i++) {
      const q = bytes[at + 4 + i]!
      target[to + i] = d * (q & 15) + m
      target[to + 16 + i] = d * (q >> 4) + m
    }
  },
  // d·(q − 16); the fifth bits of all 32 in one word.
  Q5_0: (bytes, view, at, target, to) => {
    const d = half(view, at)
    const fifth = view.getUint32(at + 2, true)
    for (let i = 0; i < 16; i++) {
      const q = bytes[at + 6 + i]!
      target[to + i] = d * (((q & 15) | (((fifth >>> i) & 1) << 4)) - 16)
      target[to + 16 + i] = d * (((q >> 4) | (((fifth >>> (i + 16)) & 1) << 4)) - 16)
    }
  },
  Q5_1: (bytes, view, at, target, to) => {
    const d = half(view, at)
    const m = half(view, at + 2)
    const fifth = view.getUint32(at + 4, true)
    for (let i = 0; i < 16; i++) {
      const q = bytes[at + 8 + i]!
      target[to + i] = d * ((q & 15) | (((fifth >>> i) & 1) << 4)) + m
      target[to + 16 + i] = d * ((q >> 4) | (((fifth >>> (i + 16)) & 1) << 4)) + m
    }
  },
  Q8_0: (_, view, at, target, to) => {
    const d = half(view, at)
    for (let i = 0; i < 32; i++) target[to + i] = d * view.getInt8(at + 2 + i)
  },
  // Eight groups of 32: (d·scale)·q − (dmin·min).
  Q4_K: (bytes, view, at, target, to) => {
    let first = to
    for (const { scale, minimum, quants, shift } of fourBitGroups(bytes, view, at)) {
      for (let i = 0; i < 32; i++) target[first + i] = scale * ((bytes[quants + i]! >> shift) & 15) + minimum
      first += 32
    }
  },
  // Q4_K with the fifth bits of group j in bit j of 32 bytes.
  Q5_K: (bytes, view, at, target, to) => {
    const d = half(view, at)
    const dmin = half(view, at + 2)
    for (let j = 0; j < 8; j++) {
      const [scale, min] = scaleAndMin(bytes, at + 4, j)
      const quants = at + 48 + 32 * (j >> 1)
      const shift = 4 * (j & 1)
      for (let i = 0; i < 32; i++) {
        const q = ((bytes[quants + i]! >> shift) & 15) | (((bytes[at + 16 + i]! >> j) & 1) << 4)
        target[to + 32 * j + i] = d * scale * q - dmin * min
      }
    }
  },
  // Sixteen groups of 16: d·scale·(q − 32); low nibbles, then pairs of high bits, then int8 scales, then d.
  Q6_K: (bytes, view, at, target, to) => {
    const d = half(view, at + 208)
    for (let i = 0; i < 256; i++) {
      const part = i >> 7
      const quarter = (i >> 5) & 3
      const l = i & 31
      const low = (bytes[at + 64 * part + 32 * (quarter & 1) + l]! >> (4 * (quarter >> 1))) & 15
      const high = (bytes[at + 128 + 32 * part + l]! >> (2 * quarter)) & 3
      target[to + i] = d * view.getInt8(at + 192 + (i >> 4)) * ((low | (high << 4)) - 32)
    }
  },
}

/** Types that stand for numbers on their own, which is what a model's tensors have to be. */
export const DECODABLE: readonly string[] = ['F32', 'F16', 'BF16', ...Object.keys(BLOCKS)]

/** The numbers that stored bytes stand for; `null` for a type that has none of its own. */
export function decodeElements(type: ElementType, bytes: Uint8Array): Float32Array<ArrayBuffer> | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (type === 'F32') return new Float32Array(bytes.slice().buffer)
  if (type === 'F16' || type === 'BF16') return decodeWords(type, view)
  const decode = BLOCKS[type]
  if (!decode) return null
  const block = ELEMENT_TYPES[type]
  const target = new Float32Array((bytes.length / block.bytes) * block.elements)
  let to = 0
  for (let at = 0; at < bytes.length; at += block.bytes) {
    decode(bytes, view, at, target, to)
    to += block.elements
  }
  return target
}

function decodeWords(type: 'F16' | 'BF16', view: DataView): Float32Array<ArrayBuffer> {
  const numbers = new Float32Array(view.byteLength / 2)
  if (type === 'F16') {
    const table = halfTable()
    for (let i = 0; i < numbers.length; i++) numbers[i] = table[view.getUint16(2 * i, true)]!
    return numbers
  }
  // BF16 is the upper half of an f32.
  const bits = new Int32Array(numbers.buffer)
  for (let i = 0; i < bits.length; i++) bits[i] = view.getUint16(2 * i, true) << 16
  return numbers
}
