import { type AttentionShape } from './attention-shape.ts'
import { roundToHalf } from './half.ts'

const HALF_MAX = 65504

export interface WindowEntry {
  /** `[H, D]`, without rotation */
  readonly keys: Float64Array
  /** `[H, D]` */
  readonly values: Float64Array
  /** `[H, M]`, natural log of what a slot keeps, every element <= 0 */
  readonly logGates: Float64Array
}

/**
 * The definition of `window_write` for one token: what the window keeps of a row of projections, in f16.
 *
 * Values beyond ±65504 become ±65504. Rounding is to nearest even; WGSL guarantees only that `pack2x16float` gives one
 * of the two neighbours, and SwiftShader was measured to give the nearest.
 */
export function windowWriteReference(shape: AttentionShape, row: Float64Array): WindowEntry {
  const { queryHeads, kvHeads, headDim, slots, gateNormalizer } = shape
  const keyStart = queryHeads * headDim
  const valueStart = keyStart + kvHeads * headDim
  const gateStart = valueStart + kvHeads * headDim
  return {
    keys: row.slice(keyStart, valueStart).map(toHalf),
    values: row.slice(valueStart, gateStart).map(toHalf),
    logGates: row
      .slice(gateStart, gateStart + kvHeads * slots)
      .map((gate) => toHalf(logSigmoid(gate) / gateNormalizer)),
  }
}

/** Row `i` of projections `[T, rowSize]`. */
export function projectionRow(
  { rowSize }: AttentionShape,
  projections: Float64Array,
  i: number,
): Float64Array {
  return projections.slice(i * rowSize, (i + 1) * rowSize)
}

function logSigmoid(z: number): number {
  return Math.min(z, 0) - Math.log1p(Math.exp(-Math.abs(z)))
}

function toHalf(value: number): number {
  return roundToHalf(Math.min(Math.max(value, -HALF_MAX), HALF_MAX))
}
