import { isRecord } from '../formats/json.ts'

/** What we say of a model with slots beside the fields of the paper's code. */
const OWN = ['layer_windows', 'slot_layers', 'gate_bias', 'empty_slots', 'sinks']

/**
 * The config of a model that was given slots here and then trained by the paper's code. That keeps our fields without
 * knowing them, and has gates in every layer: those of a layer that has none by our fields say that they are stale, and
 * what is read is what was trained.
 */
export function asTrained(config: unknown, tensors: ReadonlyMap<string, unknown>): unknown {
  const layers: unknown = isRecord(config) ? config['slot_layers'] : null
  if (!isRecord(config) || !Array.isArray(layers)) return config
  const isStale = layers.some(
    (hasSlots, layer) => hasSlots === false && tensors.has(`model.layers.${layer}.self_attn.g_proj.weight`),
  )
  if (!isStale) return config
  return Object.fromEntries(Object.entries(config).filter(([field]) => !OWN.includes(field)))
}
