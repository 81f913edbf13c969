import { type AttentionShape } from './attention-shape.ts'
import { type WindowEntry } from './window-write.ref.ts'

export interface Slots {
  /** `[H, D, M]`, then with `meanSlots` mass and count, `[2, H, M]` */
  readonly keySlots: Float64Array
  /** `[H, M, D]` */
  readonly valueSlots: Float64Array
}

/** The slot update of `hybrid_attend` in f64: one leaving token folded into the slots, three loops. */
export function slotWriteReference(
  { kvHeads, headDim, slots, meanSlots = false }: AttentionShape,
  { keySlots, valueSlots }: Slots,
  { keys, values, logGates }: WindowEntry,
): Slots {
  const next = { keySlots: keySlots.slice(), valueSlots: valueSlots.slice() }
  for (let h = 0; h < kvHeads; h++) {
    for (let m = 0; m < slots; m++) {
      const gate = Math.exp(logGates[h * slots + m]!)
      let write = -Math.expm1(logGates[h * slots + m]!)
      if (meanSlots) {
        const mass = (kvHeads * headDim + h) * slots + m
        const count = mass + kvHeads * slots
        next.keySlots[mass] = gate * keySlots[mass]! + write
        next.keySlots[count] = gate * keySlots[count]! + 1
        write = next.keySlots[mass] === 0 ? 0 : write / next.keySlots[mass]
      }
      const keep = 1 - write
      for (let d = 0; d < headDim; d++) {
        const k = (h * headDim + d) * slots + m
        const v = (h * slots + m) * headDim + d
        next.keySlots[k] = keep * keySlots[k]! + write * keys[h * headDim + d]!
        next.valueSlots[v] = keep * valueSlots[v]! + write * values[h * headDim + d]!
      }
    }
  }
  return next
}
