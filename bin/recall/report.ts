import { formatCount } from '../format.ts'
import { type Share, wilson } from '../../engine/recall/judge.ts'
import { type Finding, type Mode, MODES } from './measure.ts'

/** Told facts of one kind of conversation: how many of the answers were right. */
interface Row extends Share {
  readonly attention: Mode
  readonly distance: number
  readonly facts: number
  readonly seen: boolean
  readonly right: number
}

/** Facts told anew with another value: how many of the answers had the latest. */
interface UpdateRow extends Share {
  readonly attention: Mode
  readonly distance: number
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
  /** conversations for each number of facts */
  readonly rounds: readonly number[]
  readonly rows: readonly Row[]
  readonly updates: readonly UpdateRow[]
  readonly refusals: Readonly<Partial<Record<Mode, Refusals>>>
}

/** One row for each attention, distance, number of facts, and seen or not, in that order. */
export function rowsOf(findings: readonly Finding[]): Row[] {
  const told = findings.filter(({ fact }) => fact === 'told')
  return groups(told, ({ attention, distance, facts, seen }) => ({ attention, distance, facts, seen })).sort(
    (a, b) => inOrder(a, b) || a.facts - b.facts || Number(b.seen) - Number(a.seen),
  )
}

/** One row for each attention and distance, in that order, over all numbers of facts. */
export function updatesOf(findings: readonly Finding[]): UpdateRow[] {
  const updated = findings.filter(({ fact }) => fact === 'updated')
  return groups(updated, ({ attention, distance }) => ({ attention, distance })).sort(inOrder)
}

function inOrder(
  a: Pick<Finding, 'attention' | 'distance'>,
  b: Pick<Finding, 'attention' | 'distance'>,
): number {
  return MODES.indexOf(a.attention) - MODES.indexOf(b.attention) || a.distance - b.distance
}

/** Findings with equal keys, counted. */
function groups<Key extends object>(
  findings: readonly Finding[],
  keyOf: (finding: Finding) => Key,
): (Key & Share & { readonly right: number })[] {
  const all = new Map<string, { key: Key; right: number; asked: number }>()
  for (const finding of findings) {
    const key = keyOf(finding)
    const name = JSON.stringify(key)
    const { right, asked } = all.get(name) ?? { right: 0, asked: 0 }
    all.set(name, { key, right: right + Number(finding.right), asked: asked + 1 })
  }
  return [...all.values()].map(({ key, right, asked }) => ({ ...key, right, ...wilson(right, asked) }))
}

/** By attention, over all distances and numbers of facts. Who is not sure and quotes what was told has not declined it. */
export function refusalsOf(findings: readonly Finding[]): Report['refusals'] {
  const refusals: Partial<Record<Mode, Refusals>> = {}
  for (const attention of MODES) {
    const mine = findings.filter((finding) => finding.attention === attention)
    const count = (fact: Finding['fact']) => {
      const asked = mine.filter((finding) => finding.fact === fact)
      const refused = asked.filter(({ refused, right }) => refused && !right).length
      return { refused, ...wilson(refused, asked.length) }
    }
    if (mine.length > 0) refusals[attention] = { untold: count('untold'), told: count('told') }
  }
  return refusals
}

export function table({ model, rounds, rows, updates, refusals }: Report): string {
  const lines = [
    `${model}: told once, asked once; share of right answers (95 % interval), ${rounds.join(', ')} rounds`,
    '',
  ]
  lines.push('attention     tokens  facts  names   right')
  for (const { attention, distance, facts, seen, right, ...share } of rows) {
    const cell = `${formatCount(distance).padStart(8)}  ${String(facts).padStart(5)}  ${seen ? 'seen  ' : 'unseen'}`
    lines.push(`${attention.padEnd(12)}${cell}  ${words(right, share)}`)
  }
  lines.push('', 'Told anew with another value: the answer has the latest:')
  for (const { attention, distance, right, ...share } of updates) {
    lines.push(
      `${attention.padEnd(12)}${formatCount(distance).padStart(8)}                 ${words(right, share)}`,
    )
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
