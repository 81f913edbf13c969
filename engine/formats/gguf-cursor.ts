/** A GGUF metadata value; whole numbers of 64 bits stay exact. */
export type GgufValue = number | bigint | boolean | string | readonly string[] | GgufNumbers
export type GgufNumbers =
  Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array | Float32Array | Float64Array

/** What is read lies behind the bytes that are here, but not behind the file: read more and begin again. */
export class NeedsMore extends Error {
  override readonly name = 'NeedsMore'
}

/** Reads little-endian values off the front of a file, of which `bytes` is the part that was read so far. */
export class GgufCursor {
  position = 0
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #size: number
  readonly #fail: (reason: string) => never
  readonly #utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

  constructor(bytes: Uint8Array, size: number, fail: (reason: string) => never) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#size = size
    this.#fail = fail
  }

  /** Bytes of the file after this position. */
  get left(): number {
    return this.#size - this.position
  }

  u32(what: string): number {
    return this.#view.getUint32(this.#take(4, what), true)
  }

  /** A count or size: u64, and small enough to count with. */
  size(what: string, limit: number): number {
    const value = this.#view.getBigUint64(this.#take(8, what), true)
    if (value > BigInt(limit)) this.#fail(`${what} is ${value}, more than ${limit}`)
    return Number(value)
  }

  text(what: string, limit: number): string {
    const length = this.size(`the length of ${what}`, limit)
    const at = this.#take(length, what)
    try {
      return this.#utf8.decode(this.#bytes.subarray(at, at + length))
    } catch {
      return this.#fail(`${what} is not UTF-8`)
    }
  }

  /** One number of a type of GGUF's list, which is `null` for bool, string and array. */
  number(type: number, what: string): number | bigint | null {
    const width = NUMBER_BYTES[type]
    if (width === undefined) return null
    return this.#numberAt(type, this.#take(width, what))
  }

  bool(what: string): boolean {
    const value = this.#view.getUint8(this.#take(1, what))
    if (value > 1) this.#fail(`${what} is ${value}, not true or false`)
    return value === 1
  }

  /** @param count checked here against the bytes that are left, before anything is allocated */
  numbers(type: number, count: number, what: string): GgufNumbers {
    const width = NUMBER_BYTES[type]
    if (width === undefined) return this.#fail(`${what} is a list of a type that is not known`)
    const at = this.#take(count * width, what)
    // A copy is aligned to its elements; every machine with a GPU is little-endian as the file is.
    const { buffer } = this.#bytes.slice(at, at + count * width)
    const Numbers = NUMBER_ARRAYS[type]
    if (Numbers) return new Numbers(buffer)
    const words = new Uint32Array(buffer)
    return Float64Array.from({ length: count }, (_, i) => {
      const high = words[2 * i + 1]!
      return (type === 11 ? high | 0 : high) * 2 ** 32 + words[2 * i]!
    })
  }

  #numberAt(type: number, at: number): number | bigint {
    const view = this.#view
    switch (type) {
      case 0:
        return view.getUint8(at)
      case 1:
        return view.getInt8(at)
      case 2:
        return view.getUint16(at, true)
      case 3:
        return view.getInt16(at, true)
      case 4:
        return view.getUint32(at, true)
      case 5:
        return view.getInt32(at, true)
      case 6:
        return view.getFloat32(at, true)
      case 10:
        return exact(view.getBigUint64(at, true))
      case 11:
        return exact(view.getBigInt64(at, true))
      default:
        return view.getFloat64(at, true)
    }
  }

  #take(length: number, what: string): number {
    if (length > this.left) this.#fail(`it ends after ${this.#size} bytes, inside ${what}`)
    const at = this.position
    if (at + length > this.#bytes.length) throw new NeedsMore()
    this.position += length
    return at
  }
}

/** Bytes by GGUF's value type: u8 i8 u16 i16 u32 i32 f32, then bool 7, string 8, array 9, then u64 i64 f64. */
const NUMBER_BYTES: Readonly<Record<number, number>> = {
  0: 1,
  1: 1,
  2: 2,
  3: 2,
  4: 4,
  5: 4,
  6: 4,
  10: 8,
  11: 8,
  12: 8,
}

const NUMBER_ARRAYS: Readonly<Record<number, new (buffer: ArrayBufferLike) => GgufNumbers>> = {
  0: Uint8Array,
  1: Int8Array,
  2: Uint16Array,
  3: Int16Array,
  4: Uint32Array,
  5: Int32Array,
  6: Float32Array,
  12: Float64Array,
}

function exact(value: bigint): number | bigint {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}
