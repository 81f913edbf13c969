import code from './draw-token.wgsl?raw'
import { checkPositive, compile, dispatch, type Kernel, KernelShapeError } from './kernel.ts'
import orderedKey from './ordered-key.wgsl?raw'

export interface DrawTokenShape {
  /** how many candidates, K: at most 256 */
  readonly count: number
}

export interface DrawTokenBuffers {
  /** uniform of DRAW_BYTES: f32 temperature, top-p, min-p, number in [0, 1), then u32 top-k */
  readonly draw: GPUBuffer
  /** u32 `[K]` of top_k, ascending */
  readonly ids: GPUBuffer
  /** f32 `[K]`: the logits of `ids` */
  readonly values: GPUBuffer
  /** u32 `[2]`, out, as argmax leaves it: the id, and the bits of its f32 logit */
  readonly result: GPUBuffer
}

/** What a draw depends on. */
export interface DrawSettings {
  /** above 0 */
  readonly temperature: number
  /** how many of the likeliest may be drawn: at least 1 */
  readonly topK: number
  readonly topP: number
  readonly minP: number
}

export const DRAW_BYTES = 32
const MAX_COUNT = 256

/** A draw as the kernel reads it, into a buffer of DRAW_BYTES. */
export function writeDraw(into: ArrayBuffer, settings: DrawSettings, number: number): void {
  const { temperature, topP, minP, topK } = settings
  new Float32Array(into).set([temperature, topP, minP, number])
  new Uint32Array(into)[4] = topK
}

/**
 * Draw one of the K largest logits.
 *
 *     ranked by logit x, largest first, lowest id among equals;  w[r] = exp((x[r] − x[0]) / temperature)
 *     kept   = the first topK; of these until their share of Σ w reaches topP, at least one; of these w[r] >= minP
 *     result = the first r with w[0] + … + w[r] > number · Σ kept w
 *
 * In f32: a number within some 1e-6 of a border may fall on its other side. Traffic: K logits and ids, by one workgroup.
 * Oracle: `draw-token.ref.ts`.
 *
 * @throws {KernelShapeError} count is not a positive integer of at most 256
 */
export async function createDrawToken(
  device: GPUDevice,
  { count }: DrawTokenShape,
): Promise<Kernel<DrawTokenBuffers>> {
  const label = 'draw_token'
  checkPositive(label, { count })
  if (count > MAX_COUNT) {
    throw new KernelShapeError(label, `count must be at most ${MAX_COUNT}, got ${count}`)
  }
  const pipeline = await compile(device, { label, code: `${orderedKey}\n${code}`, constants: { count } })
  return {
    label,
    bind: ({ draw, ids, values, result }) =>
      dispatch(device, pipeline, label, [draw, ids, values, result], () => [1]),
  }
}
