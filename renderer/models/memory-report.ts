import { m } from '#messages'
import { isRecord } from '../../engine/formats/json.ts'
import { formatCount } from '../state/format.ts'

/** The ways that were asked: with slots, without, with noise in them, and full attention. */
export const WAYS = ['nha', 'window-only', 'slots-random', 'full'] as const

interface Share {
  readonly asked: number
  readonly share: number
  readonly low: number
  readonly high: number
}

/** What of hybridize.json is shown. */
export interface MemoryReport {
  readonly window: number
  readonly isAsked: boolean
  readonly beyond: Readonly<Partial<Record<(typeof WAYS)[number], Share>>>
  readonly perplexity: Readonly<Record<string, Readonly<Record<string, number | null>>>>
  readonly buckets: readonly string[]
  readonly made: { readonly tokens: string; readonly minutes: string }
}

/** @throws {Error} it is no report */
export function parseReport(json: unknown): MemoryReport {
  const report = fields(json)
  const beyond = fields(report['beyond'])
  const perplexity = Object.fromEntries(
    Object.entries(fields(report['perplexity'])).map(([reading, row]) => [
      reading,
      Object.fromEntries(
        Object.entries(fields(row)).map(([bucket, value]) => [
          bucket,
          typeof value === 'number' ? value : null,
        ]),
      ),
    ]),
  )
  return {
    window: numberOf(fields(report['job'])['window']),
    isAsked: Object.keys(beyond).length > 0,
    beyond: Object.fromEntries(
      WAYS.flatMap((way) => (beyond[way] === undefined ? [] : [[way, shareOf(beyond[way])]])),
    ),
    perplexity,
    buckets: Object.keys(perplexity['full'] ?? {}),
    made: {
      tokens: formatCount(numberOf(report['tokens'])),
      minutes: formatCount(Math.max(1, Math.round(numberOf(report['seconds']) / 60))),
    },
  }
}

/** What `conclude` says in the terminal: slots help where the intervals of right answers lie apart. */
export function conclusionOf({ beyond, window }: MemoryReport): string {
  const { nha: on, 'window-only': off } = beyond
  if (!on || !off) return m.models_report_unasked()
  const figures = m.models_report_figures({
    window: formatCount(window),
    on: m.models_report_share(percents(on)),
    off: m.models_report_share(percents(off)),
  })
  if (on.low > off.high) return m.models_report_help({ figures })
  if (on.high < off.low) return m.models_report_harm({ figures })
  return m.models_report_no_help({ figures })
}

/** As whole percents, in words of the language. */
export function percents({ asked, share, low, high }: Share) {
  const percent = (value: number) => formatCount(Math.round(100 * value))
  return { asked: formatCount(asked), share: percent(share), low: percent(low), high: percent(high) }
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  if (!isRecord(value)) throw new Error('it is no report')
  return value
}

function numberOf(value: unknown): number {
  if (typeof value !== 'number') throw new Error('it is no report')
  return value
}

function shareOf(value: unknown): Share {
  const { asked, share, low, high } = fields(value)
  return { asked: numberOf(asked), share: numberOf(share), low: numberOf(low), high: numberOf(high) }
}
