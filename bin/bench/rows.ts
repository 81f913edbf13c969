import type { Attention } from '../../engine/protocol.ts'
import type { Task } from './contestant.ts'
import type { Entry, Timing } from './measure.ts'

/** One line of the table. Times of `first-token`, `save` and `restore` are of the whole, not of a token. */
export interface Row {
  readonly engine: string
  /** what really computed, and in which process */
  readonly backend: string
  readonly shape: string
  readonly quant: string
  readonly attention: Attention
  readonly phase: Phase
  /** tokens of the prompt; the position in decode */
  readonly position: number
  readonly tokensPerSecond: number | null
  /** median */
  readonly msPerToken: number | null
  readonly stateBytes: number | null
  readonly dispatchesPerToken: number | null
  /** slowest and fastest, in the unit of msPerToken */
  readonly range: readonly [number, number] | null
  /** weights and state that a decoded token reads */
  readonly bytesPerToken: number | null
  /** of what the adapter moves when it copies */
  readonly bandwidthPercent: number | null
  /** how it was run, or why it was not */
  readonly note: string
}

type Phase = Task['phase'] | 'first-token' | 'save' | 'restore' | 'all'

export interface Subject {
  readonly shape: string
  readonly quant: string
}

/** @param bandwidth bytes a second of a copy; 0 where it is not known */
export function rowsOf(entry: Entry, { shape, quant }: Subject, bandwidth: number): Row[] {
  const { contestant, introduction, timings, snapshots, refused } = entry
  const { engine, attention } = contestant
  const backend = introduction?.backend ?? 'none'
  const common = { engine, backend, shape, quant, attention }
  const rows = timings.map((timing): Row => {
    const weightBytes = introduction?.weightBytes ?? 0
    const { phase, position } = timing.task
    const tokens = phase === 'prefill' ? position : 1
    const msPerToken = median(timing.times) / tokens
    const bytes = phase === 'decode' ? weightBytes + timing.prepared.stateBytes : null
    const rate = bytes === null || bandwidth === 0 ? null : (bytes * 1000) / msPerToken / bandwidth
    return {
      ...common,
      ...speed(timing.times.map((time) => time / tokens)),
      phase,
      position,
      tokensPerSecond: round(1000 / msPerToken, 1),
      stateBytes: timing.prepared.stateBytes,
      dispatchesPerToken: timing.prepared.dispatches || null,
      bytesPerToken: bytes,
      bandwidthPercent: rate === null ? null : round(100 * rate, 1),
      note: introduction?.note ?? '',
    }
  })
  const whole = {
    tokensPerSecond: null,
    dispatchesPerToken: null,
    bytesPerToken: null,
    bandwidthPercent: null,
  }
  const first = timings.find(({ task }) => task.phase === 'prefill')
  if (first) {
    const { position } = first.task
    const { stateBytes } = first.prepared
    rows.push({
      ...common,
      ...whole,
      ...speed(first.times),
      phase: 'first-token',
      position,
      stateBytes,
      note: '',
    })
  }
  for (const phase of snapshots.length > 0 ? (['save', 'restore'] as const) : []) {
    const times = snapshots.map((snapshot) => snapshot[phase])
    rows.push({ ...common, ...whole, ...speed(times), phase, position: 512, stateBytes: null, note: '' })
  }
  for (const { task, reason } of refused) {
    const { phase, position } = task ?? { phase: 'all' as const, position: 0 }
    const nothing = { msPerToken: null, range: null, stateBytes: null }
    rows.push({ ...common, ...whole, ...nothing, phase, position, note: reason })
  }
  return rows
}

/** How much longer the same task takes there than here: the median over pairs that were timed one after the other. */
export interface Ratio {
  readonly phase: Task['phase']
  readonly position: number
  readonly ours: string
  readonly other: string
  readonly ratio: number
}

/** Our contestants against each peer of the same process type. */
export function ratiosOf(entries: readonly Entry[]): Ratio[] {
  const ours = entries.filter(({ contestant }) => contestant.engine === 'plateau')
  const peers = entries.filter(({ contestant }) => contestant.engine !== 'plateau')
  return ours.flatMap((mine) =>
    peers
      .filter((peer) => peer.contestant.place === mine.contestant.place)
      .flatMap((peer) =>
        mine.timings.flatMap(({ task, times }): Ratio[] => {
          const theirs = peer.timings.find((timing) => timing.task === task)
          if (!theirs) return []
          const { place, attention } = mine.contestant
          return [
            {
              ...task,
              ours: `plateau, ${attention}, ${place}`,
              other: peer.contestant.engine,
              ratio: pairedRatio(theirs.times, times),
            },
          ]
        }),
      ),
  )
}

/**
 * ms per token at the last position ÷ at the first, of one contestant; null with fewer than two positions. Of two turns
 * together, to and fro, in which each position came first once.
 */
export function flatnessOf({ timings }: Entry): number | null {
  const decoding: readonly Timing[] = timings.filter(({ task }) => task.phase === 'decode')
  const [first, last] = [decoding[0], decoding.at(-1)]
  return first && last && first !== last ? pairedRatio(inTwos(last.times), inTwos(first.times)) : null
}

/** Sums of two neighbours each; what is alone at the end counts only if it is all there is. */
function inTwos(times: readonly number[]): readonly number[] {
  if (times.length < 2) return times
  return Array.from(
    { length: times.length >> 1 },
    (_, i) => (times[2 * i] ?? NaN) + (times[2 * i + 1] ?? NaN),
  )
}

function pairedRatio(numerators: readonly number[], denominators: readonly number[]): number {
  return round(median(numerators.map((time, i) => time / (denominators[i] ?? NaN))), 3)
}

function speed(times: readonly number[]): Pick<Row, 'msPerToken' | 'range'> {
  return {
    msPerToken: round(median(times), 3),
    range: [round(Math.max(...times), 3), round(Math.min(...times), 3)],
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN
}

function round(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits
}
