import { halfFromNumber } from '../../kernels/half.ts'
import { matrixReference } from '../../kernels/matrix.ref.ts'
import { type Matrix, type MatrixShape, packMatrix } from '../../kernels/matrix.ts'
import { upload } from './gpu.ts'
import { uniform } from './numerics.ts'

/** A random matrix: its row-major bytes, its buffers on the GPU, and the exact numbers they stand for, f64 [R, C]. */
export interface TestMatrix {
  readonly weightBytes: Uint8Array
  readonly scaleBytes: Uint8Array | null
  readonly matrix: Matrix
  readonly numbers: Float64Array
}

export function testMatrix(device: GPUDevice, random: () => number, shape: MatrixShape): TestMatrix {
  const count = shape.rows * shape.cols
  let weight: Float32Array | Uint16Array | Int8Array | Uint8Array
  let scaleBytes: Uint8Array | null = null
  if (shape.format === 'f32') weight = new Float32Array(uniform(random, count, -1, 1))
  else if (shape.format === 'f16') weight = Uint16Array.from(uniform(random, count, -1, 1), halfFromNumber)
  else if (shape.format === 'q4') {
    weight = Uint8Array.from({ length: count / 2 }, () => Math.floor(random() * 256))
    const scales = uniform(random, count / 16, 0.01, 0.2).map((scale, i) =>
      i % 2 === 0 ? scale : -8 * scale,
    )
    scaleBytes = new Uint8Array(Uint16Array.from(scales, halfFromNumber).buffer)
  } else {
    // -128 is included on purpose: a packer that clamps at -127 never makes it, a file may hold it.
    weight = Int8Array.from({ length: count }, () => Math.floor(random() * 256) - 128)
    const scales = Uint16Array.from(uniform(random, count / 32, 0.001, 0.02), halfFromNumber)
    scaleBytes = new Uint8Array(scales.buffer)
  }
  const weightBytes = new Uint8Array(weight.buffer)
  const packed = packMatrix(shape, weightBytes, scaleBytes)
  const scales = packed.scales && upload(device, packed.scales)
  return {
    weightBytes,
    scaleBytes,
    matrix: { shape, weight: upload(device, packed.weight), scales },
    numbers: matrixReference(shape, weightBytes, scaleBytes),
  }
}
