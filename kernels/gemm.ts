import gemmF16 from './gemm-f16.wgsl?raw'
import gemmF32 from './gemm-f32.wgsl?raw'
import gemmQ8 from './gemm-q8.wgsl?raw'
import { type ProductOptions } from './gemv.ts'
import { checkWorkgroups, compile, dispatch, type Kernel, KernelShapeError } from './kernel.ts'
import { checkMatrix, type Matrix, type MatrixShape, paddedRows } from './matrix.ts'

export interface GemmBuffers {
  /** uniform `{ position, tokens }` */
  readonly step: GPUBuffer
  /** `[R, C]` */
  readonly matrix: Matrix
  /** f32 `[T, C]` */
  readonly input: GPUBuffer
  /** f32 `[R]`; null exactly when the kernel was made without bias */
  readonly bias: GPUBuffer | null
  /** f32 `[T, R]`, out, or in and out with `accumulate` */
  readonly output: GPUBuffer
}

const WORKGROUP_SIZE = 32
const ROWS_PER_WORKGROUP = WORKGROUP_SIZE * 8
const TOKENS_PER_WORKGROUP = 8
const SOURCES = { f32: gemmF32, f16: gemmF16, q8: gemmQ8 } as const

/**
 * Multiply T vectors by a matrix, for prefill.
 *
 *     output[t, r] = [output[t, r] +] [bias[r] +] sum over c of weight[r, c] * input[t, c]
 *
 * Cost: `2 * T * R * C` operations in tiles of 8 rows and 8 tokens; the matrix is read `T / 8` times.
 * Arithmetic is f32: the input is not quantised. Oracle: `gemm.ref.ts`.
 *
 * @throws {KernelShapeError} a dimension is not a positive integer, cols does not suit the format, a buffer of the
 *   matrix exceeds the device's binding size, or R its workgroups; from `bind`: bias missing or not wanted
 */
export async function createGemm(
  device: GPUDevice,
  shape: MatrixShape,
  { bias: hasBias, accumulate }: ProductOptions,
): Promise<Kernel<GemmBuffers>> {
  const { rows, cols, format } = shape
  const label = `gemm_${format}`
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
    bind: ({ step, matrix, input, bias, output }) => {
      if (hasBias !== (bias !== null))
        throw new KernelShapeError(label, `bias must be ${hasBias ? 'a buffer' : 'null'}`)
      // A binding the shader names must be bound even where `hasBias` keeps it from being read.
      const buffers = [step, matrix.weight, input, bias ?? matrix.weight, output]
      if (matrix.scales) buffers.push(matrix.scales)
      return dispatch(device, pipeline, label, buffers, (tokens) => [
        workgroups,
        Math.ceil(tokens / TOKENS_PER_WORKGROUP),
      ])
    },
  }
}
