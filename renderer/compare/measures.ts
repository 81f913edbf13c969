import type { Moment, Run } from '../../engine/compare/race.ts'
import { formatBytes, formatCount } from '../state/format.ts'

/** One of the three things that are drawn. */
export interface Measure {
  readonly id: 'memory' | 'pace' | 'reopening'
  readonly title: string
  readonly help: string
  readonly valueOf: (moment: Moment) => number | null
  readonly format: (value: number) => string
}

const asTime = (milliseconds: number) =>
  `${milliseconds < 10 ? milliseconds.toFixed(1) : formatCount(milliseconds)} ms`

/** Reading is another kind of work than answering: its time per token is in the table, not in the line. */
export const MEASURES: readonly Measure[] = [
  {
    id: 'memory',
    title: 'Context memory',
    help: 'What the conversation holds on the GPU',
    valueOf: ({ stateBytes }) => stateBytes,
    format: formatBytes,
  },
  {
    id: 'pace',
    title: 'Time per token',
    help: 'Of an answer, as the text gets longer',
    valueOf: ({ phase, msPerToken }) => (phase === 'reading' ? null : msPerToken),
    format: asTime,
  },
  {
    id: 'reopening',
    title: 'First word after reopening',
    help: 'Close the chat, come back, ask',
    valueOf: ({ firstTokenMs }) => firstTokenMs,
    format: asTime,
  },
]

export type Point = readonly [position: number, value: number]

export function pointsOf({ series }: Run, { valueOf }: Measure): Point[] {
  return series.flatMap((moment) => {
    const value = valueOf(moment)
    return value === null ? [] : [[moment.position, value] as const]
  })
}

/** What one thing says in one sentence, once both lines are there: the last point that both have. */
export function verdict(runs: readonly Run[], measure: Measure): string {
  const [left, right] = runs.map((run) => pointsOf(run, measure).at(-1)?.[1])
  const [leftRun, rightRun] = runs
  if (left === undefined || right === undefined || !leftRun || !rightRun) return ''
  const [low, high] = left <= right ? [left, right] : [right, left]
  const better = left <= right ? leftRun.name : rightRun.name
  const ratio = low > 0 ? high / low : 1
  if (ratio < 1.05) return 'Both the same'
  const times = ratio < 10 ? ratio.toFixed(1) : formatCount(ratio)
  return measure.id === 'memory' ? `${better}: ${times} times less` : `${better}: ${times} times faster`
}
