import { f32, f32s, type GgufTensor, i32s, writeGguf } from './write-gguf.ts'
import { writeSafetensors } from './write-safetensors.ts'

const tensor = (type: GgufTensor['type'], shape: readonly number[], bytes: number): GgufTensor => ({
  type,
  shape,
  data: Uint8Array.from({ length: bytes }, (_, i) => i),
})
export const GGUF_METADATA = {
  'general.architecture': 'llama',
  'general.name': 'Été 🙂',
  count: 7,
  large: { type: 10, value: 2 ** 52 },
  share: f32(0.5),
  'is it': true,
  tokens: ['a', '', 'ß'],
  scores: f32s([-1, 0.25]),
  kinds: i32s([1, -3]),
}
export const GGUF_TENSORS = new Map([
  ['a.weight', tensor('F32', [3, 2], 24)],
  ['b.weight', tensor('Q4_0', [2, 32], 36)],
  ['c.bias', tensor('F16', [5], 10)],
])
/** A GGUF file with every type of value in it and three tensors. */
export const SMALL_GGUF = writeGguf(GGUF_METADATA, GGUF_TENSORS)

export const FLOATS = Float32Array.of(0, 1, -2.5, 1e-40, Infinity, 3e38)
/** A safetensors file with tensors of every kind, one of them empty. */
export const SMALL_SAFETENSORS = writeSafetensors(
  new Map([
    ['matrix', { dtype: 'F32' as const, shape: [2, 3], data: new Uint8Array(FLOATS.buffer) }],
    ['empty', { dtype: 'F16' as const, shape: [0, 4], data: new Uint8Array(0) }],
    ['bytes', { dtype: 'I8' as const, shape: [3], data: Uint8Array.of(1, 2, 255) }],
    ['half', { dtype: 'F16' as const, shape: [3], data: Uint8Array.of(0, 0x3c, 0, 0xc0, 1, 0) }],
    ['brain', { dtype: 'BF16' as const, shape: [2], data: Uint8Array.of(0x80, 0x3f, 0x49, 0xc0) }],
    ['scalar', { dtype: 'I64' as const, shape: [], data: new Uint8Array(8) }],
  ]),
)
