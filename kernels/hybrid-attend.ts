import { type AttentionShape, checkAttentionShape } from './attention-shape.ts'
import mergeCode from './hybrid-attend-merge.wgsl?raw'
import code from './hybrid-attend.wgsl?raw'
import { bindGroup, compile, type Kernel } from './kernel.ts'

export interface HybridAttendBuffers {
  /** uniform { position, tokens } */
  readonly step: GPUBuffer
  /** uniform { window, slotsOn } */
  readonly layer: GPUBuffer
  /** f32 `[q | k | v | z]`, in; only q is read */
  readonly projections: GPUBuffer
  /** f16 `[capacity, H, D]`, without RoPE, in; its size gives the capacity */
  readonly windowKeys: GPUBuffer
  /** f16 `[capacity, H, D]`, in */
  readonly windowValues: GPUBuffer
  /** f32 `[H, D, M]`, in; any buffer of 8 bytes or more when M = 0 */
  readonly keySlots: GPUBuffer
  /** f32 `[H, M, D]`, in; any buffer of 8 bytes or more when M = 0 */
  readonly valueSlots: GPUBuffer
  /** f32 `[rows, D/2, 2]` from `createRopeTable`, in; rows at least min(window, capacity) */
  readonly ropeTable: GPUBuffer
  /** scratch of `attendPartialsBytes(shape)`; layers may share it */
  readonly partials: GPUBuffer
  /** f32 `[Q, D]`, out */
  readonly output: GPUBuffer
}

// 32 lanes for the 32 column pairs of D = 64, twice: the fewest that keep every lane busy on both halves of a tile.
const WORKGROUP_SIZE = 64
const TILE_SIZE = 256
const MAX_SPLITS = 64

/** Bytes of the scratch in which the splits of a wide window meet. */
export function attendPartialsBytes({ queryHeads, headDim }: AttentionShape): number {
  return MAX_SPLITS * queryHeads * (headDim + 2) * 4
}

/**
 * Attend one token to the slots and the window with one softmax, by distance only.
 *
 *     scores = D^−½ · [ q·keySlots[m] | q·R(j − t)·k_j for max(0, t−W+1) <= j <= t ]
 *     output = softmax(scores) · [ valueSlots | values ]
 *
 * R is RoPE, rotate-half, applied to the stored key at read time from the table. Slots are read when `slotsOn`, M > 0,
 * W is not WINDOW_ALL and, with `maskEmptySlots`, t >= W. A token that sees nothing gets 0. A ring of more than 256
 * entries is split over workgroups and merged by a second dispatch.
 *
 * Traffic: `H·(W·2·D f16 + 2·M·D f32)` read once; about `4·Q·(W + M)·D` flops.
 * Oracle: `hybrid-attend.ref.ts`. Source: NHA, arXiv 2510.07019, the joint softmax.
 *
 * @throws {KernelShapeError} the attention shape is one that the kernels do not support
 */
export async function createHybridAttend(
  device: GPUDevice,
  shape: AttentionShape,
): Promise<Kernel<HybridAttendBuffers>> {
  const label = 'hybrid_attend'
  checkAttentionShape(label, shape)
  const { queryHeads, kvHeads, headDim, slots } = shape
  const workgroupSize = Math.max(WORKGROUP_SIZE, headDim / 2)
  const [pipeline, merge] = await Promise.all([
    compile(device, {
      label,
      code,
      constants: {
        kvHeads,
        groupSize: queryHeads / kvHeads,
        headDim,
        slots,
        maskEmptySlots: shape.maskEmptySlots ? 1 : 0,
        maxSplits: MAX_SPLITS,
        workgroupSize,
      },
    }),
    compile(device, {
      label: `${label}_merge`,
      code: mergeCode,
      constants: { queryHeads, headDim, workgroupSize: WORKGROUP_SIZE },
    }),
  ])
  const mergeWorkgroups = Math.ceil((queryHeads * headDim) / 2 / WORKGROUP_SIZE)
  return {
    label,
    bind(buffers) {
      const { step, layer, projections, windowKeys, windowValues, keySlots, valueSlots } = buffers
      const { ropeTable, partials, output } = buffers
      const capacity = windowKeys.size / (kvHeads * headDim * 2)
      const splits = Math.min(Math.ceil((slots + capacity) / TILE_SIZE), MAX_SPLITS)
      const used = { buffer: partials, size: splits * queryHeads * (headDim + 2) * 4 }
      const group = bindGroup(device, pipeline, label, [
        ...[step, layer, projections, windowKeys, windowValues, keySlots, valueSlots, ropeTable],
        ...[used, output],
      ])
      const mergeGroup = bindGroup(device, merge, `${label}_merge`, [used, output])
      return {
        label,
        encode(pass) {
          pass.setPipeline(pipeline)
          pass.setBindGroup(0, group)
          pass.dispatchWorkgroups(kvHeads, splits)
          if (splits === 1) return
          pass.setPipeline(merge)
          pass.setBindGroup(0, mergeGroup)
          pass.dispatchWorkgroups(mergeWorkgroups)
        },
      }
    },
  }
}
