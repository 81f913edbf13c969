import { selectionWorkgroupSize } from './argmax.ts'
import { checkBinding, checkPositive, compile, dispatch, type Kernel, KernelShapeError } from './kernel.ts'
import orderedKey from './ordered-key.wgsl?raw'
import topK from './top-k.wgsl?raw'

export interface TopKShape {
  /** vocabulary, V */
  readonly size: number
  /** how many, K: at most V and 256 */
  readonly count: number
}

export interface TopKBuffers {
  /** f32 `[V]` */
  readonly logits: GPUBuffer
  /** u32 `[K]`, out, ascending */
  readonly ids: GPUBuffer
  /** f32 `[K]`, out: the logits of `ids` */
  readonly values: GPUBuffer
}

/** A sampler that wants more reads all logits. */
const MAX_COUNT = 256

/**
 * Find the K largest logits; where equal ones compete for the last places, the lowest ids. In ascending order of id.
 *
 *     ids = the K first of (0 … V − 1) ordered by (logits[i] descending, i ascending),  values = logits[ids]
 *
 * Traffic: `V` f32 read six times, by one workgroup. Oracle: `top-k.ref.ts`.
 *
 * @throws {KernelShapeError} size or count is not a positive integer, count exceeds size or 256, or the logits
 *   exceed the device's binding size
 */
export async function createTopK(
  device: GPUDevice,
  { size, count }: TopKShape,
): Promise<Kernel<TopKBuffers>> {
  const label = 'top_k'
  checkPositive(label, { size, count })
  const most = Math.min(size, MAX_COUNT)
  if (count > most) throw new KernelShapeError(label, `count must be at most ${most}, got ${count}`)
  checkBinding(device, label, 'logits', size * 4)
  const constants = { size, count, workgroupSize: selectionWorkgroupSize(size) }
  const pipeline = await compile(device, { label, code: `${orderedKey}\n${topK}`, constants })
  return {
    label,
    bind: ({ logits, ids, values }) => dispatch(device, pipeline, label, [logits, ids, values], () => [1]),
  }
}
