import type { Sampling } from '../../engine/protocol.ts'

/** How to answer: what a preset keeps. */
export interface AnswerValues {
  /** only what the user changed; the rest comes from the model */
  readonly sampling: Partial<Sampling>
  readonly maxNewTokens: number
  readonly system: string
}

export const DEFAULT_ANSWERS: AnswerValues = { sampling: {}, maxNewTokens: 512, system: '' }

const MAX_SYSTEM_LENGTH = 20_000

export interface Range {
  readonly min: number
  readonly max: number
  readonly step: number
}

/** What each number may be, in the window and in what was kept. */
export const RANGES = {
  temperature: { min: 0, max: 2, step: 0.05 },
  topK: { min: 0, max: 200, step: 1 },
  topP: { min: 0.05, max: 1, step: 0.05 },
  minP: { min: 0, max: 0.5, step: 0.01 },
  repetitionPenalty: { min: 1, max: 2, step: 0.05 },
  seed: { min: 0, max: 4_294_967_295, step: 1 },
  maxNewTokens: { min: 16, max: 4096, step: 16 },
  window: { min: 0, max: 65_536, step: 1 },
} as const satisfies Record<string, Range>

/** Values from storage or a file, field by field: what does not fit is the default, never an error. */
export function parseAnswers(record: Readonly<Record<string, unknown>>): AnswerValues {
  const { maxNewTokens, system } = record
  const sampling = asRecord(record['sampling'])
  const kept: { -readonly [Key in keyof Sampling]?: Sampling[Key] } = {}
  for (const key of ['temperature', 'topK', 'topP', 'minP', 'repetitionPenalty', 'seed'] as const) {
    const value = inRange(sampling[key], RANGES[key])
    if (value !== null) kept[key] = value
  }
  return {
    sampling: kept,
    maxNewTokens: inRange(maxNewTokens, RANGES.maxNewTokens) ?? DEFAULT_ANSWERS.maxNewTokens,
    system: typeof system === 'string' ? system.slice(0, MAX_SYSTEM_LENGTH) : DEFAULT_ANSWERS.system,
  }
}

/** The number, put into its range and, where steps are whole, rounded; `null` for anything else. */
export function inRange(value: unknown, range: Range): number | null {
  if (typeof value !== 'number' || !Number.isFinite(value)) return null
  const clamped = Math.min(Math.max(value, range.min), range.max)
  return Number.isInteger(range.step) ? Math.round(clamped) : clamped
}

export function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
