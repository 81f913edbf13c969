import { type AttentionShape, checkAttentionShape } from './attention-shape.ts'
import { bindGroup, compile, type Kernel } from './kernel.ts'
import half from './window-half.wgsl?raw'
import code from './window-write.wgsl?raw'

export interface WindowWriteOptions {
  /** `ring`: the sequence's window, sinks in the first rows; `chunk`: the call's own tokens, from 0 */
  readonly destination: 'ring' | 'chunk'
}

export interface WindowWriteBuffers {
  /** uniform { position, tokens } */
  readonly step: GPUBuffer
  /** uniform { window, slotsOn, sinks }; only sinks are read */
  readonly layer: GPUBuffer
  /** f32 `[T, rowSize]`, in */
  readonly projections: GPUBuffer
  /** f16 `[rows, H, D]`, without RoPE, out; its size gives S + capacity */
  readonly windowKeys: GPUBuffer
  /** f16 `[rows, H, D]`, out */
  readonly windowValues: GPUBuffer
  /** f16 `[rows, H, M padded to even]`, natural log of what a slot keeps, out; any buffer when M = 0 */
  readonly windowGates: GPUBuffer
}

const WORKGROUP_SIZE = 64

/**
 * Write what the window keeps of T tokens: keys without rotation, values, and the log gate, in f16.
 *
 *     windowKeys[n, h, d] = k      windowValues[n, h, d] = v      windowGates[n, h, m] = logsigmoid(z) / τ
 *
 * with n = i in a chunk; in the ring the first S tokens, the sinks, have rows of their own, and token j ≥ S stands in row
 * S + (j − S) % capacity. Values beyond ±65504 are clamped. In the ring only sinks and the last `capacity` tokens of the
 * call are written.
 *
 * Traffic: per token `H·(2·D + M)` f32 read, as many f16 written.
 * Oracle: `window-write.ref.ts`. Source: NHA, arXiv 2510.07019; the public code's `gate_logit_normalizer`.
 *
 * @throws {KernelShapeError} the attention shape is one that the kernels do not support
 */
export async function createWindowWrite(
  device: GPUDevice,
  shape: AttentionShape,
  { destination }: WindowWriteOptions,
): Promise<Kernel<WindowWriteBuffers>> {
  const label = `window_write_${destination}`
  checkAttentionShape(label, shape)
  const { queryHeads, kvHeads, headDim, slots, rowSize, gateNormalizer } = shape
  const constants = {
    queryHeads,
    kvHeads,
    headDim,
    slots,
    rowSize,
    gateNormalizer,
    toRing: destination === 'ring' ? 1 : 0,
    workgroupSize: WORKGROUP_SIZE,
  }
  const pipeline = await compile(device, { label, code: `${half}\n${code}`, constants })
  const items = kvHeads * (headDim / 4 + Math.ceil(slots / 2))
  const workgroups = Math.ceil(items / WORKGROUP_SIZE)
  return {
    label,
    bind({ step, layer, projections, windowKeys, windowValues, windowGates }) {
      const buffers = [step, layer, projections, windowKeys, windowValues, windowGates]
      const group = bindGroup(device, pipeline, label, buffers)
      return {
        label,
        encode(pass, tokens) {
          pass.setPipeline(pipeline)
          pass.setBindGroup(0, group)
          pass.dispatchWorkgroups(workgroups, tokens)
        },
      }
    },
  }
}
