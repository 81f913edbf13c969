import { type AttentionShape, checkAttentionShape } from './attention-shape.ts'
import { bindGroup, checkPositive, compile, type Kernel } from './kernel.ts'
import gate from './slot-gate.wgsl?raw'
import code from './slot-readout-prefill.wgsl?raw'

export interface SlotReadoutPrefillBuffers {
  /** uniform { position, tokens } */
  readonly step: GPUBuffer
  /** uniform { window, slotsOn, sinks } */
  readonly layer: GPUBuffer
  /** f16 `[S + capacity, H, D]`, the ring as it was before the call, in */
  readonly windowValues: GPUBuffer
  /** f16 `[T, H, D]`, the call's own, in */
  readonly chunkValues: GPUBuffer
  /** f32 `[T, H, M padded to 4]`, in: from slot_scores_prefill */
  readonly slotShares: GPUBuffer
  /** f32 `[T, Q, M padded to 4]`, in: the slots' part of the softmax */
  readonly slotWeights: GPUBuffer
  /** f32 `[H, M, D]`, updated in place */
  readonly valueSlots: GPUBuffer
  /** f32 `[T, Q, D]`, added to */
  readonly output: GPUBuffer
}

const WORKGROUP_SIZE = 16

/**
 * Fold the tokens that leave during a call into the value slots, and add what every query reads from them.
 *
 * For every token i in order, with j = position + i − W and s = 1 − exp(logGate_j):
 *
 *     valueSlots[h, m, d] += s[h, m] * (value_j[h, d] − valueSlots[h, m, d])
 *     output[i, q, d]     += Σ_m slotWeights[i, q, m] · valueSlots[h, m, d]
 *
 * The last of prefill's three attention kernels, after hybrid_attend_prefill.
 *
 * Cost: `T·H·M·D·(3 + 2·G)` flops in M/16 scans over T.
 * Oracle: `hybrid-attend.ref.ts`. Source: NHA, arXiv 2510.07019, the slot update and the joint readout.
 *
 * @throws {KernelShapeError} the shape has no slots, or is one that the attention kernels do not support
 */
export async function createSlotReadoutPrefill(
  device: GPUDevice,
  shape: AttentionShape,
): Promise<Kernel<SlotReadoutPrefillBuffers>> {
  const label = 'slot_readout_prefill'
  const { queryHeads, kvHeads, headDim, slots } = shape
  checkAttentionShape(label, shape)
  checkPositive(label, { slots })
  const pipeline = await compile(device, {
    label,
    code: `${gate}\n${code}`,
    constants: { queryHeads, kvHeads, headDim, slots, workgroupSize: WORKGROUP_SIZE },
  })
  const workgroups = Math.ceil(headDim / 4 / WORKGROUP_SIZE)
  return {
    label,
    bind({ step, layer, windowValues, chunkValues, slotShares, slotWeights, valueSlots, output }) {
      const buffers = [step, layer, windowValues, chunkValues, slotShares, slotWeights, valueSlots, output]
      const group = bindGroup(device, pipeline, label, buffers)
      return {
        label,
        encode(pass) {
          pass.setPipeline(pipeline)
          pass.setBindGroup(0, group)
          pass.dispatchWorkgroups(workgroups, kvHeads)
        },
      }
    },
  }
}
