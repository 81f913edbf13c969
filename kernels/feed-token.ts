import code from './feed-token.wgsl?raw'
import { compile, dispatch, type Kernel, KernelShapeError } from './kernel.ts'

export interface FeedTokenBuffers {
  /** `{ position, tokens }` of the step before, in and out: bound as storage here, as a uniform by all others */
  readonly step: GPUBuffer
  /** u32 `[2]`, of argmax or draw_token, in */
  readonly result: GPUBuffer
  /** uniform u32 `[16]` from `endWords` */
  readonly ends: GPUBuffer
  /** u32 `[1]`, out */
  readonly tokens: GPUBuffer
}

/** How many ids a turn may end with. */
export const MOST_ENDS = 16
export const ENDS_BYTES = 4 * MOST_ENDS

/** @throws {KernelShapeError} more than MOST_ENDS */
export function endWords(ends: readonly number[]): Uint32Array<ArrayBuffer> {
  if (ends.length > MOST_ENDS) {
    throw new KernelShapeError('feed_token', `ends must be at most ${MOST_ENDS}, got ${ends.length}`)
  }
  const words = new Uint32Array(MOST_ENDS).fill(0xffffffff)
  words.set(ends)
  return words
}

/**
 * Make the token that argmax or draw_token found the next one to be read, without the host: the step moves on by the
 * tokens of the one before. Where it ends the turn the step has 0 tokens: `embed` and `hybrid_attend` then write nothing,
 * so the state is that of a turn that was not read any further.
 *
 *     tokens[0] = result[0],  step = { position + tokens, result[0] ∈ ends or tokens = 0 ? 0 : 1 }
 */
export async function createFeedToken(device: GPUDevice): Promise<Kernel<FeedTokenBuffers>> {
  const label = 'feed_token'
  const pipeline = await compile(device, { label, code, constants: {} })
  return {
    label,
    bind: ({ step, result, ends, tokens }) =>
      dispatch(device, pipeline, label, [step, result, ends, tokens], () => [1]),
  }
}
