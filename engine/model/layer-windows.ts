import { WINDOW_ALL } from '../../kernels/attention-shape.ts'
import type { ConfigFields } from './config-fields.ts'
import type { Family } from './families.ts'
import type { SlotPlan } from './slot-config.ts'

/** What the paper's code gives to layers where `layer % block_size == transformer_idx`. */
const WIDE_WINDOW = 2048
/** In the paper's code layers with a larger window leave their slots as they began: empty, and counted. */
const WIDEST_WITH_SLOTS = 64

/** Windows for a model that was trained with full attention: every fourth layer, from layer 3 on, has the wide one. */
const PRESETS = {
  lean: { narrow: 64, wide: 2048 },
  balanced: { narrow: 512, wide: 2048 },
  faithful: { narrow: 4096, wide: 4096 },
} as const
const BLOCK = 4

export type WindowPreset = keyof typeof PRESETS

export const WINDOW_PRESETS: readonly WindowPreset[] = ['lean', 'balanced', 'faithful']

/** W of each layer of a model with so many. */
export function presetWindows(preset: WindowPreset, layers: number): readonly number[] {
  const { narrow, wide } = PRESETS[preset]
  return Array.from({ length: layers }, (_, layer) => (isWide(layer) ? wide : narrow))
}

function isWide(layer: number): boolean {
  return layer % BLOCK === BLOCK - 1
}

/** W of each layer of a conversation, of a model whose own windows are these; one number stands for every layer. */
export function windowsOf(
  window: number | readonly number[] | WindowPreset | null,
  own: readonly number[],
): readonly number[] {
  if (window === null) return own
  return typeof window === 'string' ? presetWindows(window, own.length) : [window].flat()
}

/** What a model trained with full attention needs of its beginning. Source: StreamingLLM, arXiv 2309.17453. */
const SINKS = 4
/** Prefill's table of angles reaches this far beyond the window, and more. */
const MAX_SINKS = 64

export interface LayerPlan {
  /** W of each layer; WINDOW_ALL is full attention */
  readonly layerWindows: readonly number[]
  /** which layers have slots */
  readonly slotLayers: readonly boolean[]
  /** whose slots are never written, and still take their share of the softmax */
  readonly frozenSlots: readonly boolean[]
  /** an unwritten slot takes no share of the softmax */
  readonly maskEmptySlots: boolean
  /** S: the first tokens, which every layer with a window keeps exactly, for good */
  readonly sinks: number
}

/** S of a layer: one that sees everything has no use for sinks. */
export function layerSinks({ sinks }: Pick<LayerPlan, 'sinks'>, window: number): number {
  return window === WINDOW_ALL ? 0 : sinks
}

/**
 * Windows and slots of every layer. Our own fields are `layer_windows`, `slot_layers` and `empty_slots`; a checkpoint
 * of the paper's authors has `window_size`, `block_size` and `transformer_idx` instead, and counts empty slots. Any other
 * model was trained with full attention: it gets lean windows, no longer than those it was trained with, sinks, and slots in
 * its narrow layers.
 *
 * Source: JusenD/NHA, llamanha.py.
 *
 * @throws {EngineError} `bad-file`
 */
export function parseLayers(fields: ConfigFields, family: Family, layers: number, plan: SlotPlan): LayerPlan {
  const all = <T>(value: T) => new Array<T>(layers).fill(value)
  const isOurs = fields.get('layer_windows') !== undefined
  const emptySlots = fields.get('empty_slots') ?? (isOurs || !family.hasSlots ? 'masked' : 'counted')
  if (emptySlots !== 'masked' && emptySlots !== 'counted') {
    throw fields.bad(`empty_slots should be "masked" or "counted" and is ${JSON.stringify(emptySlots)}`)
  }
  if (plan.meanSlots && emptySlots === 'counted') throw fields.bad('slot_mean needs empty_slots "masked"')
  const layerWindows = isOurs ? ownWindows(fields, layers) : theirWindows(fields, family, layers)
  return {
    layerWindows,
    slotLayers: slotLayers(fields, layers, plan),
    frozenSlots:
      isOurs || !family.hasSlots ? all(false) : layerWindows.map((window) => window > WIDEST_WITH_SLOTS),
    maskEmptySlots: emptySlots === 'masked',
    sinks: sinkCount(fields, family),
  }
}

function sinkCount(fields: ConfigFields, family: Family): number {
  const sinks = fields.get('sinks') ?? (family.hasSlots ? 0 : SINKS)
  if (isWindow(sinks) && sinks <= MAX_SINKS) return sinks
  throw fields.bad(`sinks should be a whole number from 0 to ${MAX_SINKS}`)
}

function ownWindows(fields: ConfigFields, layers: number): readonly number[] {
  const windows = fields.get('layer_windows')
  if (!Array.isArray(windows) || windows.length !== layers || !windows.every(isWindow)) {
    throw fields.bad(`layer_windows should be ${layers} whole numbers from 0 up`)
  }
  return windows
}

function theirWindows(fields: ConfigFields, family: Family, layers: number): readonly number[] {
  const each = (windowOf: (layer: number) => number) => Array.from({ length: layers }, (_, i) => windowOf(i))
  const whole = (name: string, fallback?: number): number => {
    const value = fields.get(name) ?? fallback
    if (!isWindow(value)) throw fields.bad(`${name} should be a whole number from 0 up`)
    return value
  }
  if (family.hasSlots) {
    const window = whole('window_size', 64)
    if (fields.get('block_size') === undefined || fields.get('transformer_idx') === undefined) {
      return each(() => window)
    }
    const block = fields.size('block_size', layers)
    const wide = whole('transformer_idx')
    return each((layer) => (layer % block === wide ? WIDE_WINDOW : window))
  }

  const slides =
    family.slides === 'where given'
      ? fields.get('sliding_window') !== undefined
      : family.slides === 'where asked' && fields.get('use_sliding_window') === true
  const lean = presetWindows('lean', layers)
  if (!slides) return lean
  const window = fields.size('sliding_window', WINDOW_ALL)
  // Qwen slides from this layer on, Mistral everywhere.
  const first = family.slides === 'where asked' ? whole('max_window_layers', 0) : 0
  return lean.map((own, layer) => (layer >= first ? Math.min(own, window) : own))
}

function slotLayers(fields: ConfigFields, layers: number, { slots, keyGates }: SlotPlan): readonly boolean[] {
  const perLayer = fields.get('slot_layers')
  if (perLayer === undefined) {
    return Array.from({ length: layers }, (_, layer) => slots > 0 && !(keyGates && isWide(layer)))
  }
  const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean'
  if (!Array.isArray(perLayer) || perLayer.length !== layers || !perLayer.every(isBoolean)) {
    throw fields.bad(`slot_layers should be ${layers} times true or false`)
  }
  return perLayer.map((on) => on && slots > 0)
}

function isWindow(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= WINDOW_ALL
}
