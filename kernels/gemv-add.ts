import code from './gemv-add.wgsl?raw'
import { type GemvSchedule, planGemv } from './gemv-schedule.ts'
import { type Weighted } from './gemv.ts'
import { compile, dispatch, type Kernel, uniformWords } from './kernel.ts'
import { checkMatrix, type Matrix, type MatrixShape } from './matrix.ts'

export interface GemvAddOptions {
  readonly schedule: GemvSchedule
}

/** `weighted` f32 `[R]` and `squares` f32 `[R / 8 rounded up]` are written. */
export interface GemvAddBuffers extends Weighted {
  /** `[R, C]` */
  readonly matrix: Matrix
  /** f32 `[C]` */
  readonly input: GPUBuffer
  /** f32 `[R]`: the weight of the norm that comes next */
  readonly norm: GPUBuffer
  /** f32 `[R]`, in and out */
  readonly residual: GPUBuffer
}

/**
 * Multiply one vector by a matrix and add it to the residual, for decode; weigh the sum for the norm that comes next.
 *
 *     residual[r] += Σ_c weight[r, c] · input[c]
 *     weighted[r]  = residual[r] · norm[r]          squares[n] = Σ residual[8n … 8n + 7]²
 *
 * Traffic: the matrix once. Oracle: `gemm.ref.ts`, then `rms-weigh.ref.ts`.
 *
 * @throws {KernelShapeError} as `createGemv`
 */
export async function createGemvAdd(
  device: GPUDevice,
  shape: MatrixShape,
  { schedule }: GemvAddOptions,
): Promise<Kernel<GemvAddBuffers>> {
  const { rows, cols, format } = shape
  const label = `gemv_add_${format}`
  checkMatrix(device, label, shape)
  const { source, constants, workgroups } = planGemv(device, label, shape, schedule)
  const pipeline = await compile(device, { label, code: source + code, constants })
  const shapeUniform = uniformWords(device, label, [rows, cols])
  return {
    label,
    bind: ({ matrix, input, norm, residual, weighted, squares }) => {
      const buffers = [
        null,
        shapeUniform,
        matrix.weight,
        input,
        norm,
        residual,
        matrix.scales,
        squares,
        weighted,
      ]
      return dispatch(device, pipeline, label, buffers, () => [workgroups])
    },
  }
}
