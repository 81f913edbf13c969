import { formatCount } from '../format.ts'
import { wilson } from '../../engine/recall/judge.ts'
import { type Mode, MODES } from './measure.ts'
import type { Report } from './report.ts'

const PANEL = { width: 300, height: 220, gap: 56, left: 48, top: 64, bottom: 84 }
const LINES: Readonly<Record<Mode, { readonly name: string; readonly dash: string }>> = {
  nha: { name: 'slots and window', dash: '' },
  'window-only': { name: 'window only', dash: '2 4' },
  'slots-random': { name: 'noise in the slots', dash: '1 5' },
  full: { name: 'full attention', dash: '7 4' },
}
/** Colours that stay apart for colour-blind eyes (Okabe and Ito), on light and on dark. */
const STYLE = `
  svg { font: 12px system-ui, sans-serif; color: #1c2521; background: #fff }
  text { fill: currentColor } .soft { opacity: .65 } .title { font-weight: 600; font-size: 13px }
  .grid { stroke: currentColor; opacity: .12 } polyline { fill: none; stroke-width: 2 }
  .nha { stroke: #0072b2 } .window-only { stroke: #d55e00 } .slots-random { stroke: #cc79a7 } .full { stroke: #009e73 }
  circle { stroke-width: 2; fill: #fff } .whisker { stroke-width: 1; opacity: .6 }
  @media (prefers-color-scheme: dark) { svg { color: #e6ebe8; background: #141a17 } circle { fill: #141a17 } .nha { stroke: #56b4e9 } }`

interface Point {
  readonly distance: number
  readonly share: number
  readonly low: number
  readonly high: number
}

/** Right answers against distance as SVG: a panel for each number of facts, a line for each attention, 95 % whiskers. */
export function chart(report: Report): string {
  const facts = [...new Set(report.rows.map((row) => row.facts))]
  const distances = [...new Set(report.rows.map((row) => row.distance))].sort((a, b) => a - b)
  const modes = MODES.filter((mode) => report.rows.some(({ attention }) => attention === mode))
  const { width, height, gap, left, top, bottom } = PANEL
  // The legend takes the place of two.
  const whole = { width: left + Math.max(2, facts.length) * (width + gap), height: top + height + bottom }
  const across = (distance: number) =>
    distances.length === 1 ? width / 2 : (width * distances.indexOf(distance)) / (distances.length - 1)
  const down = (share: number) => height * (1 - share)

  const panels = facts.map((count, i) => {
    const grid = [0, 0.25, 0.5, 0.75, 1].map(
      (share) =>
        `<line class="grid" x1="0" x2="${width}" y1="${down(share)}" y2="${down(share)}"/>` +
        `<text class="soft" x="-8" y="${down(share) + 4}" text-anchor="end">${share * 100} %</text>`,
    )
    const ticks = distances.map(
      (distance) =>
        `<text class="soft" x="${across(distance)}" y="${height + 20}" text-anchor="middle">${formatCount(distance)}</text>`,
    )
    const lines = modes.map((mode) => line(mode, pointsOf(report, mode, count), across, down))
    const title = `<text class="title" x="0" y="-14">${formatCount(count)} ${count === 1 ? 'fact' : 'facts'} told</text>`
    return `<g transform="translate(${left + i * (width + gap)} ${top})">${[title, ...grid, ...ticks, ...lines].join('')}</g>`
  })
  const legend = modes.map(
    (mode, i) =>
      `<g transform="translate(${left + i * 165} ${top + height + 64})"><polyline class="${mode}" points="0,0 28,0"${dashed(mode)}/>` +
      `<text x="36" y="4">${LINES[mode].name}</text></g>`,
  )
  const label = `${report.model}: share of facts recalled, by tokens between telling and asking`
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${whole.width} ${whole.height}" role="img" aria-label="${label}">
<style>${STYLE}
</style>
<text class="title" x="${left}" y="22">${label}</text>
${[...panels, ...legend].join('\n')}
</svg>
`
}

function line(
  mode: Mode,
  points: readonly Point[],
  across: (distance: number) => number,
  down: (share: number) => number,
): string {
  const places = points.map(({ distance, share }) => [across(distance), down(share)] as const)
  const path = places.map(([x, y]) => `${x},${y.toFixed(1)}`).join(' ')
  const marks = points.map(({ distance, low, high }, i) => {
    const [x, y] = places[i] ?? [across(distance), 0]
    return (
      `<line class="${mode} whisker" x1="${x}" x2="${x}" y1="${down(low).toFixed(1)}" y2="${down(high).toFixed(1)}"/>` +
      `<circle class="${mode}" cx="${x}" cy="${y.toFixed(1)}" r="3"/>`
    )
  })
  return `<polyline class="${mode}" points="${path}"${dashed(mode)}/>${marks.join('')}`
}

function dashed(mode: Mode): string {
  const { dash } = LINES[mode]
  return dash === '' ? '' : ` stroke-dasharray="${dash}"`
}

/** Seen and unseen names together. */
function pointsOf({ rows }: Report, mode: Mode, facts: number): Point[] {
  const mine = rows.filter((row) => row.attention === mode && row.facts === facts)
  return [...new Set(mine.map(({ distance }) => distance))].map((distance) => {
    const here = mine.filter((row) => row.distance === distance)
    const sum = (of: (row: (typeof here)[number]) => number) =>
      here.reduce((total, row) => total + of(row), 0)
    return {
      distance,
      ...wilson(
        sum(({ right }) => right),
        sum(({ asked }) => asked),
      ),
    }
  })
}
