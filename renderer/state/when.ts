import { m } from '#messages'
import { regional } from './language.svelte.ts'

const DAY = 24 * 60 * 60 * 1000
const TIME = { hour: '2-digit', minute: '2-digit' } as const
const DATE = { day: 'numeric', month: 'short' } as const
const WITH_YEAR = { ...DATE, year: 'numeric' } as const

/** Making one costs more than a row of the list. */
const formats = new Map<string, Intl.DateTimeFormat>()

/** When something was, as short as it can be said today: `14:05`, `Yesterday`, `3 Nov`, `3 Nov 2024`. */
export function formatWhen(time: number, now: number): string {
  const today = new Date(now).setHours(0, 0, 0, 0)
  if (time >= today) return format(time, TIME)
  if (time >= today - DAY) return m.window_yesterday()
  const isThisYear = new Date(time).getFullYear() === new Date(now).getFullYear()
  return format(time, isThisYear ? DATE : WITH_YEAR)
}

function format(time: number, options: Intl.DateTimeFormatOptions): string {
  const key = `${regional() ?? ''} ${JSON.stringify(options)}`
  const made = formats.get(key) ?? new Intl.DateTimeFormat(regional(), options)
  formats.set(key, made)
  return made.format(time)
}
