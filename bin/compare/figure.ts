import type { Moment, Run } from '../../engine/compare/race.ts'
import { formatBytes, formatCount } from '../format.ts'

const PANEL = { width: 300, height: 200, gap: 92, left: 76, top: 70, bottom: 76 }
/** Steps of an axis that people count in. */
const STEPS = [1, 2, 2.5, 5, 10]
const TICKS = 4
/** Colours that stay apart for colour-blind eyes (Okabe and Ito), on light and on dark. */
const STYLE = `
  svg { font: 12px system-ui, sans-serif; color: #1c2521; background: #fff }
  text { fill: currentColor } .soft { opacity: .65 } .title { font-weight: 600; font-size: 13px }
  .grid { stroke: currentColor; opacity: .12 } polyline { fill: none; stroke-width: 2 } .stop { stroke-width: 2 }
  .side0 { stroke: #0072b2 } .side1 { stroke: #d55e00 } .side1 polyline, polyline.side1 { stroke-dasharray: 7 4 }
  @media (prefers-color-scheme: dark) {
    svg { color: #e6ebe8; background: #141a17 } .side0 { stroke: #56b4e9 } .side1 { stroke: #e69f00 } }`

interface Panel {
  readonly title: string
  readonly valueOf: (moment: Moment) => number | null
  readonly format: (value: number) => string
}

const asTime = (milliseconds: number) => `${formatCount(milliseconds)} ms`

const PANELS: readonly Panel[] = [
  { title: 'Context memory', valueOf: ({ stateBytes }) => stateBytes, format: formatBytes },
  {
    title: 'Time per token of an answer',
    valueOf: ({ phase, msPerToken }) => (phase === 'reopened' ? msPerToken : null),
    format: asTime,
  },
  {
    title: 'First token after reopening',
    valueOf: ({ firstTokenMs }) => firstTokenMs,
    format: asTime,
  },
]

/** What each side held and took against the tokens it has read, as SVG; a cross where one stopped at the limit. */
export function figure(runs: readonly Run[], limitBytes: number): string {
  const { width, height, gap, left, top, bottom } = PANEL
  const whole = { width: left + PANELS.length * (width + gap) - gap + 24, height: top + height + bottom }
  const right = Math.max(1, ...runs.flatMap(({ series }) => series.map(({ position }) => position)))
  const panels = PANELS.map(
    (panel, i) =>
      `<g transform="translate(${left + i * (width + gap)} ${top})">${draw(panel, runs, right)}</g>`,
  )
  const legend = runs.map(({ name, stop, position }, side) => {
    const note =
      stop?.reason === 'limit'
        ? `: stopped after ${formatCount(position)} tokens, before it took more than ${formatBytes(limitBytes)}`
        : ''
    return (
      `<g transform="translate(${left + side * 220} ${top + height + 58})"><polyline class="side${side}" points="0,0 28,0"/>` +
      `<text x="36" y="4">${name === 'full' ? 'full attention' : name}${note}</text></g>`
    )
  })
  const label = `The same weights and text, to ${formatCount(right)} tokens`
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${whole.width} ${whole.height}" role="img" aria-label="${label}">
<style>${STYLE}
</style>
<text class="title" x="${left}" y="24">${label}</text>
${[...panels, ...legend].join('\n')}
</svg>
`
}

function draw({ title, valueOf, format }: Panel, runs: readonly Run[], right: number): string {
  const { width, height } = PANEL
  const lines = runs.map(({ series, stop }) => ({
    points: series.flatMap((moment) => {
      const value = valueOf(moment)
      return value === null ? [] : [{ x: moment.position, y: value }]
    }),
    stopped: stop !== null,
  }))
  const top = Math.max(...lines.flatMap(({ points }) => points.map(({ y }) => y)), Number.MIN_VALUE)
  const [rows, columns] = [ticks(top), ticks(right)]
  const ceiling = Math.max(top, rows.at(-1) ?? top)
  const across = (x: number) => ((width * x) / right).toFixed(1)
  const down = (y: number) => (height * (1 - y / ceiling)).toFixed(1)
  const grid = rows.map(
    (y) =>
      `<line class="grid" x1="0" x2="${width}" y1="${down(y)}" y2="${down(y)}"/>` +
      `<text class="soft" x="-8" y="${Number(down(y)) + 4}" text-anchor="end">${format(y)}</text>`,
  )
  const marks = columns.map(
    (x) =>
      `<text class="soft" x="${across(x)}" y="${height + 20}" text-anchor="middle">${formatCount(x)}</text>`,
  )
  const drawn = lines.map(({ points, stopped }, side) => {
    const path = points.map(({ x, y }) => `${across(x)},${down(y)}`).join(' ')
    const last = points.at(-1)
    const [x, y] = last ? [Number(across(last.x)), Number(down(last.y))] : [0, 0]
    const cross =
      stopped && last
        ? `<path class="stop side${side}" d="M${x - 5} ${y - 5}l10 10M${x - 5} ${y + 5}l10 -10"/>`
        : ''
    return `<polyline class="side${side}" points="${path}"/>${cross}`
  })
  return [`<text class="title" x="0" y="-16">${title}</text>`, ...grid, ...marks, ...drawn].join('')
}

/** Round numbers from 0 up to the largest, a few of them. */
function ticks(most: number): number[] {
  const unit = 10 ** Math.floor(Math.log10(most / TICKS))
  const step = unit * (STEPS.find((each) => most / unit / each <= TICKS) ?? 10)
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, i) => i * step)
}
