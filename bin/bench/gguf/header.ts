import { joined } from '../../../engine/formats/joined.ts'
import type { ElementType } from '../../../engine/formats/tensor.ts'

/** A metadata value as it is written: whole numbers as u32 unless a type is given. */
export type ValueToWrite =
  | string
  | number
  | boolean
  | readonly string[]
  | { readonly type: number; readonly value: number | readonly number[] }

/** A tensor before its bytes. */
export interface GgufEntry {
  readonly type: ElementType
  /** rows first */
  readonly shape: readonly number[]
  readonly byteLength: number
}

const TYPES: Partial<Record<ElementType, number>> = {
  F32: 0,
  F16: 1,
  Q4_0: 2,
  Q4_1: 3,
  Q5_0: 6,
  Q5_1: 7,
  Q8_0: 8,
  Q4_K: 12,
  Q5_K: 13,
  Q6_K: 14,
  BF16: 30,
}

/**
 * All of a GGUF file before its first tensor: values and tensors in the order of their maps. Each tensor begins at a
 * multiple of `alignment`, as this header ends.
 */
export function ggufHeader(
  metadata: Readonly<Record<string, ValueToWrite>>,
  tensors: ReadonlyMap<string, GgufEntry>,
  { version = 3, alignment = 32 } = {},
): Uint8Array<ArrayBuffer> {
  const out = new Writer()
  out.u32(0x46554747)
  out.u32(version)
  out.u64(tensors.size)
  out.u64(Object.keys(metadata).length)
  for (const [key, value] of Object.entries(metadata)) {
    out.text(key)
    out.value(value)
  }
  let offset = 0
  for (const [name, { type, shape, byteLength }] of tensors) {
    const number = TYPES[type]
    if (number === undefined) throw new Error(`GGUF has no ${type}`)
    out.text(name)
    out.u32(shape.length)
    for (const size of shape.toReversed()) out.u64(size)
    out.u32(number)
    out.u64(offset)
    offset = Math.ceil((offset + byteLength) / alignment) * alignment
  }
  out.pad(alignment)
  return out.finish()
}

class Writer {
  #parts: Uint8Array[] = []
  #length = 0

  bytes(part: Uint8Array): void {
    this.#parts.push(part)
    this.#length += part.length
  }

  pad(alignment: number): void {
    this.bytes(new Uint8Array((alignment - (this.#length % alignment)) % alignment))
  }

  u32(value: number): void {
    this.#number(4, (view) => view.setUint32(0, value, true))
  }

  u64(value: number): void {
    this.#number(8, (view) => view.setBigUint64(0, BigInt(value), true))
  }

  text(text: string): void {
    const bytes = new TextEncoder().encode(text)
    this.u64(bytes.length)
    this.bytes(bytes)
  }

  value(value: ValueToWrite): void {
    if (typeof value === 'string') {
      this.u32(8)
      this.text(value)
    } else if (typeof value === 'boolean') {
      this.u32(7)
      this.bytes(Uint8Array.of(value ? 1 : 0))
    } else if (typeof value === 'number') {
      this.u32(4)
      this.u32(value)
    } else if ('type' in value) {
      const { type, value: numbers } = value
      if (typeof numbers !== 'number') {
        this.u32(9)
        this.u32(type)
        this.u64(numbers.length)
        const all = type === 6 ? Float32Array.from(numbers) : Int32Array.from(numbers)
        this.bytes(new Uint8Array(all.buffer))
      } else {
        this.u32(type)
        if (type === 6) this.#number(4, (view) => view.setFloat32(0, numbers, true))
        else if (type === 10) this.u64(numbers)
        else this.u32(numbers)
      }
    } else {
      this.u32(9)
      this.u32(8)
      this.u64(value.length)
      for (const text of value) this.text(text)
    }
  }

  finish(): Uint8Array<ArrayBuffer> {
    return joined(this.#parts)
  }

  #number(width: number, set: (view: DataView) => void): void {
    const bytes = new Uint8Array(width)
    set(new DataView(bytes.buffer))
    this.bytes(bytes)
  }
}
