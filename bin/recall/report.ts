import { formatCount } from '../format.ts'
import { type Share, wilson } from './judge.ts'
import { type Finding, type Mode, MODES } from './measure.ts'

/** Told facts of one kind of conversation: how many of the answers were right. */
interface Row extends Share {
  readonly attention: Mode
  readonly distance: number
  readonly facts: number
  readonly seen: boolean
  readonly right: number
}

/** How often the model said that it was never told: what it should of facts never told, and should not of told ones. */
interface Refusals {
  readonly untold: Share & { readonly refused: number }
  readonly told: Share & { readonly refused: number }
}

export interface Report {
  readonly model: string
  readonly seed: number
  readonly rounds: number
  readonly rows: readonly Row[]
  readonly refusals: Readonly<Partial<Record<Mode, Refusals>>>
}

/** One row for each attention, distance, number of facts, and seen or not, in that order. */
export function rowsOf(findings: readonly Finding[]): Row[] {
  const groups = new Map<string, Finding[]>()
  for (const finding of findings) {
    if (!finding.told) continue
    const { attention, distance, facts, seen } = finding
    const key = JSON.stringify([attention, distance, facts, seen])
    groups.set(key, [...(groups.get(key) ?? []), finding])
  }
  const rows = [...groups.values()].flatMap((group): Row[] => {
    const [first] = group
    if (!first) return []
    const { attention, distance, facts, seen } = first
    const right = group.filter((finding) => finding.right).length
    return [{ attention, distance, facts, seen, right, ...wilson(right, group.length) }]
  })
  return rows.sort(
    (a, b) =>
      MODES.indexOf(a.attention) - MODES.indexOf(b.attention) ||
      a.distance - b.distance ||
      a.facts - b.facts ||
      Number(b.seen) - Number(a.seen),
  )
}

/** By attention, over all distances and numbers of facts. */
export function refusalsOf(findings: readonly Finding[]): Report['refusals'] {
  const refusals: Partial<Record<Mode, Refusals>> = {}
  for (const attention of MODES) {
    const mine = findings.filter((finding) => finding.attention === attention)
    const count = (told: boolean) => {
      const asked = mine.filter((finding) => finding.told === told)
      const refused = asked.filter((finding) => finding.refused).length
      return { refused, ...wilson(refused, asked.length) }
    }
    if (mine.length > 0) refusals[attention] = { untold: count(false), told: count(true) }
  }
  return refusals
}

export function table({ model, rounds, rows, refusals }: Report): string {
  const lines = [
    `${model}: told once, asked once; share of right answers (95 % interval), ${rounds} rounds`,
    '',
  ]
  lines.push('attention     tokens  facts  names   right')
  for (const { attention, distance, facts, seen, right, ...share } of rows) {
    const cell = `${formatCount(distance).padStart(8)}  ${String(facts).padStart(5)}  ${seen ? 'seen  ' : 'unseen'}`
    lines.push(`${attention.padEnd(12)}${cell}  ${words(right, share)}`)
  }
  lines.push('', 'Said that it was never told:')
  for (const [attention, { untold, told }] of Object.entries(refusals)) {
    lines.push(`${attention.padEnd(12)}  facts never told  ${words(untold.refused, untold)}`)
    lines.push(`${' '.repeat(12)}  facts told        ${words(told.refused, told)}`)
  }
  return `${lines.join('\n')}\n`
}

function words(hits: number, { asked, share, low, high }: Share): string {
  const percent = (value: number) => Math.round(value * 100)
  const interval = `(${percent(low)}–${percent(high)})`
  return `${String(percent(share)).padStart(3)} % ${interval.padEnd(8)}  ${hits} of ${asked}`
}
