import registers from './gemm-registers.wgsl?raw'
import tiled from './gemm-tiled.wgsl?raw'
import code from './gemm.wgsl?raw'
import {
  checkWorkgroups,
  compile,
  type Dispatch,
  dispatch,
  KernelShapeError,
  runsOnCpu,
  uniformWords,
} from './kernel.ts'
import { matrixSource } from './matrix-source.ts'
import { checkMatrix, type Matrix, type MatrixShape, paddedRows } from './matrix.ts'

export interface GemmOptions {
  /** add `bias` once */
  readonly bias: boolean
  /** add to what `output` holds: the residual add, folded in */
  readonly accumulate: boolean
  /** f32 elements from one row of `output` to the next; R where it is left out */
  readonly rowSize?: number
  /** registers: 16 rows and tokens in each invocation; tiled: weights widened into a workgroup's memory. What suits the device if left out */
  readonly schedule?: GemmSchedule
  /** weights that one dispatch multiplies, about; what suits the device where it is left out */
  readonly mostWeights?: number
}

export type GemmSchedule = 'registers' | 'tiled'

/** Several dispatches of one product, each with rows of its own: a GPU made of CPU threads is not away for long. */
export interface GemmKernel {
  readonly label: string
  bind(buffers: GemmBuffers): readonly Dispatch[]
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

const SCHEDULES = {
  registers: { source: registers, rows: 256, tokens: 16, constants: { workgroupSize: 16 } },
  tiled: { source: tiled, rows: 64, tokens: 64, constants: {} },
} as const

/** Of a chunk of 128 tokens about 60 ms of one core; a GPU that is one is better off with a whole product. */
const CPU_WEIGHTS = 2 ** 19

/**
 * Multiply T vectors by a matrix, for prefill.
 *
 *     output[t, r] = [output[t, r] +] [bias[r] +] sum over c of weight[r, c] * input[t, c]
 *
 * Cost: `2 * T * R * C` operations; the matrix is read `T / 16` times from registers, `T / 64` times in tiles.
 * Arithmetic is f32: the input is not quantised. Oracle: `gemm.ref.ts`.
 *
 * @throws {KernelShapeError} a dimension is not a positive integer, cols does not suit the format, a buffer of the
 *   matrix exceeds the device's binding size, R its workgroups, or rowSize is below R; from `bind`: bias missing or not wanted
 */
export async function createGemm(
  device: GPUDevice,
  shape: MatrixShape,
  options: GemmOptions,
): Promise<GemmKernel> {
  const { bias: hasBias, accumulate, rowSize = shape.rows } = options
  const isCpu = runsOnCpu(device)
  const { schedule = isCpu ? 'registers' : 'tiled', mostWeights = isCpu ? CPU_WEIGHTS : Infinity } = options
  const { rows, cols, format } = shape
  const label = `gemm_${format}`
  checkMatrix(device, label, shape)
  const padded = paddedRows(rows)
  const tile = SCHEDULES[schedule]
  const workgroups = Math.ceil(padded / tile.rows)
  checkWorkgroups(device, label, 'rows', workgroups)
  if (rowSize < rows) throw new KernelShapeError(label, `rowSize must be at least ${rows}, got ${rowSize}`)
  const pipeline = await compile(device, {
    label,
    code: matrixSource(format) + code + tile.source,
    constants: tile.constants,
  })
  const atOnce = Math.min(workgroups, Math.max(1, Math.floor(mostWeights / (tile.rows * cols))))
  const slices = Array.from({ length: Math.ceil(workgroups / atOnce) }, (_, i) => {
    const words = [rows, cols, padded, Number(hasBias), Number(accumulate), rowSize]
    const firstGroup = (i * atOnce * tile.rows) / 4
    return {
      shape: uniformWords(device, label, [...words, firstGroup]),
      workgroups: Math.min(atOnce, workgroups - i * atOnce),
    }
  })
  return {
    label,
    bind: ({ step, matrix, input, bias, output }) => {
      if (hasBias !== (bias !== null))
        throw new KernelShapeError(label, `bias must be ${hasBias ? 'a buffer' : 'null'}`)
      // A binding the shader names must be bound even where `hasBias` keeps it from being read.
      const rest = [matrix.weight, input, bias ?? matrix.weight, output, matrix.scales]
      return slices.map((slice) =>
        dispatch(device, pipeline, label, [step, slice.shape, ...rest], (tokens) => [
          slice.workgroups,
          Math.ceil(tokens / tile.tokens),
        ]),
      )
    },
  }
}
