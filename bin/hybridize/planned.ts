import type { FitStage } from '../../electron/models/model-bridge.ts'
import type { Quant } from '../quant.ts'

export interface HybridizeJob {
  readonly model: string
  readonly text: readonly string[]
  readonly out: string
  readonly quant: Quant
  /** to learn from, again and again where the text has fewer */
  readonly tokens: number
  /** tokens of stage 2; 0 is gates only */
  readonly adapterTokens: number
  /** T of a step, a multiple of 32 */
  readonly length: number
  readonly window: number
  readonly slots: number
  readonly sinks: number
  /** how many layers stay wide; `null` is a quarter of them */
  readonly wideLayers: number | null
  readonly seed: number
}

/** What learns: the ends of the files that are kept beside the folder that it becomes. */
export const FIT_PHASES = ['gates', 'adapters'] as const
export type FitPhase = (typeof FIT_PHASES)[number]

/** Tokens of a step, in windows: what left the window is asked for at up to this distance. */
const WINDOWS_READ = 5
/** No less than this: a multiple of what slots are computed by at once. */
const SHORTEST = 160
/** What stage 2 learns from where it is asked for, as a share of the tokens. */
const ADAPTER_SHARE = 0.5

/** A job with what follows from what was asked for, and our own choice for what was not. */
export function planned({
  stage,
  tokens,
  window = 64,
  ...asked
}: Pick<HybridizeJob, 'model' | 'text' | 'out' | 'tokens'> & {
  readonly stage: FitStage
} & Partial<HybridizeJob>): HybridizeJob {
  const adapterTokens = stage === 'gates' ? 0 : Math.ceil(tokens * ADAPTER_SHARE)
  return {
    ...{ quant: 'f16', slots: 64, sinks: 4, wideLayers: null, seed: 1 },
    ...asked,
    window,
    tokens: tokens - adapterTokens,
    adapterTokens,
    length: Math.max(SHORTEST, Math.ceil((WINDOWS_READ * window) / 32) * 32),
  }
}
