const DAY = 24 * 60 * 60 * 1000
const TIME = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })
const DATE = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' })
const WITH_YEAR = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', year: 'numeric' })

/** When something was, as short as it can be said today: `14:05`, `Yesterday`, `3 Nov`, `3 Nov 2024`. */
export function formatWhen(time: number, now: number): string {
  const today = new Date(now).setHours(0, 0, 0, 0)
  if (time >= today) return TIME.format(time)
  if (time >= today - DAY) return 'Yesterday'
  return new Date(time).getFullYear() === new Date(now).getFullYear()
    ? DATE.format(time)
    : WITH_YEAR.format(time)
}
