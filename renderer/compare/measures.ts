import { m } from '#messages'
import type { Moment, Run } from '../../engine/compare/race.ts'
import { formatBytes, formatCount, formatFixed } from '../state/format.ts'

/** One of the three things that are drawn. */
export interface Measure {
  readonly id: 'memory' | 'pace' | 'reopening'
  readonly title: () => string
  readonly help: () => string
  readonly valueOf: (moment: Moment) => number | null
  readonly format: (value: number) => string
}

const asTime = (milliseconds: number) =>
  `${milliseconds < 10 ? formatFixed(milliseconds, 1) : formatCount(milliseconds)} ms`

/** Reading is another kind of work than answering: its time per token is in the table, not in the line. */
export const MEASURES: readonly Measure[] = [
  {
    id: 'memory',
    title: m.compare_memory,
    help: m.compare_memory_help,
    valueOf: ({ stateBytes }) => stateBytes,
    format: formatBytes,
  },
  {
    id: 'pace',
    title: m.compare_pace,
    help: m.compare_pace_help,
    valueOf: ({ phase, msPerToken }) => (phase === 'reading' ? null : msPerToken),
    format: asTime,
  },
  {
    id: 'reopening',
    title: m.compare_reopening,
    help: m.compare_reopening_help,
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

type Said = (said: { readonly better: string; readonly times: string }) => string

/**
 * What one thing says in one sentence, once both lines are there: the last point that both have.
 *
 * @param less what is said of the smaller of two memories
 */
export function verdict(runs: readonly Run[], measure: Measure, less: Said = m.compare_times_less): string {
  const [left, right] = runs.map((run) => pointsOf(run, measure).at(-1)?.[1])
  const [leftRun, rightRun] = runs
  if (left === undefined || right === undefined || !leftRun || !rightRun) return ''
  const [low, high] = left <= right ? [left, right] : [right, left]
  const better = left <= right ? leftRun.name : rightRun.name
  const ratio = low > 0 ? high / low : 1
  if (ratio < 1.05) return m.compare_both_same()
  const times = ratio < 10 ? formatFixed(ratio, 1) : formatCount(ratio)
  return (measure.id === 'memory' ? less : m.compare_times_faster)({ better, times })
}

/** What a side answered once nothing runs any more; one that was stopped was perhaps never asked. */
export function answerOf({ text, share }: Run): string {
  return text || (share < 1 ? m.compare_not_asked() : m.compare_no_answer())
}
