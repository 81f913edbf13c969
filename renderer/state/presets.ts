import { type AnswerValues, asRecord, parseAnswers } from './answer-values.ts'

/** A way to answer, under a name: the system prompt and how words are chosen. */
export interface Preset extends AnswerValues {
  readonly name: string
}

export const MAX_PRESETS = 100
const MAX_NAME_LENGTH = 80
/** A preset is text and a few numbers; a larger file is something else. */
export const MAX_FILE_BYTES = 4_000_000
const KIND = 'plateau-presets'

/** Those of the values that are presets; a name stands for one, the last of that name. */
export function parsePresets(value: unknown): readonly Preset[] {
  const found = new Map<string, Preset>()
  for (const each of Array.isArray(value) ? (value as unknown[]) : []) {
    const { name } = asRecord(each)
    const kept = typeof name === 'string' ? asName(name) : ''
    if (kept !== '') found.set(kept, { name: kept, ...parseAnswers(asRecord(each)) })
  }
  return [...found.values()].slice(0, MAX_PRESETS)
}

/**
 * The user's own and those of a file. One of the file whose name stands for another here comes under that name and a
 * number, so that neither is lost; one that is here already, under that name or with a number, is no second time.
 *
 * @returns all of them, and those that are new
 */
export function joinPresets(
  own: readonly Preset[],
  read: readonly Preset[],
): { readonly all: readonly Preset[]; readonly added: readonly Preset[] } {
  const all = new Map(own.map((preset) => [preset.name, preset]))
  const added: Preset[] = []
  for (const preset of read) {
    let { name } = preset
    let here = all.get(name)
    for (let number = 2; here && answersOf(here) !== answersOf(preset); number++) {
      name = numbered(preset.name, number)
      here = all.get(name)
    }
    if (here) continue
    const kept = { ...preset, name }
    all.set(name, kept)
    added.push(kept)
  }
  return { all: [...all.values()], added }
}

/** The same for two that answer alike, whatever they are called: what was parsed has its keys in one order. */
export function answersOf({ system, sampling, maxNewTokens }: AnswerValues): string {
  return JSON.stringify([system, sampling, maxNewTokens])
}

function numbered(name: string, number: number): string {
  const end = ` ${number}`
  return `${name.slice(0, MAX_NAME_LENGTH - end.length).trimEnd()}${end}`
}

export function asName(typed: string): string {
  return typed.replace(/\s+/g, ' ').trim().slice(0, MAX_NAME_LENGTH)
}

/** The file that another Plateau takes in. */
export function writePresets(presets: readonly Preset[]): string {
  return `${JSON.stringify({ kind: KIND, version: 1, presets }, null, 2)}\n`
}

/** Why a file is not taken in. */
export class PresetFileError extends Error {
  override readonly name = 'PresetFileError'
  readonly reason: 'wrong' | 'newer' | 'empty' | 'many'

  constructor(reason: PresetFileError['reason']) {
    super(reason)
    this.reason = reason
  }
}

/** @throws {PresetFileError} */
export function readPresets(text: string): readonly Preset[] {
  const file = asRecord(parseJson(text))
  if (file['kind'] !== KIND) throw new PresetFileError('wrong')
  if (file['version'] !== 1) throw new PresetFileError('newer')
  const presets = parsePresets(file['presets'])
  if (presets.length === 0) throw new PresetFileError('empty')
  return presets
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
