import gemvF16 from './gemv-f16.wgsl?raw'
import gemvF32 from './gemv-f32.wgsl?raw'
import gemvQ8 from './gemv-q8.wgsl?raw'
import { checkWorkgroups, compile, dispatch, type Kernel, KernelShapeError } from './kernel.ts'
import { checkMatrix, type Matrix, type MatrixShape, paddedRows } from './matrix.ts'

/** What gemv and gemm do besides the product. */
export interface ProductOptions {
  /** add `bias` once */
  readonly bias: boolean
  /** add to what `output` holds: the residual add, folded in */
  readonly accumulate: boolean
}

export interface GemvBuffers {
  /** `[R, C]` */
  readonly matrix: Matrix
  /** f32 `[C]` */
  readonly input: GPUBuffer
  /** f32 `[R]`; null exactly when the kernel was made without bias */
  readonly bias: GPUBuffer | null
  /** f32 `[R]`, out, or in and out with `accumulate` */
  readonly output: GPUBuffer
}

// 32 invocations own 128 rows: small enough that 256 rows keep two cores busy, a whole warp on a GPU.
const WORKGROUP_SIZE = 32
const ROWS_PER_WORKGROUP = WORKGROUP_SIZE * 4
const SOURCES = { f32: gemvF32, f16: gemvF16, q8: gemvQ8 } as const

/**
 * Multiply one vector by a matrix, for decode.
 *
 *     output[r] = [output[r] +] [bias[r] +] sum over c of weight[r, c] * input[c]
 *
 * Traffic: the matrix once; bandwidth bound on a GPU. Arithmetic is f32: the input is not quantised.
 * Oracle: `gemm.ref.ts` with T = 1.
 *
 * @throws {KernelShapeError} a dimension is not a positive integer, cols does not suit the format, a buffer of the
 *   matrix exceeds the device's binding size, or R its workgroups; from `bind`: bias missing or not wanted
 */
export async function createGemv(
  device: GPUDevice,
  shape: MatrixShape,
  { bias: hasBias, accumulate }: ProductOptions,
): Promise<Kernel<GemvBuffers>> {
  const { rows, cols, format } = shape
  const label = `gemv_${format}`
  checkMatrix(device, label, shape)
  const padded = paddedRows(rows)
  const workgroups = Math.ceil(padded / ROWS_PER_WORKGROUP)
  checkWorkgroups(device, label, 'rows', workgroups)
  const pipeline = await compile(device, {
    label,
    code: SOURCES[format],
    constants: {
      rows,
      cols,
      paddedRows: padded,
      hasBias: Number(hasBias),
      accumulate: Number(accumulate),
      workgroupSize: WORKGROUP_SIZE,
    },
  })
  return {
    label,
    bind: ({ matrix, input, bias, output }) => {
      if (hasBias !== (bias !== null))
        throw new KernelShapeError(label, `bias must be ${hasBias ? 'a buffer' : 'null'}`)
      // A binding the shader names must be bound even where `hasBias` keeps it from being read.
      const buffers = [matrix.weight, input, bias ?? matrix.weight, output]
      if (matrix.scales) buffers.push(matrix.scales)
      return dispatch(device, pipeline, label, buffers, () => [workgroups])
    },
  }
}
