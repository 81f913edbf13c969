import code from './gemv-swiglu.wgsl?raw'
import { type GemvSchedule, planGemv } from './gemv-schedule.ts'
import { type Weighted } from './gemv.ts'
import { compile, dispatch, type Kernel, KernelShapeError, uniformWords } from './kernel.ts'
import { checkMatrix, type Matrix, type MatrixShape } from './matrix.ts'
import { checkEpsilon } from './rms-norm.ts'

export interface GemvSwigluOptions {
  /** of the norm that the input passes through; not negative */
  readonly epsilon: number
  readonly schedule: GemvSchedule
}

export interface GemvSwigluBuffers extends Weighted {
  /** `[2 · F, C]`: gate rows, then up rows */
  readonly matrix: Matrix
  /** f32 `[F]`, out */
  readonly output: GPUBuffer
}

/**
 * Normalise one vector, multiply it by the gate and up rows of the MLP, and gate, for decode.
 *
 *     y = W · weighted / √(Σ squares / C + epsilon),      output[f] = y[f] · sigmoid(y[f]) · y[F + f]
 *
 * Traffic: the matrix once. Oracle: `gemm.ref.ts` after `rms-norm.ref.ts`, then `swiglu.ref.ts`.
 *
 * @throws {KernelShapeError} as `createGemv`; rows is not a multiple of 8
 */
export async function createGemvSwiglu(
  device: GPUDevice,
  shape: MatrixShape,
  { epsilon, schedule }: GemvSwigluOptions,
): Promise<Kernel<GemvSwigluBuffers>> {
  const { rows, cols, format } = shape
  const label = `gemv_swiglu_${format}`
  checkMatrix(device, label, shape)
  checkEpsilon(label, epsilon)
  if (rows % 8 !== 0) throw new KernelShapeError(label, `rows must be a multiple of 8, got ${rows}`)
  const { source, constants, workgroups } = planGemv(device, label, shape, schedule)
  const pipeline = await compile(device, {
    label,
    code: source + code,
    constants: { ...constants, epsilon },
  })
  const shapeUniform = uniformWords(device, label, [rows, cols])
  return {
    label,
    bind: ({ matrix, weighted, squares, output }) => {
      const buffers = [null, shapeUniform, matrix.weight, weighted, null, output, matrix.scales, squares]
      return dispatch(device, pipeline, label, buffers, () => [workgroups])
    },
  }
}
