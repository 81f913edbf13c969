import { BUCKETS, type BucketLoss, READINGS } from '../../engine/hybridize/position-buckets.ts'
import { formatBytes, formatCount, formatDuration } from '../format.ts'
import { type Share, wilson } from '../../engine/recall/judge.ts'
import type { Finding, Mode } from '../recall/measure.ts'
import type { Report as RecallReport } from '../recall/report.ts'
import type { Hybridized } from './job.ts'
import { lossCurve } from './loss-curve.ts'
import type { HybridizeJob } from './planned.ts'

export interface HybridizeReport extends Hybridized {
  readonly model: string
  readonly job: HybridizeJob
  /** e to the loss, by reading and bucket; `null` where no token was in it */
  readonly perplexity: Readonly<Record<string, Readonly<Record<string, number | null>>>>
  /** told facts asked for beyond the window: all distances and numbers of facts together */
  readonly beyond: Readonly<Partial<Record<Mode, Share>>>
  readonly recall: RecallReport
  readonly conclusion: string
}

/** Share of right answers to facts that had left the window, for each way of reading. */
export function beyondWindow(findings: readonly Finding[], window: number): Partial<Record<Mode, Share>> {
  const beyond: Partial<Record<Mode, Share>> = {}
  const told = findings.filter(({ fact, distance }) => fact === 'told' && distance > window)
  for (const mode of new Set(told.map(({ attention }) => attention))) {
    const mine = told.filter(({ attention }) => attention === mode)
    beyond[mode] = wilson(mine.filter(({ right }) => right).length, mine.length)
  }
  return beyond
}

export function perplexities(buckets: readonly BucketLoss[]): HybridizeReport['perplexity'] {
  const of = (kind: string, bucket: string): number | null => {
    const found = buckets.find((loss) => loss.kind === kind && loss.bucket === bucket)
    return found && found.tokens > 0 ? Math.round(100 * Math.exp(found.nats / found.tokens)) / 100 : null
  }
  return Object.fromEntries(
    READINGS.map((kind) => [kind, Object.fromEntries(BUCKETS.map((bucket) => [bucket, of(kind, bucket)]))]),
  )
}

/** What can be said of the slots, and no more: they help where the intervals of right answers lie apart. */
export function conclude(beyond: Partial<Record<Mode, Share>>, window: number): string {
  const { nha, 'window-only': off, full } = beyond
  if (!nha || !off) return 'No question went beyond the window, so nothing can be said of the slots.'
  const percent = ({ share, low, high }: Share) =>
    `${Math.round(100 * share)} % (${Math.round(100 * low)}–${Math.round(100 * high)})`
  const figures = `of the facts told more than ${formatCount(window)} tokens before, ${percent(nha)} were recalled with slots and ${percent(off)} without`
  const most = full ? `; full attention recalled ${percent(full)}` : ''
  if (nha.low > off.high) return `The slots help: ${figures}${most}.`
  if (nha.high < off.low) return `The slots do harm: ${figures}${most}.`
  return `The slots did not help: ${figures}, and the intervals overlap${most}.`
}

const KIND = Math.max(...READINGS.map(({ length }) => length))
const CURVE = 40

function curveRow(what: string, losses: readonly number[]): string[] {
  const [first, last] = [losses[0], losses.at(-1)]
  if (first === undefined || last === undefined) return []
  return [`loss of ${what.padEnd(8)}  ${first.toFixed(4)} ${lossCurve(losses, CURVE)} ${last.toFixed(4)}`]
}

export function hybridizeTable(report: HybridizeReport): string {
  const { tokens, seconds, memory, layerErrors, windows, perplexity, costs, backend, losses } = report
  const lines = [
    `${formatCount(tokens)} tokens in ${formatDuration(seconds)} on the ${backend === 'cpu' ? 'processor' : 'GPU'}`,
    `memory at most: ${formatBytes(memory.tensorBytes)} of tensors, ${(memory.tensorBytes / memory.weightBytes).toFixed(1)} times the weights in f32; ${formatBytes(memory.processBytes)} of the whole process`,
    '',
    'layer  window  cost of narrowing  error of attention: window  with slots',
    ...costs.map(({ layer, divergence }) => {
      const error = layerErrors.find((found) => found.layer === layer)
      const columns = [
        String(layer).padStart(5),
        formatCount(windows[layer] ?? 0).padStart(6),
        `${divergence.toFixed(4)} nats`.padStart(17),
        (error ? `${(100 * error.without).toFixed(1)} %` : '').padStart(26),
        (error ? `${(100 * error.withSlots).toFixed(1)} %` : '').padStart(10),
      ]
      return columns.join('  ')
    }),
    '',
    ...curveRow('gates', losses.gates),
    ...curveRow('adapters', losses.adapters),
    '',
    `${'perplexity'.padEnd(KIND)}${BUCKETS.map((bucket) => bucket.padStart(9)).join('')}`,
    ...READINGS.map(
      (kind) =>
        kind.padEnd(KIND) +
        BUCKETS.map((bucket) => (perplexity[kind]?.[bucket] ?? '–').toString().padStart(9)).join(''),
    ),
    '',
    report.conclusion,
  ]
  return `${lines.join('\n')}\n`
}
