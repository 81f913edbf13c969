/** 4915200 as `4.9 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  const units = ['kB', 'MB', 'GB', 'TB']
  let value = bytes / 1000
  let unit = 0
  while (value >= 999.95 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${value.toFixed(1)} ${units[unit] ?? ''}`
}

/** 20000 as `20,000`. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US')
}

/** Seconds as `45 s`, `3 min` or `2.5 h`. */
export function formatDuration(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`
  return `${(seconds / 3600).toFixed(1)} h`
}

/** Tokens per second, to a tenth; 0 where there was nothing to time. */
export function rate(tokens: number, milliseconds: number): number {
  return milliseconds > 0 && tokens > 0 ? Math.round((tokens * 10_000) / milliseconds) / 10 : 0
}

/** `1 page`, `1,200 pages`. */
export function formatPages(pages: number): string {
  return `${formatCount(pages)} ${pages === 1 ? 'page' : 'pages'}`
}
