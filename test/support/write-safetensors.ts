import type { ElementType } from '../../engine/formats/tensor.ts'

export interface TensorToWrite {
  readonly dtype: ElementType
  readonly shape: readonly number[]
  readonly data: Uint8Array
}

/** A safetensors file: tensors in the map's order, header padded with spaces to 8 bytes as the format asks. */
export function writeSafetensors(tensors: ReadonlyMap<string, TensorToWrite>): Uint8Array<ArrayBuffer> {
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } }
  let end = 0
  for (const [name, { dtype, shape, data }] of tensors) {
    header[name] = { dtype, shape, data_offsets: [end, end + data.length] }
    end += data.length
  }
  return withHeader(
    JSON.stringify(header),
    [...tensors.values()].map(({ data }) => data),
  )
}

/** A file with any header text, so that tests can write wrong ones. */
export function withHeader(header: string, data: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(header)
  const padding = -text.length & 7
  const dataBytes = data.reduce((sum, { length }) => sum + length, 0)
  const bytes = new Uint8Array(8 + text.length + padding + dataBytes)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length + padding), true)
  bytes.set(text, 8)
  bytes.fill(0x20, 8 + text.length, 8 + text.length + padding)
  let position = 8 + text.length + padding
  for (const part of data) {
    bytes.set(part, position)
    position += part.length
  }
  return bytes
}
