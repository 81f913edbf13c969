import code from './gemv.wgsl?raw'
import { checkWorkgroups, compile, dispatch, type Kernel, KernelShapeError, uniformWords } from './kernel.ts'
import { matrixSource } from './matrix-source.ts'
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
    code: matrixSource(format) + code,
    constants: { workgroupSize: WORKGROUP_SIZE },
  })
  const words = [rows, cols, padded, Number(hasBias), Number(accumulate)]
  const shapeUniform = uniformWords(device, label, words)
  return {
    label,
    bind: ({ matrix, input, bias, output }) => {
      if (hasBias !== (bias !== null))
        throw new KernelShapeError(label, `bias must be ${hasBias ? 'a buffer' : 'null'}`)
      // A binding the shader names must be bound even where `hasBias` keeps it from being read.
      const buffers = [null, shapeUniform, matrix.weight, input, bias ?? matrix.weight, output, matrix.scales]
      return dispatch(device, pipeline, label, buffers, () => [workgroups])
    },
  }
}
