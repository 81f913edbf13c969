const WIRE_VARINT = 0
const WIRE_BYTES = 2
const WIRE_FLOAT = 5

/**
 * One message of Protocol Buffers, field by field: as much of the format as an ONNX graph needs.
 *
 * Source: protobuf.dev, "Encoding".
 */
export class Message {
  readonly #bytes: number[] = []

  /** @param value a whole number; negative ones take the ten bytes of int64 */
  integer(field: number, value: number): this {
    this.#varint((field << 3) | WIRE_VARINT)
    this.#varint(value)
    return this
  }

  float(field: number, value: number): this {
    this.#varint((field << 3) | WIRE_FLOAT)
    this.#bytes.push(...new Uint8Array(Float32Array.of(value).buffer))
    return this
  }

  text(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value))
  }

  message(field: number, value: Message): this {
    return this.bytes(field, value.finish())
  }

  bytes(field: number, value: Uint8Array): this {
    this.#varint((field << 3) | WIRE_BYTES)
    this.#varint(value.length)
    for (const byte of value) this.#bytes.push(byte)
    return this
  }

  finish(): Uint8Array<ArrayBuffer> {
    return Uint8Array.from(this.#bytes)
  }

  #varint(value: number): void {
    let rest = BigInt.asUintN(64, BigInt(value))
    while (rest > 127n) {
      this.#bytes.push(Number(rest & 127n) | 128)
      rest >>= 7n
    }
    this.#bytes.push(Number(rest))
  }
}
