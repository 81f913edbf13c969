import { type AttentionShape, checkAttentionShape } from './attention-shape.ts'
import mergeCode from './hybrid-attend-merge.wgsl?raw'
import scoresCode from './hybrid-attend-scores.wgsl?raw'
import valuesCode from './hybrid-attend-values.wgsl?raw'
import { bindGroup, compile, type Kernel, KernelShapeError } from './kernel.ts'

export interface HybridAttendBuffers {
  /** uniform { position, tokens } */
  readonly step: GPUBuffer
  /** uniform { window, slotsOn, sinks } */
  readonly layer: GPUBuffer
  /** f32 `[q | k | v | z]`, in; only q is read */
  readonly projections: GPUBuffer
  /** f16 `[S + capacity, H, D]`, without RoPE, in; its size gives the capacity */
  readonly windowKeys: GPUBuffer
  /** f16 `[S + capacity, H, D]`, in */
  readonly windowValues: GPUBuffer
  /** f32 `[H, D, M]`, in; any buffer of 16 bytes or more when M = 0 */
  readonly keySlots: GPUBuffer
  /** f32 `[H, M, D]`, in; any buffer of 16 bytes or more when M = 0 */
  readonly valueSlots: GPUBuffer
  /** f32 `[rows, D/2, 2]` from `createRopeTable`, in; rows at least min(W, capacity) + S */
  readonly ropeTable: GPUBuffer
  /** scratch of at least `attendScratchBytes(shape, S + capacity).scores`; layers may share it */
  readonly scores: GPUBuffer
  /** scratch of at least `attendScratchBytes(shape, S + capacity).partials`; layers may share it */
  readonly partials: GPUBuffer
  /** f32 `[Q, D]`, out */
  readonly output: GPUBuffer
}

const WORKGROUP_SIZE = 64
/** Lanes of hybrid_attend_values: 4-dimension columns by query heads. */
const COLUMNS = 16
const HEADS = 2
const SPLIT_SIZE = 128

type ScratchShape = Pick<AttentionShape, 'queryHeads' | 'headDim' | 'slots'>

/** Bytes of the two scratch buffers for a ring of so many rows. */
export function attendScratchBytes(shape: ScratchShape, rows: number): { scores: number; partials: number } {
  const { queryHeads, headDim } = shape
  const { row, splits } = scratchShape(shape, rows)
  return { scores: queryHeads * row * 4, partials: splits * queryHeads * (headDim + 2) * 4 }
}

function scratchShape({ slots }: ScratchShape, rows: number): { row: number; splits: number } {
  const row = Math.ceil(slots / 4) * 4 + Math.ceil(rows / 4) * 4
  return { row, splits: Math.ceil(row / SPLIT_SIZE) }
}

/**
 * Attend one token to the slots and the window with one softmax, by distance only.
 *
 *     scores = D^−½ · [ q·keySlots[m] | q·R(j − t)·k_j for max(0, t−W+1) <= j <= t ]
 *     output = softmax(scores) · [ valueSlots | values ]
 *
 * R is RoPE, rotate-half, applied to the stored key at read time from the table. The first S tokens are sinks: they stay
 * when they leave the window, at its edge: token j < S is scored at distance min(t, W + S − 1) − j. Slots are read when
 * `slotsOn`, M > 0, W is not WINDOW_ALL and, with `maskEmptySlots`, t >= W + S. A token that sees nothing gets 0. Two
 * dispatches: scores and values; where slots and ring hold more than 128 entries the values are split and a third one
 * merges them.
 *
 * Traffic: `H·(W·2·D f16 + 2·M·D f32)` read once; about `4·Q·(W + M)·D` flops.
 * Oracle: `hybrid-attend.ref.ts`. Source: NHA, arXiv 2510.07019, the joint softmax.
 *
 * @throws {KernelShapeError} the attention shape is one that the kernels do not support, or a scratch is too small
 */
export async function createHybridAttend(
  device: GPUDevice,
  shape: AttentionShape,
): Promise<Kernel<HybridAttendBuffers>> {
  const label = 'hybrid_attend'
  checkAttentionShape(label, shape)
  const { queryHeads, kvHeads, headDim, slots } = shape
  const groupSize = queryHeads / kvHeads
  const maskEmptySlots = shape.maskEmptySlots ? 1 : 0
  const sizes = { kvHeads, headDim, slots, maskEmptySlots }
  const [scoring, weighing, merging] = await Promise.all([
    compile(device, {
      label: `${label}_scores`,
      code: scoresCode,
      constants: { ...sizes, groupSize, workgroupSize: WORKGROUP_SIZE },
    }),
    compile(device, {
      label: `${label}_values`,
      code: valuesCode,
      constants: { ...sizes, queryHeads, workgroupColumns: COLUMNS, workgroupHeads: HEADS },
    }),
    compile(device, {
      label: `${label}_merge`,
      code: mergeCode,
      constants: { queryHeads, headDim, workgroupSize: WORKGROUP_SIZE },
    }),
  ])
  return {
    label,
    bind(buffers) {
      const { step, layer, projections, windowKeys, windowValues, keySlots, valueSlots, output } = buffers
      const rows = windowKeys.size / (kvHeads * headDim * 2)
      const { row, splits } = scratchShape(shape, rows)
      const bytes = attendScratchBytes(shape, rows)
      for (const name of ['scores', 'partials'] as const) {
        if (buffers[name].size < bytes[name]) {
          throw new KernelShapeError(label, `${name} needs ${bytes[name]} bytes, got ${buffers[name].size}`)
        }
      }
      const scores = { buffer: buffers.scores, size: bytes.scores }
      const partials = { buffer: buffers.partials, size: bytes.partials }
      const scoresGroup = bindGroup(device, scoring, `${label}_scores`, [
        ...[step, layer, projections, windowKeys, keySlots, buffers.ropeTable],
        scores,
      ])
      const valuesGroup = bindGroup(device, weighing, `${label}_values`, [
        ...[step, layer],
        scores,
        ...[windowValues, valueSlots],
        partials,
        output,
      ])
      const mergeGroup = bindGroup(device, merging, `${label}_merge`, [partials, output])
      return {
        label,
        encode(pass) {
          pass.setPipeline(scoring)
          pass.setBindGroup(0, scoresGroup)
          pass.dispatchWorkgroups(Math.ceil(row / 2 / WORKGROUP_SIZE), kvHeads, Math.ceil(groupSize / 4))
          pass.setPipeline(weighing)
          pass.setBindGroup(0, valuesGroup)
          pass.dispatchWorkgroups(Math.ceil(headDim / 4 / COLUMNS), Math.ceil(queryHeads / HEADS), splits)
          if (splits === 1) return
          pass.setPipeline(merging)
          pass.setBindGroup(0, mergeGroup)
          pass.dispatchWorkgroups(Math.ceil((queryHeads * headDim) / 2 / WORKGROUP_SIZE))
        },
      }
    },
  }
}
