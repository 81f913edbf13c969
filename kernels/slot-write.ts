import { type AttentionShape, checkAttentionShape } from './attention-shape.ts'
import { bindGroup, checkPositive, compile, type Kernel } from './kernel.ts'
import gate from './slot-gate.wgsl?raw'
import code from './slot-write.wgsl?raw'

export interface SlotWriteBuffers {
  /** uniform { position, tokens } */
  readonly step: GPUBuffer
  /** uniform { window, slotsOn, sinks } */
  readonly layer: GPUBuffer
  /** f16 `[S + capacity, H, D]`, the ring, in */
  readonly windowKeys: GPUBuffer
  /** f16 `[S + capacity, H, D]`, in */
  readonly windowValues: GPUBuffer
  /** f16 `[S + capacity, H, M padded to even]`, natural log, in */
  readonly windowGates: GPUBuffer
  /** f32 `[H, D, M]`, updated in place */
  readonly keySlots: GPUBuffer
  /** f32 `[H, M, D]`, updated in place */
  readonly valueSlots: GPUBuffer
}

const WORKGROUP_SLOTS = 16
const WORKGROUP_QUADS = 4

/**
 * Fold the token that leaves the window at this step, j = position − W, into the slots, in place.
 *
 * With s = 1 − exp(logGate), for every head `h`, dimension `d` and slot `m`:
 *
 *     keySlots[h, d, m]   += s[h, m] * (key[h, d]   − keySlots[h, d, m])
 *     valueSlots[h, m, d] += s[h, m] * (value[h, d] − valueSlots[h, m, d])
 *
 * The same update as α·K̃ + s·k, with one rounding less; a gate that keeps everything leaves the slots bit-identical.
 * Nothing is written while j < S, the sinks, or when the layer's slots are off. Decode only: one token.
 *
 * Traffic: `2·H·D·M` f32 read and written once; bandwidth bound.
 * Oracle: `slot-write.ref.ts`. Source: NHA, arXiv 2510.07019, the slot update.
 *
 * @throws {KernelShapeError} the shape has no slots, or is one that the attention kernels do not support
 */
export async function createSlotWrite(
  device: GPUDevice,
  shape: AttentionShape,
): Promise<Kernel<SlotWriteBuffers>> {
  const label = 'slot_write'
  const { kvHeads, headDim, slots } = shape
  checkAttentionShape(label, shape)
  checkPositive(label, { slots })
  const constants = {
    kvHeads,
    headDim,
    slots,
    workgroupSlots: WORKGROUP_SLOTS,
    workgroupQuads: WORKGROUP_QUADS,
  }
  const pipeline = await compile(device, { label, code: `${gate}\n${code}`, constants })
  const columns = Math.ceil(slots / WORKGROUP_SLOTS)
  const rows = Math.ceil(headDim / 4 / WORKGROUP_QUADS)
  return {
    label,
    bind({ step, layer, windowKeys, windowValues, windowGates, keySlots, valueSlots }) {
      const buffers = [step, layer, windowKeys, windowValues, windowGates, keySlots, valueSlots]
      const group = bindGroup(device, pipeline, label, buffers)
      return {
        label,
        encode(pass) {
          pass.setPipeline(pipeline)
          pass.setBindGroup(0, group)
          pass.dispatchWorkgroups(columns, rows, kvHeads)
        },
      }
    },
  }
}
