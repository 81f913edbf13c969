import { type AttentionShape, checkAttentionShape } from './attention-shape.ts'
import { bindGroup, checkPositive, compile, type Kernel } from './kernel.ts'
import gate from './slot-gate.wgsl?raw'
import code from './slot-scores-prefill.wgsl?raw'
import mean from './slot-mean.wgsl?raw'
import sharesCode from './slot-shares-prefill.wgsl?raw'

export interface SlotScoresPrefillBuffers {
  /** uniform { position, tokens } */
  readonly step: GPUBuffer
  /** uniform { window, slotsOn, sinks } */
  readonly layer: GPUBuffer
  /** f32 `[T, rowSize]`, in; q not yet rotated */
  readonly projections: GPUBuffer
  /** f16 `[S + capacity, H, D]`, the ring as it was before the call, in */
  readonly windowKeys: GPUBuffer
  /** f16 `[S + capacity, H, M padded to even]`, in */
  readonly windowGates: GPUBuffer
  /** f16 `[T, H, D]`, the call's own, in */
  readonly chunkKeys: GPUBuffer
  /** f16 `[T, H, M padded to even]`, in */
  readonly chunkGates: GPUBuffer
  /** f32 `[H, D, M]`, mass and count behind it with `meanSlots`; updated in place */
  readonly keySlots: GPUBuffer
  /** f32 `[rows, D/2, 2]` from `createRopeTable`, in; with `edgeSlots` rows at least W + S + 1, else any */
  readonly ropeTable: GPUBuffer
  /** f32 `[T, H, M padded to 4]`, out: for slot_readout_prefill; with `meanSlots` as much again */
  readonly slotShares: GPUBuffer
  /** f32 `[T, Q, M padded to 4]`, out: scaled scores */
  readonly slotWeights: GPUBuffer
}

const WORKGROUP_SIZE = 16

/** Bytes of the two buffers that the prefill kernels of one layer hand to each other. */
export function slotPrefillBytes(
  shape: Pick<AttentionShape, 'queryHeads' | 'kvHeads' | 'slots' | 'meanSlots'>,
  tokens: number,
): { slotShares: number; slotWeights: number } {
  const { queryHeads, kvHeads, slots, meanSlots = false } = shape
  const row = Math.ceil(slots / 4) * 16
  return { slotShares: tokens * kvHeads * row * (meanSlots ? 2 : 1), slotWeights: tokens * queryHeads * row }
}

/**
 * Fold the tokens that leave during a call into the key slots, and score every query against the slots of its own time.
 *
 * For every token i in order, with j = position + i − W and s = 1 − exp(logGate_j):
 *
 *     keySlots[h, d, m]  += s[h, m] * (key_j[h, d] − keySlots[h, d, m])
 *     slotWeights[i, q, m] = D^−½ · q_i·keySlots[h, :, m]
 *
 * Sinks, j < S, are not folded. `edgeSlots`, `meanSlots`, `countSlots` and the rounding are as in hybrid_attend. The first
 * of prefill's three attention kernels: then hybrid_attend_prefill, then slot_readout_prefill, and only then is the ring
 * written. A layer without slots, with slots off or with W = WINDOW_ALL leaves it out.
 *
 * Cost: `T·H·M·D·(3 + 2·G)` flops in D/16 scans over T. Two dispatches.
 * Oracle: `hybrid-attend.ref.ts`. Source: NHA, arXiv 2510.07019, the slot update and the joint scores.
 *
 * @throws {KernelShapeError} the shape has no slots, or is one that the attention kernels do not support
 */
export async function createSlotScoresPrefill(
  device: GPUDevice,
  shape: AttentionShape,
): Promise<Kernel<SlotScoresPrefillBuffers>> {
  const label = 'slot_scores_prefill'
  const { queryHeads, kvHeads, headDim, slots, rowSize } = shape
  const edgeSlots = shape.edgeSlots ? 1 : 0
  const meanSlots = shape.meanSlots ? 1 : 0
  const countSlots = shape.countSlots ? 1 : 0
  checkAttentionShape(label, shape)
  checkPositive(label, { slots })
  const workgroupSize = WORKGROUP_SIZE
  const [sharing, scanning] = await Promise.all([
    compile(device, {
      label: 'slot_shares_prefill',
      code: `${mean}\n${gate}\n${sharesCode}`,
      constants: { kvHeads, headDim, slots, meanSlots, countSlots, workgroupSize },
    }),
    compile(device, {
      label,
      code: `${gate}\n${code}`,
      constants: { queryHeads, kvHeads, headDim, slots, rowSize, edgeSlots, meanSlots, workgroupSize },
    }),
  ])
  const workgroups = Math.ceil(slots / 4 / WORKGROUP_SIZE)
  return {
    label,
    bind({ step, layer, projections, windowKeys, windowGates, chunkKeys, chunkGates, keySlots, ...out }) {
      const sharesGroup = bindGroup(device, sharing, label, [
        ...[step, layer, windowGates, chunkGates],
        out.slotShares,
        keySlots,
      ])
      const buffers = [
        step,
        layer,
        projections,
        windowKeys,
        chunkKeys,
        out.slotShares,
        keySlots,
        out.slotWeights,
        out.ropeTable,
      ]
      const scanGroup = bindGroup(device, scanning, label, buffers)
      return {
        label,
        encode(pass, tokens) {
          pass.setPipeline(sharing)
          pass.setBindGroup(0, sharesGroup)
          pass.dispatchWorkgroups(workgroups, kvHeads, meanSlots ? 1 : tokens)
          pass.setPipeline(scanning)
          pass.setBindGroup(0, scanGroup)
          pass.dispatchWorkgroups(workgroups, kvHeads)
        },
      }
    },
  }
}
