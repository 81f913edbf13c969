import { parseArgs, type ParseArgsConfig } from 'node:util'
import { presetWindows, WINDOW_PRESETS } from '../engine/model/layer-windows.ts'
import type { Attention, ConversationOptions } from '../engine/protocol.ts'
import { WINDOW_ALL } from '../kernels/attention-shape.ts'
import { UsageError } from './command.ts'
import { type Quant, QUANTS } from './quant.ts'

/**
 * The values of a command's options, by name.
 *
 * @throws {UsageError} an unknown option, a value where none goes, or none where one is needed
 */
export function parseOptions<const Options extends NonNullable<ParseArgsConfig['options']>>(
  command: string,
  args: readonly string[],
  options: Options,
) {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    // Node's first sentence says what is wrong; what follows is advice about its own parser.
    const [sentence = error.message] = error.message.split(/\.\s|\n/)
    const advice = sentence.includes('ambiguous')
      ? 'write --name=VALUE for a value that begins with a dash'
      : `\`plateau ${command} --help\` lists what it takes`
    throw new UsageError(`${sentence}; ${advice}.`)
  }
}

/** @throws {UsageError} not a whole number of at least `least` */
export function wholeNumber(option: string, text: string, least: number): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isSafeInteger(value) || value < least)
    throw new UsageError(`--${option} must be a whole number of at least ${least}, not "${text}".`)
  return value
}

/**
 * A whole number that may end in k or M: 200k, 5M, 0.5M.
 *
 * @throws {UsageError}
 */
export function largeNumber(option: string, text: string, least: number): number {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)([kM]?)$/.exec(text) ?? []
  const value = Number(digits) * (unit === 'M' ? 1e6 : unit === 'k' ? 1e3 : 1)
  if (Number.isInteger(value) && value >= least) return value
  throw new UsageError(
    `--${option} must be a whole number of at least ${least}, as in 200k or 5M, not "${text}".`,
  )
}

export type WindowOption = ConversationOptions['window']

/**
 * Tokens kept exactly: a number or "all", or one of them for each layer, separated by commas; or a preset.
 *
 * @throws {UsageError} anything else
 */
export function windowOption(text: string | undefined): WindowOption {
  if (text === undefined) return null
  const preset = WINDOW_PRESETS.find((name) => name === text)
  if (preset) return preset
  const windows = text.split(',').map((item) => {
    if (item.trim() === 'all') return WINDOW_ALL
    if (/^\s*\d{1,9}\s*$/.test(item)) return Number(item)
    throw new UsageError(`--window must be numbers, all, ${WINDOW_PRESETS.join(', ')}, not "${text}".`)
  })
  const [first] = windows
  return windows.length === 1 && first !== undefined ? first : windows
}

/** What a preset means for a model of so many layers; other windows as they are. */
export function windowsFor(window: WindowOption, layers: number): number | readonly number[] | null {
  return typeof window === 'string' ? presetWindows(window, layers) : window
}

/** @throws {UsageError} not a number of at least 0 */
export function nonNegative(option: string, text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value) || value < 0)
    throw new UsageError(`--${option} must be a number of at least 0, not "${text}".`)
  return value
}

/** @throws {UsageError} neither of the two */
export function onOrOff(option: string, text: string): boolean {
  if (text === 'on' || text === 'off') return text === 'on'
  throw new UsageError(`--${option} must be on or off, not "${text}".`)
}

/** @throws {UsageError} none of the three */
export function quantOption(text: string): Quant {
  const found = QUANTS.find((quant) => quant === text)
  if (found) return found
  throw new UsageError(`--quant must be ${QUANTS.join(', ')}, not "${text}".`)
}

/** @throws {UsageError} neither of the two */
export function attentionKind(text: string): Attention {
  if (text === 'nha' || text === 'full') return text
  throw new UsageError(`--attention must be nha or full, not "${text}".`)
}
