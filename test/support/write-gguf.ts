import { ggufHeader, type ValueToWrite } from '../../bin/bench/gguf/header.ts'
import type { ElementType } from '../../engine/formats/tensor.ts'

export type { ValueToWrite } from '../../bin/bench/gguf/header.ts'

export interface GgufTensor {
  readonly type: ElementType
  /** rows first */
  readonly shape: readonly number[]
  readonly data: Uint8Array
}

/** f32, where a whole number would be written as u32. */
export const f32 = (value: number): ValueToWrite => ({ type: 6, value })
export const i32s = (value: readonly number[]): ValueToWrite => ({ type: 5, value })
export const f32s = (value: readonly number[]): ValueToWrite => ({ type: 6, value })

/** A GGUF file: values and tensors in the order of their maps, padded as llama.cpp's writer pads. */
export function writeGguf(
  metadata: Readonly<Record<string, ValueToWrite>>,
  tensors: ReadonlyMap<string, GgufTensor>,
  { version = 3, alignment = 32 } = {},
): Uint8Array<ArrayBuffer> {
  const entries = [...tensors].map(([name, { type, shape, data }]) => {
    return [name, { type, shape, byteLength: data.length }] as const
  })
  const parts = [ggufHeader(metadata, new Map(entries), { version, alignment })]
  for (const { data } of tensors.values()) {
    parts.push(Uint8Array.from(data), new Uint8Array((alignment - (data.length % alignment)) % alignment))
  }
  return new Uint8Array(Buffer.concat(parts))
}
