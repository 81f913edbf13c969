import code from './gemv.wgsl?raw'
import { type GemvSchedule, planGemv, UNIT_ROWS } from './gemv-schedule.ts'
import { compile, dispatch, type Kernel, KernelShapeError, uniformWords } from './kernel.ts'
import { checkMatrix, type Matrix, type MatrixShape } from './matrix.ts'
import { checkEpsilon } from './rms-norm.ts'

export interface GemvOptions {
  /** of the norm that the input passes through; not negative */
  readonly epsilon: number
  /** add `bias` once */
  readonly bias: boolean
  readonly schedule: GemvSchedule
}

/** One token's residual half way through RMSNorm: gemv_add and rms_weigh make it, gemv and gemv_swiglu finish it. */
export interface Weighted {
  /** f32 `[C]`: the residual times the norm's weight */
  readonly weighted: GPUBuffer
  /** f32 `[C / 8 rounded up]`: the sums of the residual's squares */
  readonly squares: GPUBuffer
}

export interface GemvBuffers extends Weighted {
  /** `[R, C]` */
  readonly matrix: Matrix
  /** f32 `[R]`; null exactly when the kernel was made without bias */
  readonly bias: GPUBuffer | null
  /** f32 `[R]`, out */
  readonly output: GPUBuffer
}

/** Bytes of `squares` for a residual of C channels. */
export function squaresBytes(cols: number): number {
  return 4 * Math.ceil(cols / UNIT_ROWS)
}

/**
 * Normalise one vector and multiply it by a matrix, for decode.
 *
 *     output[r] = [bias[r] +] Σ_c weight[r, c] · weighted[c] / √(Σ squares / C + epsilon)
 *
 * With `weighted` and `squares` of a residual this is gemm after rms_norm.
 * Traffic: the matrix once; bandwidth bound on a GPU. Arithmetic is f32: the input is not quantised.
 * Oracle: `gemm.ref.ts` after `rms-norm.ref.ts`.
 *
 * @throws {KernelShapeError} a dimension is not a positive integer, cols does not suit the format, a buffer of the
 *   matrix exceeds the device's binding size, or R its workgroups; epsilon is negative; the device has not what the
 *   schedule needs; from `bind`: bias missing or not wanted
 */
export async function createGemv(
  device: GPUDevice,
  shape: MatrixShape,
  { epsilon, bias: hasBias, schedule }: GemvOptions,
): Promise<Kernel<GemvBuffers>> {
  const { rows, cols, format } = shape
  const label = `gemv_${format}`
  checkMatrix(device, label, shape)
  checkEpsilon(label, epsilon)
  const { source, constants, workgroups } = planGemv(device, label, shape, schedule)
  const pipeline = await compile(device, {
    label,
    code: source + code,
    constants: { ...constants, epsilon },
  })
  const shapeUniform = uniformWords(device, label, [rows, cols, Number(hasBias)])
  return {
    label,
    bind: ({ matrix, weighted, squares, bias, output }) => {
      if (hasBias !== (bias !== null))
        throw new KernelShapeError(label, `bias must be ${hasBias ? 'a buffer' : 'null'}`)
      // A binding the shader names must be bound even where `hasBias` keeps it from being read.
      const buffers = [
        null,
        shapeUniform,
        matrix.weight,
        weighted,
        bias ?? matrix.weight,
        output,
        matrix.scales,
      ]
      return dispatch(device, pipeline, label, [...buffers, squares], () => [workgroups])
    },
  }
}
