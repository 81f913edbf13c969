import { type AttentionShape, checkAttentionShape } from './attention-shape.ts'
import code from './hybrid-attend-prefill.wgsl?raw'
import { bindGroup, compile, type Kernel } from './kernel.ts'
import rotateCode from './query-rotate-prefill.wgsl?raw'

export interface HybridAttendPrefillBuffers {
  /** uniform { position, tokens } */
  readonly step: GPUBuffer
  /** uniform { window, slotsOn, sinks } */
  readonly layer: GPUBuffer
  /** f32 `[T, rowSize]`; q is rotated in place */
  readonly projections: GPUBuffer
  /** f16 `[S + capacity, H, D]`, the ring as it was before the call, in */
  readonly windowKeys: GPUBuffer
  /** f16 `[S + capacity, H, D]`, in */
  readonly windowValues: GPUBuffer
  /** f16 `[T, H, D]`, the call's own, in */
  readonly chunkKeys: GPUBuffer
  /** f16 `[T, H, D]`, in */
  readonly chunkValues: GPUBuffer
  /** f32 `[rows, D/2, 2]` from `createRopeTable`, in; rows at least max(T, min(W, capacity) + S) */
  readonly ropeTable: GPUBuffer
  /** f32 `[T, Q, M padded to 4]`, scores in, weights out; any buffer of 16 bytes or more where slots are not read */
  readonly slotWeights: GPUBuffer
  /** f32 `[T, Q, D]`, out: the window's part */
  readonly output: GPUBuffer
}

const WORKGROUP_SIZE = 16
const ROWS = 4

/**
 * Attend T tokens to their windows, and turn their slot scores into the slots' part of the same softmax.
 *
 *     p = softmax [ slotWeights[i, q, :] | D^−½ · q·R(j − t)·k_j for max(0, t−W+1) <= j <= t ],  t = position + i
 *     output[i, q] = Σ_j p_j·value_j        slotWeights[i, q, m] ← p_m
 *
 * Queries are rotated in place by i and keys by j − position, so angles depend on distances only. The first S tokens are
 * sinks: they stay when they leave the window, at its edge, in distance min(t, W + S − 1) − j. Slots are read when
 * `slotsOn`, M > 0, W is not WINDOW_ALL and, with `maskEmptySlots`, t >= W + S; else slotWeights is left alone, or set to 0
 * for the tokens whose slots are still masked. A token that sees nothing gets 0.
 *
 * Cost: about `4·T·Q·min(W, t)·D` flops. Two dispatches.
 * Oracle: `hybrid-attend.ref.ts`. Source: NHA, arXiv 2510.07019, the joint softmax.
 *
 * @throws {KernelShapeError} the attention shape is one that the kernels do not support
 */
export async function createHybridAttendPrefill(
  device: GPUDevice,
  shape: AttentionShape,
): Promise<Kernel<HybridAttendPrefillBuffers>> {
  const label = 'hybrid_attend_prefill'
  checkAttentionShape(label, shape)
  const { queryHeads, kvHeads, headDim, slots, rowSize } = shape
  const maskEmptySlots = shape.maskEmptySlots ? 1 : 0
  const workgroupSize = WORKGROUP_SIZE
  const [rotating, attending] = await Promise.all([
    compile(device, {
      label: 'query_rotate_prefill',
      code: rotateCode,
      constants: { queryHeads, headDim, rowSize, workgroupSize },
    }),
    compile(device, {
      label,
      code,
      constants: { queryHeads, kvHeads, headDim, slots, rowSize, maskEmptySlots, workgroupSize },
    }),
  ])
  return {
    label,
    bind({ step, layer, projections, windowKeys, windowValues, chunkKeys, chunkValues, ropeTable, ...out }) {
      const rotateGroup = bindGroup(device, rotating, 'query_rotate_prefill', [projections, ropeTable])
      const group = bindGroup(device, attending, label, [
        ...[step, layer, projections, windowKeys, windowValues, chunkKeys, chunkValues, ropeTable],
        ...[out.slotWeights, out.output],
      ])
      return {
        label,
        encode(pass, tokens) {
          pass.setPipeline(rotating)
          pass.setBindGroup(0, rotateGroup)
          pass.dispatchWorkgroups(Math.ceil(headDim / 2 / WORKGROUP_SIZE), queryHeads, tokens)
          pass.setPipeline(attending)
          pass.setBindGroup(0, group)
          const rows = (tokens * queryHeads) / kvHeads
          pass.dispatchWorkgroups(Math.ceil(rows / ROWS / WORKGROUP_SIZE), kvHeads)
        },
      }
    },
  }
}
