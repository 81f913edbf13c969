const WIDTH = 64
const HEIGHT = 10
const MARKS = ['●', '○', '◆']

export interface Line {
  readonly name: string
  readonly points: readonly (readonly [x: number, y: number])[]
}

/**
 * Lines as a chart of characters, from zero up, one mark for each line; where two meet, the first is seen.
 *
 * @param formatX words for a position, `formatY` for a value
 */
export function plot(
  title: string,
  lines: readonly Line[],
  formatX: (x: number) => string,
  formatY: (y: number) => string,
): string {
  const points = lines.flatMap((line) => line.points)
  if (points.length === 0) return ''
  const right = Math.max(...points.map(([x]) => x))
  const top = Math.max(...points.map(([, y]) => y), Number.MIN_VALUE)
  const rows = Array.from({ length: HEIGHT }, () => new Array<string>(WIDTH).fill(' '))
  for (const [i, line] of [...lines.entries()].reverse()) {
    for (const [column, y] of columns(line.points, right).entries()) {
      if (y === null) continue
      const row = rows[HEIGHT - 1 - Math.round((y / top) * (HEIGHT - 1))]
      if (row) row[column] = MARKS[i % MARKS.length] ?? '●'
    }
  }
  const labels = rows.map((_, i) => (i === 0 ? formatY(top) : i === HEIGHT - 1 ? formatY(0) : ''))
  const margin = Math.max(...labels.map((label) => label.length))
  const legend = lines.map(({ name }, i) => `${MARKS[i % MARKS.length] ?? '●'} ${name}`).join('   ')
  const [from, to] = [formatX(0), formatX(right)]
  return [
    `${title}   ${legend}`,
    ...rows.map((row, i) => `${(labels[i] ?? '').padStart(margin)} │${row.join('').trimEnd()}`),
    `${' '.repeat(margin)} └${'─'.repeat(WIDTH)}`,
    `${' '.repeat(margin + 2)}${from}${to.padStart(WIDTH - from.length)}`,
    '',
  ].join('\n')
}

/** The value of each column: the mean of the points in it, or what lies on the way to the next point. */
function columns(points: Line['points'], right: number): (number | null)[] {
  const sums = Array.from({ length: WIDTH }, () => ({ sum: 0, count: 0 }))
  for (const [x, y] of points) {
    const column = sums[Math.min(WIDTH - 1, Math.floor((x / right) * WIDTH))]
    if (!column) continue
    column.sum += y
    column.count++
  }
  const means = sums.map(({ sum, count }) => (count > 0 ? sum / count : null))
  return means.map((mean, i) => {
    if (mean !== null) return mean
    const before = means.findLastIndex((value, at) => at < i && value !== null)
    const after = means.findIndex((value, at) => at > i && value !== null)
    const [low, high] = [means[before] ?? null, means[after] ?? null]
    return low === null || high === null ? null : low + ((high - low) * (i - before)) / (after - before)
  })
}
