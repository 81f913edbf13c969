import { m } from '#messages'
import { formatCount, tokens } from '../state/format.ts'

export function percent(share: number): string {
  if (share > 0 && share < 0.005) return m.inspect_under_one()
  return `${formatCount(share * 100)} %`
}

export function partsInWords([slots, sinks, window]: readonly [number, number, number]): string {
  const parts = [
    m.inspect_part_slots({ share: percent(slots) }),
    m.inspect_part_window({ share: percent(window) }),
  ]
  return (sinks > 0 ? [...parts, m.inspect_part_sinks({ share: percent(sinks) })] : parts).join(', ')
}

/** Beyond this a slot has as good as stopped forgetting. */
const FOR_EVER = 1_000_000

export function halfLifeInWords(halfLife: number): string {
  return halfLife > FOR_EVER ? m.inspect_keeps() : tokens(Math.max(1, Math.round(halfLife)))
}

export function ageInWords(age: number): string {
  return tokens(Math.max(0, Math.round(age)))
}

/** One line of a passage. */
export function snippet(text: string, length = 60): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > length ? `${line.slice(0, length).trimEnd()}\u2026` : line
}
