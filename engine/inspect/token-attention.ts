import type { ModelConfig } from '../model/config.ts'
import { layerSinks } from '../model/layer-windows.ts'

/** Where the attention of one token went. */
export interface TokenAttention {
  /** of the token that looked; what it gave is the token after it */
  readonly position: number
  /** f32 [L, Q, 3]: the share on slots, on sinks that have left the window, and on the window */
  readonly shares: Float32Array
  /** f32 [L, H, M]: the share on each slot, the mean of the query heads that share it */
  readonly slots: Float32Array
  /** f32 [S]: the share on each sink that has left the window, the mean of all layers and heads */
  readonly sinks: Float32Array
  /** likewise on each position of the window, the oldest first; the last is `position` */
  readonly window: Float32Array
}

/** Positions of a window that are told one by one. */
const TOLD = 2048

/** What a layer sees when the newest token stands at `position`. */
export interface Seen {
  readonly slots: boolean
  /** the first S tokens, as far as they have left the window */
  readonly sinks: number
  /** these and the window */
  readonly entries: number
}

/** The rules of kernels/hybrid-attend.ref.ts, sinks included, for one layer and one token. */
export function seenBy(config: ModelConfig, window: number, usesSlots: boolean, position: number): Seen {
  const sinks = layerSinks(config, window)
  const kept = window + sinks
  return {
    slots: usesSlots && config.slots > 0 && (position >= kept || !config.maskEmptySlots),
    sinks: Math.min(sinks, Math.max(0, position - window + 1)),
    entries: Math.min(kept, position + 1),
  }
}

/** Adds up the weights of every layer and head. */
export class AttentionSum {
  readonly result: TokenAttention
  readonly #config: ModelConfig

  /** @param longest positions that the widest window holds */
  constructor(config: ModelConfig, position: number, longest: number) {
    const { layers, queryHeads, kvHeads, slots, sinks } = config
    this.#config = config
    this.result = {
      position,
      shares: new Float32Array(layers * queryHeads * 3),
      slots: new Float32Array(layers * kvHeads * slots),
      sinks: new Float32Array(sinks),
      window: new Float32Array(Math.min(longest, position + 1, TOLD)),
    }
  }

  /**
   * The softmax of one head.
   *
   * @param slots a weight for each slot; empty where they are not seen
   * @param entries a weight for each sink and then for each position of the window, the oldest first
   * @param sinks how many of the entries are sinks
   */
  add(
    layer: number,
    head: number,
    slots: readonly number[],
    entries: readonly number[],
    sinks: number,
  ): void {
    const { layers, queryHeads, kvHeads } = this.#config
    const { result } = this
    const groupSize = queryHeads / kvHeads
    const all = layers * queryHeads
    const at = (layer * queryHeads + head) * 3
    const row = (layer * kvHeads + Math.floor(head / groupSize)) * this.#config.slots
    result.shares[at] = sum(slots)
    result.shares[at + 1] = sum(entries.slice(0, sinks))
    result.shares[at + 2] = sum(entries.slice(sinks))
    for (const [m, weight] of slots.entries()) add(result.slots, row + m, weight / groupSize)
    for (const [n, weight] of entries.entries()) {
      if (n < sinks) add(result.sinks, n, weight / all)
      else add(result.window, result.window.length - entries.length + n, weight / all)
    }
  }
}

/** exp(score) / Σ exp, in f64. */
export function softmax(scores: readonly number[]): number[] {
  const largest = scores.reduce((most, score) => Math.max(most, score), -Infinity)
  const weights = scores.map((score) => Math.exp(score - largest))
  const total = sum(weights)
  return weights.map((weight) => weight / total)
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

/** What lies before the first element is left out. */
function add(values: Float32Array, at: number, value: number): void {
  if (at >= 0) values[at] = (values[at] ?? 0) + value
}
