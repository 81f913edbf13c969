import argmax from './argmax.wgsl?raw'
import { checkBinding, checkPositive, compile, dispatch, type Kernel } from './kernel.ts'
import orderedKey from './ordered-key.wgsl?raw'

export interface ArgmaxShape {
  /** vocabulary, V */
  readonly size: number
}

export interface ArgmaxBuffers {
  /** f32 `[V]` */
  readonly logits: GPUBuffer
  /** u32 `[2]`, out: the id, and the bits of its f32 logit */
  readonly result: GPUBuffer
}

/**
 * A wide workgroup hides the latency of a large vocabulary on a GPU; without one, every invocation costs at the barrier:
 * V = 2048 on SwiftShader takes 0.7 ms with 256 of them and 0.17 ms with 64.
 */
export function selectionWorkgroupSize(size: number): number {
  return size > 16384 ? 256 : 64
}

/**
 * Find the largest logit; among equals the lowest id. A NaN counts as larger than everything, so that it shows.
 *
 *     id = min { i : logits[i] = max over j of logits[j] }
 *
 * Traffic: `V` f32 read once, by one workgroup. Oracle: `argmax.ref.ts`.
 *
 * @throws {KernelShapeError} size is not a positive integer, or the logits exceed the device's binding size
 */
export async function createArgmax(device: GPUDevice, { size }: ArgmaxShape): Promise<Kernel<ArgmaxBuffers>> {
  const label = 'argmax'
  checkPositive(label, { size })
  checkBinding(device, label, 'logits', size * 4)
  const constants = { size, workgroupSize: selectionWorkgroupSize(size) }
  const pipeline = await compile(device, { label, code: `${orderedKey}\n${argmax}`, constants })
  return {
    label,
    bind: ({ logits, result }) => dispatch(device, pipeline, label, [logits, result], () => [1]),
  }
}
