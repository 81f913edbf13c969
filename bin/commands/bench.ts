import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { parseOptions, wholeNumber } from '../arguments.ts'
import { type Command, type CommandEngine, type CommandSequence, UsageError, type World } from '../command.ts'
import { formatBytes, formatCount } from '../format.ts'
import { Progress } from '../progress.ts'
import { ROOT } from '../root.ts'

/** Rounds of each measurement, in turn with the others, so that a machine that drifts drifts for all of them. */
const ROUNDS = 7
const PREFILL_TOKENS = [128, 512]
const DECODE_TOKENS = 16

interface Row {
  readonly phase: 'prefill' | 'decode'
  /** tokens read at once in prefill; the position in decode */
  readonly position: number
  readonly tokensPerSecond: number
  readonly msPerToken: number
  /** slowest and fastest round, ms per token */
  readonly range: readonly [number, number]
  readonly stateBytes: number
}

export const bench: Command = {
  summary: 'how fast this machine reads and answers, and that it stays so',
  help: `plateau bench [options]

Measures prefill and decode, and decode again far into a text; medians of ${ROUNDS} rounds taken in turn.
The last line is one JSON document.

  --model DIR         a model folder (default: the built-in Pocket)
  --positions LIST    positions to decode at, separated by commas (default: 200,20000)
  --json              print only the JSON
`,
  async run(args, world) {
    const values = parseOptions('bench', args, {
      model: { type: 'string', default: join(ROOT, 'assets/pocket') },
      positions: { type: 'string', default: '200,20000' },
      json: { type: 'boolean', default: false },
    })
    const positions = values.positions.split(',').map((text) => wholeNumber('positions', text, 1))
    if (positions.length === 0) throw new UsageError('--positions is empty: give at least one, as in 200.')
    const start = performance.now()
    const engine = await world.loadEngine(values.model, () => undefined)
    const loadMilliseconds = Math.round(performance.now() - start)
    try {
      const rows = await measure(engine, positions, world)
      const { info } = engine
      const machine = {
        adapter: info.gpu.description || 'CPU reference',
        backend: info.backend,
        cpu: cpus()[0]?.model ?? 'unknown',
        cores: cpus().length,
        loadAverage: loadavg()[0],
        node: process.version,
      }
      const decodes = rows.filter(({ phase }) => phase === 'decode')
      const flatness = (decodes.at(-1)?.msPerToken ?? NaN) / (decodes[0]?.msPerToken ?? NaN)
      const { modelName: model, weightBytes } = info
      if (!values.json) world.stdout.write(table(rows, flatness, machine.adapter))
      world.stdout.write(
        `${JSON.stringify({ machine, model, weightBytes, loadMilliseconds, flatness, rows })}\n`,
      )
      return 0
    } finally {
      engine.dispose()
    }
  },
}

async function measure(engine: CommandEngine, positions: readonly number[], world: World): Promise<Row[]> {
  const options = { attention: 'nha', window: null } as const
  const progress = new Progress(world.stderr, 'Measuring')
  const longest = Math.max(...positions)
  const decoding: { position: number; sequence: CommandSequence; times: number[] }[] = []
  for (const position of positions) {
    const sequence = await engine.sequence(options)
    for (let read = 0; read < position; read += 512) {
      await sequence.prefill(tokens(Math.min(512, position - read), read), 1)
      progress.show(read, longest, `${formatCount(read)} tokens read`)
    }
    decoding.push({ position, sequence, times: [] })
  }
  const prefilling = PREFILL_TOKENS.map((length) => ({ length, times: [] as number[], bytes: 0 }))

  for (let round = -1; round < ROUNDS; round++) {
    progress.show(round + 1, ROUNDS, 'rounds')
    for (const { sequence, times } of decoding) {
      const start = performance.now()
      for (let i = 0; i < DECODE_TOKENS; i++) await sequence.decode(i, 1)
      // The first round warms up.
      if (round >= 0) times.push((performance.now() - start) / DECODE_TOKENS)
    }
    for (const one of prefilling) {
      const sequence = await engine.sequence(options)
      const start = performance.now()
      await sequence.prefill(tokens(one.length, round), 1)
      if (round >= 0) one.times.push((performance.now() - start) / one.length)
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
  return rows
}

function row(phase: Row['phase'], position: number, times: number[], stateBytes: number): Row {
  const sorted = [...times].sort((a, b) => a - b)
  const round = (value: number) => Math.round(value * 1000) / 1000
  const msPerToken = sorted[Math.floor(sorted.length / 2)] ?? NaN
  return {
    phase,
    position,
    tokensPerSecond: Math.round(10_000 / msPerToken) / 10,
    msPerToken: round(msPerToken),
    range: [round(sorted.at(-1) ?? NaN), round(sorted[0] ?? NaN)],
    stateBytes,
  }
}

/** Ids that differ from call to call and stay far below any vocabulary. */
function tokens(length: number, seed: number): number[] {
  return Array.from({ length }, (_, i) => (i * 31 + seed * 7 + 1024) % 251)
}

function table(rows: readonly Row[], flatness: number, adapter: string): string {
  const lines = rows.map(({ phase, position, tokensPerSecond, msPerToken, range, stateBytes }) => {
    const what =
      phase === 'prefill' ? `prefill ${formatCount(position)}` : `decode at ${formatCount(position)}`
    const speed = `${tokensPerSecond.toFixed(1).padStart(8)} tok/s ${msPerToken.toFixed(2).padStart(8)} ms/token`
    return `${what.padEnd(18)} ${speed}  (${range[1].toFixed(2)}–${range[0].toFixed(2)})  state ${formatBytes(stateBytes)}`
  })
  return `${adapter}\n${lines.join('\n')}\nms/token at the last position ÷ at the first: ${flatness.toFixed(2)}\n`
}
