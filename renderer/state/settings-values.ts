import { WINDOW_PRESETS, type WindowPreset } from '../../engine/model/layer-windows.ts'
import type { Attention, Sampling } from '../../engine/protocol.ts'

export type Appearance = 'system' | 'light' | 'dark'

/** A window in tokens or a preset, `null` for the model's own; `all` keeps every token exactly. */
export type WindowChoice = number | WindowPreset | 'all' | null

export interface SettingsValues {
  /** only what the user changed; the rest comes from the model */
  readonly sampling: Partial<Sampling>
  readonly maxNewTokens: number
  readonly system: string
  readonly window: WindowChoice
  readonly attention: Attention
  /** what left the window is looked up before an answer */
  readonly lookUp: boolean
  readonly appearance: Appearance
  /** `pocket`, or a model of the library */
  readonly model: string
}

/** The built-in model. No model of the library is called so: theirs have a folder of their own. */
export const POCKET = 'pocket'

export const DEFAULTS: SettingsValues = {
  sampling: {},
  maxNewTokens: 512,
  system: '',
  window: null,
  attention: 'nha',
  lookUp: true,
  appearance: 'system',
  model: POCKET,
}

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

const MAX_SYSTEM_LENGTH = 20_000
const MAX_ID_LENGTH = 600

/** Values from storage, field by field: what does not fit is the default, never an error. */
export function parseSettings(stored: unknown): SettingsValues {
  const record = asRecord(stored)
  const sampling = asRecord(record['sampling'])
  const { attention, appearance, model, system, window } = record
  const kept: { -readonly [Key in keyof Sampling]?: Sampling[Key] } = {}
  for (const key of ['temperature', 'topK', 'topP', 'minP', 'repetitionPenalty', 'seed'] as const) {
    const value = inRange(sampling[key], RANGES[key])
    if (value !== null) kept[key] = value
  }
  return {
    sampling: kept,
    maxNewTokens: inRange(record['maxNewTokens'], RANGES.maxNewTokens) ?? DEFAULTS.maxNewTokens,
    system: typeof system === 'string' ? system.slice(0, MAX_SYSTEM_LENGTH) : DEFAULTS.system,
    window: readWindow(window),
    attention: attention === 'full' ? 'full' : 'nha',
    lookUp: record['lookUp'] !== false,
    appearance: appearance === 'light' || appearance === 'dark' ? appearance : 'system',
    model: typeof model === 'string' && model.length < MAX_ID_LENGTH ? model : DEFAULTS.model,
  }
}

function readWindow(value: unknown): WindowChoice {
  if (value === 'all') return 'all'
  return WINDOW_PRESETS.find((preset) => preset === value) ?? inRange(value, RANGES.window)
}

/** The number, put into its range and, where steps are whole, rounded; `null` for anything else. */
export function inRange(value: unknown, range: Range): number | null {
  if (typeof value !== 'number' || !Number.isFinite(value)) return null
  const clamped = Math.min(Math.max(value, range.min), range.max)
  return Number.isInteger(range.step) ? Math.round(clamped) : clamped
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
