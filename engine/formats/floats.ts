import { numberFromHalf } from '../../kernels/half.ts'
import type { Tensor } from './safetensors.ts'

/** A floating-point tensor as f32, in a new array; `null` when its dtype holds no floats that fit f32. */
export function toFloat32({ dtype, data }: Tensor): Float32Array<ArrayBuffer> | null {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  // A copy, because the file's bytes are not always aligned to 4.
  if (dtype === 'F32') return new Float32Array(data.slice().buffer)
  if (dtype === 'F16') {
    return Float32Array.from({ length: data.length / 2 }, (_, i) =>
      numberFromHalf(view.getUint16(i * 2, true)),
    )
  }
  if (dtype === 'BF16') {
    // bf16 is the upper half of an f32.
    const bits = Uint32Array.from({ length: data.length / 2 }, (_, i) => view.getUint16(i * 2, true) << 16)
    return new Float32Array(bits.buffer)
  }
  return null
}
