import type { Pace } from './reply.svelte.ts'

const COUNT = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })

export function formatCount(count: number): string {
  return COUNT.format(count)
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
  return `${value.toPrecision(value >= 100 ? 3 : value >= 10 ? 3 : 2)} ${units[unit] ?? ''}`
}

/** Tokens a second; one decimal below 10. Nothing for a time too short to divide by. */
export function formatPace(pace: Pace | null): string {
  if (pace === null || pace.milliseconds <= 0) return ''
  const perSecond = (pace.tokens * 1000) / pace.milliseconds
  return perSecond < 10 ? perSecond.toFixed(1) : formatCount(perSecond)
}

/** A model's folder name where it stands as a name: `pocket` is Pocket. */
export function asTitle(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1)
}

export function tokens(count: number): string {
  return count === 1 ? '1 token' : `${formatCount(count)} tokens`
}
