import type { ModelConfig } from '../../engine/model/config.ts'
import { layerSinks } from '../../engine/model/layer-windows.ts'
import type { SequenceOptions } from '../../engine/model/sequence.ts'

/**
 * Bytes of a state, its sinks included: Σ over layers H·[2·M·D·4 + (W + S)·(2·D + 2·⌈M/2⌉)·2], f32 slots and an f16
 * window whose gates are padded to an even number; where slots are means, mass and count of each, 2·M·4, come on top.
 * Layers without slots keep keys and values only.
 */
export function stateBytes(config: ModelConfig, { windows, slotsOn }: SequenceOptions): number {
  const { kvHeads, headDim } = config
  return windows.reduce((sum, window, layer) => {
    const slots = slotsOn && config.slotLayers[layer] ? config.slots : 0
    const gates = 2 * Math.ceil(slots / 2)
    const sinks = layerSinks(config, window)
    // Behind sinks a window of 0 has its one staging entry in the state.
    const entries = sinks > 0 ? Math.max(1, window) + sinks : window
    const perSlot = 2 * headDim + (config.meanSlots ? 2 : 0)
    return sum + kvHeads * (slots * perSlot * 4 + entries * (2 * headDim + gates) * 2)
  }, 0)
}
