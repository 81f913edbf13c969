import { m } from '#messages'
import type { FitStage } from '../../electron/models/model-bridge.ts'
import { isHybridizable } from '../../engine/hybridize/hybridizable.ts'
import { parseConfig } from '../../engine/model/config.ts'
import { formatCount } from '../state/format.ts'
import { parameters } from './fit.ts'

/** A text to learn from; of .jsonl the lines, of everything else what was read in it. */
export interface Lesson {
  readonly name: string
  readonly text: string
}

/** Tokens to learn from that may be chosen. */
export const TOKENS = ['100000', '500000', '2000000'] as const

/** Nanoseconds of the processor for a token and a parameter: measured with 50 million, DECISIONS.md says how. */
const NANOSECONDS: Readonly<Record<FitStage, number>> = { gates: 0.3, 'gates+lora': 0.8 }
/** The same for a token and a layer, whatever its size. */
const NANOSECONDS_LAYER = 1e6

/** Whether this config.json is of a model with full attention that can be given slots. */
export function canHaveMemory(config: unknown): boolean {
  if (typeof config !== 'object' || config === null || !('model_type' in config)) return false
  return typeof config.model_type === 'string' && isHybridizable(config.model_type) && parameters(config) > 0
}

/** How long a fit takes about, in seconds, without a graphics card. */
export function fitSeconds(config: unknown, stage: FitStage, tokens: number): number {
  const { layers } = parseConfig(config)
  return (tokens * (parameters(config) * NANOSECONDS[stage] + layers * NANOSECONDS_LAYER)) / 1e9
}

/** `14 min`, `3 h` */
export function aboutTime(seconds: number): string {
  return seconds < 90 * 60
    ? m.models_about_minutes({ time: formatCount(Math.max(1, Math.round(seconds / 60))) })
    : m.models_about_hours({ time: formatCount(Math.round(seconds / 3600)) })
}
