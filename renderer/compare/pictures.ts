import { m } from '#messages'
import type { Run } from '../../engine/compare/race.ts'
import { tokens } from '../state/format.ts'
import { answerOf, type Measure, MEASURES, pointsOf, verdict } from './measures.ts'

/** The colours of the screen, as CSS writes them. */
export interface Palette {
  readonly paper: string
  readonly ink: string
  readonly soft: string
  readonly left: string
  readonly right: string
  readonly font: string
}

interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

const MARGIN = 48
const CARD = { width: 1200, height: 630 }

/** What is on the screen as one picture: title, the three charts as they are drawn there, the figures below each. */
export function drawResult(
  runs: readonly Run[],
  charts: readonly (HTMLCanvasElement | undefined)[],
  title: string,
  palette: Palette,
): HTMLCanvasElement {
  const width = 1500
  const column = (width - MARGIN * 2) / MEASURES.length
  const { canvas, context } = blank(width, 460, palette)
  words(context, palette, title, MARGIN, 56, 'bold 26px', width - 2 * MARGIN)
  for (const [i, measure] of MEASURES.entries()) {
    const x = MARGIN + i * column
    words(context, palette, measure.title(), x, 104, 'bold 18px', column - 24)
    legend(context, palette, runs, measure, x, 134, column - 24)
    const chart = charts[i]
    const room = column - 24
    if (chart && chart.width > 0)
      context.drawImage(chart, x, 190, room, Math.min(230, (room * chart.height) / chart.width))
  }
  return canvas
}

/** A picture to pass on: what is compared, one big sentence, the lines of memory, and the answers. */
export function drawCard(runs: readonly Run[], title: string, palette: Palette): HTMLCanvasElement {
  const { canvas, context } = blank(CARD.width, CARD.height, palette)
  const [memory, , reopening] = MEASURES
  const inner = CARD.width - 2 * MARGIN
  const position = Math.max(0, ...runs.map((run) => run.position))
  words(context, palette, 'Plateau', MARGIN, 72, 'bold 26px', 200)
  words(context, { ...palette, ink: palette.soft }, title, MARGIN + 130, 72, '22px', inner - 130)
  const headline = memory ? verdict(runs, memory, m.compare_holds_less) : ''
  words(context, palette, headline, MARGIN, 140, 'bold 44px', inner)
  words(
    context,
    { ...palette, ink: palette.soft },
    m.compare_card_after({ tokens: tokens(position) }),
    MARGIN,
    178,
    '22px',
    inner,
  )
  if (memory) {
    legend(context, palette, runs, memory, MARGIN, 226, 520)
    lines(context, palette, runs, memory, { x: MARGIN, y: 290, width: 520, height: 270 })
  }
  if (reopening)
    words(context, palette, `${reopening.title()}: ${verdict(runs, reopening)}`, 640, 226, 'bold 20px', 510)
  let y = 276
  for (const [side, run] of runs.entries()) {
    stroke(context, side === 0 ? palette.left : palette.right, side, [
      [640, y - 7],
      [676, y - 7],
    ])
    words(context, palette, run.name, 690, y, 'bold 20px', 460)
    y =
      paragraph(context, palette, answerOf(run), {
        x: 640,
        y: y + 34,
        width: 512,
        height: 90,
      }) + 26
  }
  return canvas
}

function blank(width: number, height: number, palette: Palette) {
  const canvas = document.createElement('canvas')
  canvas.width = width
  canvas.height = height
  const context = canvas.getContext('2d')
  if (!context) throw new Error('this window draws no pictures')
  context.fillStyle = palette.paper
  context.fillRect(0, 0, width, height)
  return { canvas, context }
}

function words(
  context: CanvasRenderingContext2D,
  { ink, font }: Palette,
  text: string,
  x: number,
  y: number,
  size: string,
  room: number,
): void {
  context.font = `${size} ${font}`
  context.fillStyle = ink
  let shown = text
  while (shown.length > 1 && context.measureText(shown).width > room)
    shown = `${shown.slice(0, -2).trimEnd()}…`
  context.fillText(shown, x, y)
}

/** At most three lines; where it ends, down the page. */
function paragraph(context: CanvasRenderingContext2D, palette: Palette, text: string, box: Box): number {
  context.font = `20px ${palette.font}`
  const rows: string[] = ['']
  for (const word of text.split(/\s+/)) {
    const last = rows.at(-1) ?? ''
    const longer = last === '' ? word : `${last} ${word}`
    if (context.measureText(longer).width > box.width) rows.push(word)
    else rows[rows.length - 1] = longer
  }
  const shown = rows.slice(0, 3)
  if (rows.length > 3) shown[2] = `${shown[2] ?? ''}…`
  for (const [i, row] of shown.entries())
    words(context, palette, row, box.x, box.y + i * 30, '20px', box.width)
  return box.y + shown.length * 30
}

function legend(
  context: CanvasRenderingContext2D,
  palette: Palette,
  runs: readonly Run[],
  measure: Measure,
  x: number,
  y: number,
  room: number,
): void {
  for (const [side, run] of runs.entries()) {
    const at = y + side * 26
    const value = pointsOf(run, measure).at(-1)?.[1]
    stroke(context, side === 0 ? palette.left : palette.right, side, [
      [x, at - 6],
      [x + 36, at - 6],
    ])
    const said = value === undefined ? run.name : `${run.name}: ${measure.format(value)}`
    words(context, palette, said, x + 48, at, '18px', room - 48)
  }
}

function lines(
  context: CanvasRenderingContext2D,
  palette: Palette,
  runs: readonly Run[],
  measure: Measure,
  box: Box,
): void {
  const points = runs.map((run) => pointsOf(run, measure))
  const right = Math.max(1, ...points.flat().map(([x]) => x))
  const top = Math.max(1, ...points.flat().map(([, y]) => y))
  stroke(context, palette.soft, 0, [
    [box.x, box.y],
    [box.x, box.y + box.height],
    [box.x + box.width, box.y + box.height],
  ])
  for (const [side, line] of points.entries()) {
    const path = line.map(
      ([x, y]) => [box.x + (box.width * x) / right, box.y + box.height * (1 - y / top)] as const,
    )
    stroke(context, side === 0 ? palette.left : palette.right, side, path)
  }
}

function stroke(
  context: CanvasRenderingContext2D,
  colour: string,
  side: number,
  path: readonly (readonly [number, number])[],
): void {
  context.beginPath()
  for (const [x, y] of path) context.lineTo(x, y)
  context.strokeStyle = colour
  context.lineWidth = 4
  context.setLineDash(side === 0 ? [] : [12, 7])
  context.stroke()
}
