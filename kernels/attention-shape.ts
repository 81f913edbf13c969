import { checkPositive, KernelShapeError } from './kernel.ts'

/** The attention of one layer: fixed for the life of the kernels that take it. */
export interface AttentionShape {
  /** query heads, Q; a multiple of H */
  readonly queryHeads: number
  /** key/value heads, H; Q / H is at most 8 */
  readonly kvHeads: number
  /** head dimension, D; a multiple of 4, at most 256 */
  readonly headDim: number
  /** slots per key/value head, M; 0 to 128, 0 is a layer without slots */
  readonly slots: number
  /** f32 elements of a row of `projections`; it begins `[q: Q·D | k: H·D | v: H·D | z: H·M]` */
  readonly rowSize: number
  /** divisor of the log gate, τ */
  readonly gateNormalizer: number
  /** hide the slots until the first token has left the window; otherwise empty slots count as score 0 */
  readonly maskEmptySlots: boolean
  /** slots score as a token just beyond sinks and window would: their keys are folded turned by W + S; else unturned */
  readonly edgeSlots?: boolean
  /** a slot is divided by its mass: the mean of its tokens by what it took of each; needs `maskEmptySlots` */
  readonly meanSlots?: boolean
  /** log(n / M) is added to the score of a slot with n tokens in it; needs `meanSlots` */
  readonly countSlots?: boolean
}

/** `layer.window` of a layer that sees everything: no token ever leaves, its slots are never read, `sinks` is 0. */
export const WINDOW_ALL = 0xffffffff

/** Bytes of the uniform `layer { window: u32, slotsOn: u32, sinks: u32 }`. */
export const LAYER_BYTES = 12

const MAX_GROUP_SIZE = 8
const MAX_HEAD_DIM = 256
const MAX_SLOTS = 128

/** Bytes of the f16 window for `capacity` tokens, sinks among them; gates are padded to an even number per head. */
export function windowBytes(
  { kvHeads, headDim, slots }: Pick<AttentionShape, 'kvHeads' | 'headDim' | 'slots'>,
  capacity: number,
): { keys: number; values: number; gates: number } {
  const rows = capacity * kvHeads
  return { keys: rows * headDim * 2, values: rows * headDim * 2, gates: rows * Math.ceil(slots / 2) * 4 }
}

/** f32 elements of a layer's key slots: `[H, D, M]`, and behind them with `meanSlots` mass and count, `[2, H, M]`. */
export function keySlotSize({
  kvHeads,
  headDim,
  slots,
  meanSlots = false,
}: Pick<AttentionShape, 'kvHeads' | 'headDim' | 'slots' | 'meanSlots'>): number {
  return kvHeads * (headDim + (meanSlots ? 2 : 0)) * slots
}

/** Refuse a shape that the attention kernels cannot run, naming the field. */
export function checkAttentionShape(label: string, shape: AttentionShape): void {
  const { queryHeads, kvHeads, headDim, slots, rowSize, gateNormalizer } = shape
  checkPositive(label, { queryHeads, kvHeads, headDim, rowSize })
  if (queryHeads % kvHeads !== 0 || queryHeads / kvHeads > MAX_GROUP_SIZE) {
    throw new KernelShapeError(
      label,
      `queryHeads must be 1 to ${MAX_GROUP_SIZE} times kvHeads, got ${queryHeads} for ${kvHeads}`,
    )
  }
  if (headDim % 4 !== 0 || headDim > MAX_HEAD_DIM) {
    throw new KernelShapeError(
      label,
      `headDim must be a multiple of 4 and at most ${MAX_HEAD_DIM}, got ${headDim}`,
    )
  }
  if (!Number.isInteger(slots) || slots < 0 || slots > MAX_SLOTS) {
    throw new KernelShapeError(label, `slots must be an integer from 0 to ${MAX_SLOTS}, got ${slots}`)
  }
  if ((shape.meanSlots && !shape.maskEmptySlots) || (shape.countSlots && !shape.meanSlots)) {
    throw new KernelShapeError(
      label,
      'countSlots needs meanSlots, and that maskEmptySlots: nothing has no mean',
    )
  }
  const used = (queryHeads + 2 * kvHeads) * headDim + kvHeads * slots
  if (rowSize < used) {
    throw new KernelShapeError(label, `rowSize must be at least ${used}, got ${rowSize}`)
  }
  if (!Number.isFinite(gateNormalizer) || gateNormalizer <= 0) {
    throw new KernelShapeError(label, `gateNormalizer must be a positive number, got ${gateNormalizer}`)
  }
}
