import embedF16 from './embed-f16.wgsl?raw'
import embedF32 from './embed-f32.wgsl?raw'
import embedQ4 from './embed-q4.wgsl?raw'
import embedQ8 from './embed-q8.wgsl?raw'
import { compile, dispatch, type Kernel } from './kernel.ts'
import { checkMatrix, type Matrix, type MatrixShape } from './matrix.ts'

export interface EmbedBuffers {
  /** uniform `{ position, tokens }` */
  readonly step: GPUBuffer
  /** u32 `[T]`, every element < V */
  readonly tokens: GPUBuffer
  /** `[V, C]` */
  readonly table: Matrix
  /** f32 `[T, C]`, out */
  readonly residual: GPUBuffer
}

const WORKGROUP_SIZE = 64
const SOURCES = {
  f32: { code: embedF32, columns: 1 },
  f16: { code: embedF16, columns: 2 },
  q8: { code: embedQ8, columns: 4 },
  q4: { code: embedQ4, columns: 8 },
} as const

/**
 * Start the residual stream: the embedding row of every token.
 *
 *     residual[t, c] = table[tokens[t], c]
 *
 * Traffic: `T * C` elements read and written once. Oracle: `embed.ref.ts`.
 *
 * @param shape rows = V, cols = C
 * @throws {KernelShapeError} a dimension is not a positive integer, cols does not suit the format, or a buffer of
 *   the table exceeds the device's binding size
 */
export async function createEmbed(device: GPUDevice, shape: MatrixShape): Promise<Kernel<EmbedBuffers>> {
  const { cols, format } = shape
  const label = `embed_${format}`
  checkMatrix(device, label, shape)
  const { code, columns } = SOURCES[format]
  const constants = { cols, workgroupSize: WORKGROUP_SIZE }
  const pipeline = await compile(device, { label, code, constants })
  const workgroups = Math.ceil(cols / columns / WORKGROUP_SIZE)
  return {
    label,
    bind: ({ step, tokens, table, residual }) => {
      const scales = table.scales ? [table.scales] : []
      const buffers = [step, tokens, table.weight, residual, ...scales]
      return dispatch(device, pipeline, label, buffers, (count) => [workgroups, count])
    },
  }
}
