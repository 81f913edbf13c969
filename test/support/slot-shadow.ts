import { numberFromHalf } from '../../kernels/half.ts'
import type { ModelConfig } from '../../engine/model/config.ts'
import type { SavedState, SequenceOptions } from '../../engine/model/sequence.ts'

const HALVES = Float64Array.from({ length: 2 ** 16 }, (_, bits) => numberFromHalf(bits))

/** Where one layer's tensors begin in a saved state, in bytes, and how long its window is. */
interface LayerPlace {
  readonly window: number
  readonly keys: number
  readonly values: number
  readonly gates: number
}

/**
 * The slots of a sequence in f64, written by what leaves the window in its saved states: what the GPU's f32 would be
 * without rounding. For models without sinks.
 */
export class SlotShadow {
  /** as `SavedState.slots`: keys `[H, D, M]` and values `[H, M, D]` of each layer that has any */
  readonly slots: readonly Float64Array<ArrayBuffer>[]
  /** tokens that may be read between two saved states */
  readonly step: number
  readonly #config: ModelConfig
  readonly #places: readonly LayerPlace[]

  constructor(config: ModelConfig, { windows }: SequenceOptions) {
    const { kvHeads, headDim, slots } = config
    const places: LayerPlace[] = []
    let offset = 0
    for (const [layer, window] of windows.entries()) {
      const row = 2 * kvHeads * headDim
      const [keys, values, gates] = [offset, offset + window * row, offset + 2 * window * row]
      offset = gates
      if (config.slotLayers[layer] !== true) continue
      places.push({ window, keys, values, gates })
      offset += window * kvHeads * 4 * Math.ceil(slots / 2) + 2 * 4 * kvHeads * headDim * slots
    }
    this.#config = config
    this.#places = places
    this.slots = places.flatMap(() =>
      [0, 1].map(() => new Float64Array(new ArrayBuffer(8 * kvHeads * headDim * slots))),
    )
    this.step = Math.min(...places.map(({ window }) => window))
  }

  /** The sequence stood at `before` and has read up to `position`, at most `step` tokens. */
  follow({ bytes, position: from }: SavedState, position: number): void {
    const halves = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 1)
    for (const [i, { window, keys, values, gates }] of this.#places.entries()) {
      const keySlots = this.slots[2 * i]!
      const valueSlots = this.slots[2 * i + 1]!
      for (let token = Math.max(0, from - window); token < position - window; token++)
        this.#write(halves, token % window, [keys / 2, values / 2, gates / 2], keySlots, valueSlots)
    }
  }

  /** The largest difference to the GPU's slots, in parts of the largest number in the same tensor. */
  difference({ slots }: SavedState): number {
    let worst = 0
    for (const [i, exact] of this.slots.entries()) {
      let largest = Number.MIN_VALUE
      let error = 0
      for (let n = 0; n < exact.length; n++) {
        largest = Math.max(largest, Math.abs(exact[n]!))
        error = Math.max(error, Math.abs(exact[n]! - slots[i]![n]!))
      }
      worst = Math.max(worst, error / largest)
    }
    return worst
  }

  #write(
    halves: Uint16Array,
    row: number,
    [keys, values, gates]: readonly [number, number, number],
    keySlots: Float64Array,
    valueSlots: Float64Array,
  ): void {
    const { kvHeads, headDim, slots } = this.#config
    const paddedSlots = 2 * Math.ceil(slots / 2)
    for (let h = 0; h < kvHeads; h++) {
      const at = (row * kvHeads + h) * headDim
      for (let m = 0; m < slots; m++) {
        const share = -Math.expm1(HALVES[halves[gates + (row * kvHeads + h) * paddedSlots + m]!]!)
        for (let d = 0; d < headDim; d++) {
          const k = (h * headDim + d) * slots + m
          const v = (h * slots + m) * headDim + d
          keySlots[k]! += share * (HALVES[halves[keys + at + d]!]! - keySlots[k]!)
          valueSlots[v]! += share * (HALVES[halves[values + at + d]!]! - valueSlots[v]!)
        }
      }
    }
  }
}
