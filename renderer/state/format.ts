import { m } from '#messages'
import { getLocale } from '#locale'
import type { Pace } from './reply.svelte.ts'

/** Making one costs more than a row of numbers. */
const formats = new Map<string, Intl.NumberFormat>()

/** A number with what the language puts between its digits. */
export function formatNumber(value: number, options: Intl.NumberFormatOptions): string {
  const locale = getLocale()
  const key = `${locale} ${JSON.stringify(options)}`
  const made = formats.get(key) ?? new Intl.NumberFormat(locale, options)
  formats.set(key, made)
  return made.format(value)
}

export function formatCount(count: number): string {
  return formatNumber(count, { maximumFractionDigits: 0 })
}

/** With so many places after the point, zeros too. */
export function formatFixed(value: number, places: number): string {
  return formatNumber(value, { minimumFractionDigits: places, maximumFractionDigits: places })
}

/** Decimal units, three digits: `412 KB`, `10.9 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${formatCount(bytes)} B`
  const units = ['KB', 'MB', 'GB', 'TB']
  let value = bytes / 1000
  let unit = 0
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  const digits = value >= 10 ? 3 : 2
  return `${formatNumber(value, { minimumSignificantDigits: digits, maximumSignificantDigits: digits })} ${units[unit] ?? ''}`
}

/** Tokens a second; one decimal below 10. Nothing for a time too short to divide by. */
export function formatPace(pace: Pace | null): string {
  if (pace === null || pace.milliseconds <= 0) return ''
  const perSecond = (pace.tokens * 1000) / pace.milliseconds
  return perSecond < 10 ? formatFixed(perSecond, 1) : formatCount(perSecond)
}

/** A model's folder name where it stands as a name: `pocket` is Pocket. */
export function asTitle(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1)
}

export function tokens(count: number): string {
  return m.window_tokens({ count, shown: formatCount(count) })
}
