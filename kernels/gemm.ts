import code from './gemm.wgsl?raw'
import { checkWorkgroups, compile, dispatch, type Kernel, KernelShapeError, uniformWords } from './kernel.ts'
import { matrixSource } from './matrix-source.ts'
import { checkMatrix, type Matrix, type MatrixShape, paddedRows } from './matrix.ts'

export interface GemmOptions {
  /** add `bias` once */
  readonly bias: boolean
  /** add to what `output` holds: the residual add, folded in */
  readonly accumulate: boolean
  /** f32 elements from one row of `output` to the next; R where it is left out */
  readonly rowSize?: number
}

export interface GemmBuffers {
  /** uniform `{ position, tokens }` */
  readonly step: GPUBuffer
  /** `[R, C]` */
  readonly matrix: Matrix
  /** f32 `[T, C]` */
  readonly input: GPUBuffer
  /** f32 `[R]`; null exactly when the kernel was made without bias */
  readonly bias: GPUBuffer | null
  /** f32 `[T, rowSize]`, out, or in and out with `accumulate`; R of each row are written */
  readonly output: GPUBuffer
}

const WORKGROUP_SIZE = 32
const ROWS_PER_WORKGROUP = WORKGROUP_SIZE * 8
const TOKENS_PER_WORKGROUP = 8

/**
 * Multiply T vectors by a matrix, for prefill.
 *
 *     output[t, r] = [output[t, r] +] [bias[r] +] sum over c of weight[r, c] * input[t, c]
 *
 * Cost: `2 * T * R * C` operations in tiles of 8 rows and 8 tokens; the matrix is read `T / 8` times.
 * Arithmetic is f32: the input is not quantised. Oracle: `gemm.ref.ts`.
 *
 * @throws {KernelShapeError} a dimension is not a positive integer, cols does not suit the format, a buffer of the
 *   matrix exceeds the device's binding size, R its workgroups, or rowSize is below R; from `bind`: bias missing or not wanted
 */
export async function createGemm(
  device: GPUDevice,
  shape: MatrixShape,
  { bias: hasBias, accumulate, rowSize = shape.rows }: GemmOptions,
): Promise<Kernel<GemmBuffers>> {
  const { rows, cols, format } = shape
  const label = `gemm_${format}`
  checkMatrix(device, label, shape)
  const padded = paddedRows(rows)
  const workgroups = Math.ceil(padded / ROWS_PER_WORKGROUP)
  checkWorkgroups(device, label, 'rows', workgroups)
  if (rowSize < rows) throw new KernelShapeError(label, `rowSize must be at least ${rows}, got ${rowSize}`)
  const pipeline = await compile(device, {
    label,
    code: matrixSource(format) + code,
    constants: { workgroupSize: WORKGROUP_SIZE },
  })
  const words = [rows, cols, padded, Number(hasBias), Number(accumulate), rowSize]
  const shapeUniform = uniformWords(device, label, words)
  return {
    label,
    bind: ({ step, matrix, input, bias, output }) => {
      if (hasBias !== (bias !== null))
        throw new KernelShapeError(label, `bias must be ${hasBias ? 'a buffer' : 'null'}`)
      // A binding the shader names must be bound even where `hasBias` keeps it from being read.
      const buffers = [step, shapeUniform, matrix.weight, input, bias ?? matrix.weight, output, matrix.scales]
      return dispatch(device, pipeline, label, buffers, (tokens) => [
        workgroups,
        Math.ceil(tokens / TOKENS_PER_WORKGROUP),
      ])
    },
  }
}
