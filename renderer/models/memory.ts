import { m } from '#messages'
import type { FitStage } from '../../electron/models/model-bridge.ts'
import { isHybridizable } from '../../engine/hybridize/hybridizable.ts'
import { formatCount } from '../state/format.ts'
import { parameters } from './fit.ts'

/** A text to learn from; of .jsonl the lines, of everything else what was read in it. */
export interface Lesson {
  readonly name: string
  readonly text: string
}

/** Tokens to learn from that may be chosen. */
export const TOKENS = ['100000', '500000', '2000000'] as const

/** Nanoseconds for a token and a parameter on the processor that this was measured on, nothing else running. */
const NANOSECONDS: Readonly<Record<FitStage, number>> = { gates: 1.2, 'gates+lora': 2.4 }

/** Whether this config.json is of a model with full attention that can be given slots. */
export function canHaveMemory(config: unknown): boolean {
  if (typeof config !== 'object' || config === null || !('model_type' in config)) return false
  return typeof config.model_type === 'string' && isHybridizable(config.model_type) && parameters(config) > 0
}

/** How long a fit takes about, in seconds, without a graphics card. */
export function fitSeconds(config: unknown, stage: FitStage, tokens: number): number {
  return (parameters(config) * tokens * NANOSECONDS[stage]) / 1e9
}

/** `14 min`, `3 h` */
export function aboutTime(seconds: number): string {
  return seconds < 90 * 60
    ? m.models_about_minutes({ time: formatCount(Math.max(1, Math.round(seconds / 60))) })
    : m.models_about_hours({ time: formatCount(Math.round(seconds / 3600)) })
}
