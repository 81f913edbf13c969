import { WINDOW_PRESETS, type WindowPreset } from '../../engine/model/layer-windows.ts'
import type { Attention } from '../../engine/protocol.ts'
import {
  type AnswerValues,
  asRecord,
  DEFAULT_ANSWERS,
  inRange,
  parseAnswers,
  RANGES,
} from './answer-values.ts'
import type { LanguageChoice } from './language.svelte.ts'
import { parsePresets, type Preset } from './presets.ts'

export type Appearance = 'system' | 'light' | 'dark'
export const LANGUAGES = ['system', 'en', 'de'] as const satisfies readonly LanguageChoice[]

/** How many of the settings are shown, each with those before it. */
export const LEVELS = ['simple', 'more', 'all'] as const
export type Level = (typeof LEVELS)[number]

/** A window in tokens or a preset, `null` for the model's own; `all` keeps every token exactly. */
export type WindowChoice = number | WindowPreset | 'all' | null

export interface SettingsValues extends AnswerValues {
  readonly window: WindowChoice
  readonly attention: Attention
  /** what left the window is looked up before an answer */
  readonly lookUp: boolean
  readonly appearance: Appearance
  readonly language: LanguageChoice
  /** more contrast than the colours have of themselves */
  readonly contrast: boolean
  readonly level: Level
  readonly presets: readonly Preset[]
  /** `pocket`, or a model of the library */
  readonly model: string
}

/** The built-in model. No model of the library is called so: theirs have a folder of their own. */
export const POCKET = 'pocket'

export const DEFAULTS: SettingsValues = {
  ...DEFAULT_ANSWERS,
  window: null,
  attention: 'nha',
  lookUp: true,
  appearance: 'system',
  language: 'system',
  contrast: false,
  level: 'simple',
  presets: [],
  model: POCKET,
}

const MAX_ID_LENGTH = 600

/** Values from storage, field by field: what does not fit is the default, never an error. */
export function parseSettings(stored: unknown): SettingsValues {
  const record = asRecord(stored)
  const { attention, appearance, contrast, language, level, lookUp, model, presets, window } = record
  return {
    ...parseAnswers(record),
    window: readWindow(window),
    attention: attention === 'full' ? 'full' : 'nha',
    lookUp: lookUp !== false,
    appearance: appearance === 'light' || appearance === 'dark' ? appearance : 'system',
    language: LANGUAGES.find((each) => each === language) ?? DEFAULTS.language,
    contrast: contrast === true,
    level: LEVELS.find((each) => each === level) ?? DEFAULTS.level,
    presets: parsePresets(presets),
    model: typeof model === 'string' && model.length < MAX_ID_LENGTH ? model : DEFAULTS.model,
  }
}

function readWindow(value: unknown): WindowChoice {
  if (value === 'all') return 'all'
  return WINDOW_PRESETS.find((preset) => preset === value) ?? inRange(value, RANGES.window)
}
