import { type CommandEngine, type CommandSequence, Interrupted, type World } from '../command.ts'
import { formatCount } from '../format.ts'
import { Progress } from '../progress.ts'
import { countDispatches } from './dispatches.ts'

interface Plan {
  /** prompts to read, in tokens */
  readonly prefill: readonly number[]
  /** positions to decode at */
  readonly positions: readonly number[]
  /** of each measurement, in turn with the others, so that a machine that drifts drifts for all of them */
  readonly rounds: number
}

interface Row {
  readonly phase: 'prefill' | 'decode'
  /** tokens read at once in prefill; the position in decode */
  readonly position: number
  readonly tokensPerSecond: number
  /** median: of rounds in prefill, of tokens in decode */
  readonly msPerToken: number
  /** slowest and fastest, ms per token */
  readonly range: readonly [number, number]
  readonly stateBytes: number
}

export interface Measured {
  readonly rows: readonly Row[]
  /** ms per token at the last position ÷ at the first: the median over pairs of tokens decoded one after the other */
  readonly flatness: number
  /** of one decode */
  readonly dispatchesPerToken: number
}

/** Tokens that one round decodes at each position, where one takes less than this share of a second. */
const MOST_TOKENS = 16
const ROUND_MILLISECONDS = 1000
/** Tokens of one call on the way to a position. */
const STEP = 512

export async function measure(engine: CommandEngine, plan: Plan, world: World): Promise<Measured> {
  const options = { attention: 'nha', window: null } as const
  const progress = new Progress(world.stderr, 'Measuring')
  const goOn = (): void => {
    if (!world.interrupted.aborted) return
    progress.clear()
    throw new Interrupted()
  }
  const longest = Math.max(...plan.positions)
  const decoding: { position: number; sequence: CommandSequence; times: number[] }[] = []
  for (const position of plan.positions) {
    const sequence = await engine.sequence(options)
    for (let read = 0; read < position; read += STEP) {
      goOn()
      await sequence.prefill(tokens(Math.min(STEP, position - read), read), 1)
      progress.show(read, longest, `${formatCount(read)} tokens read`)
    }
    // The first token warms up.
    await sequence.decode(0, 1)
    decoding.push({ position, sequence, times: [] })
  }
  const prefilling = plan.prefill.map((length) => ({ length, times: [] as number[], bytes: 0 }))
  let dispatchesPerToken = 0
  const probe = decoding[0]?.sequence
  const once = await timed(async () => {
    dispatchesPerToken = await countDispatches(async () => probe?.decode(1, 1))
  })
  const perRound = Math.max(1, Math.min(MOST_TOKENS, Math.round(ROUND_MILLISECONDS / once)))

  for (let round = 0; round < plan.rounds; round++) {
    progress.show(round, plan.rounds, 'rounds')
    // Token by token in turn: two neighbours see the same machine.
    for (let i = 0; i < perRound; i++) {
      for (const { sequence, times } of decoding) {
        goOn()
        times.push(await timed(() => sequence.decode(i, 1)))
      }
    }
    for (const one of prefilling) {
      goOn()
      const sequence = await engine.sequence(options)
      one.times.push((await timed(() => sequence.prefill(tokens(one.length, round), 1))) / one.length)
      one.bytes = sequence.stateBytes
      sequence.dispose()
    }
  }
  progress.clear()
  const rows = [
    ...prefilling.map(({ length, times, bytes }) => row('prefill', length, times, bytes)),
    ...decoding.map(({ position, sequence, times }) => row('decode', position, times, sequence.stateBytes)),
  ]
  for (const { sequence } of decoding) sequence.dispose()
  const [first, last] = [decoding[0]?.times ?? [], decoding.at(-1)?.times ?? []]
  const flatness = median(first.map((time, i) => (last[i] ?? NaN) / time))
  return { rows, flatness: round3(flatness), dispatchesPerToken }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

function row(phase: Row['phase'], position: number, times: readonly number[], stateBytes: number): Row {
  const msPerToken = median(times)
  return {
    phase,
    position,
    tokensPerSecond: Math.round(10_000 / msPerToken) / 10,
    msPerToken: round3(msPerToken),
    range: [round3(Math.max(...times)), round3(Math.min(...times))],
    stateBytes,
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN
}

function round3(value: number): number {
  return Math.round(value * 1000) / 1000
}

/** Ids that differ from call to call and stay far below any vocabulary. */
function tokens(length: number, seed: number): number[] {
  return Array.from({ length }, (_, i) => (i * 31 + seed * 7 + 1024) % 251)
}
