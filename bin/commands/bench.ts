import { mkdtemp, rm } from 'node:fs/promises'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseOptions, wholeNumber } from '../arguments.ts'
import { measure, type Measured } from '../bench/measure.ts'
import { type Quant, writeRandomModel } from '../bench/random-model.ts'
import { SHAPES } from '../bench/shapes.ts'
import { type Command, type CommandEngine, UsageError } from '../command.ts'
import { formatBytes, formatCount } from '../format.ts'
import { POCKET } from '../root.ts'

const QUANTS: readonly string[] = ['q4', 'q8', 'f16'] satisfies Quant[]
/** Dispatches of a token outside the layers: embedding, its weighing, head, selection. */
const ENDS = 4

export const bench: Command = {
  summary: 'how fast this machine reads and answers, and that it stays so',
  help: `plateau bench [options]

Measures prefill and decode, and decode again far into a text; medians of rounds taken in turn.
The last line is one JSON document.

  --model DIR         a model folder (default: the built-in Pocket)
  --shape NAME        instead of a model: random weights of the shape of ${Object.keys(SHAPES).join(', ')}
  --quant FORMAT      what the random weights are stored as: q4, q8 or f16 (default: q8)
  --prefill LIST      prompts to read, in tokens, separated by commas (default: 128,512)
  --positions LIST    positions to decode at (default: 200,20000)
  --rounds N          of each measurement (default: 7)
  --json              print only the JSON
`,
  async run(args, world) {
    const values = parseOptions('bench', args, {
      model: { type: 'string' },
      shape: { type: 'string' },
      quant: { type: 'string' },
      prefill: { type: 'string', default: '128,512' },
      positions: { type: 'string', default: '200,20000' },
      rounds: { type: 'string', default: '7' },
      json: { type: 'boolean', default: false },
    })
    const plan = {
      prefill: numbers('prefill', values.prefill),
      positions: numbers('positions', values.positions),
      rounds: wholeNumber('rounds', values.rounds, 1),
    }
    const random = randomModel(values.shape, values.quant, values.model)
    // Finding the GPU may start this program anew; before there is anything to clean up.
    await world.inspectGpu()
    const folder = random ? await mkdtemp(join(tmpdir(), 'plateau-bench-')) : (values.model ?? POCKET)
    try {
      if (random) await writeRandomModel(folder, random.shape, random.quant, POCKET)
      const start = performance.now()
      const engine = await world.loadEngine(folder, () => undefined)
      const loadMilliseconds = Math.round(performance.now() - start)
      try {
        const measured = await measure(engine, plan, world)
        const model = random ? `${random.name} ${random.quant}, random` : engine.info.modelName
        const report = describe(engine, model, loadMilliseconds, measured)
        if (!values.json) world.stdout.write(table(report))
        world.stdout.write(`${JSON.stringify(report)}\n`)
        return 0
      } finally {
        engine.dispose()
      }
    } finally {
      if (random) await rm(folder, { recursive: true, force: true })
    }
  },
}

/** @throws {UsageError} */
function randomModel(name: string | undefined, quant: string | undefined, model: string | undefined) {
  if (name === undefined) {
    if (quant !== undefined) throw new UsageError('--quant belongs to --shape: a model is stored as it is.')
    return null
  }
  if (model !== undefined) throw new UsageError('--shape and --model exclude each other.')
  const shape = Object.hasOwn(SHAPES, name) ? SHAPES[name] : undefined
  if (!shape) throw new UsageError(`--shape must be ${Object.keys(SHAPES).join(', ')}, not "${name}".`)
  const format = quant ?? 'q8'
  if (!isQuant(format)) throw new UsageError(`--quant must be ${QUANTS.join(', ')}, not "${format}".`)
  return { name, shape, quant: format }
}

function isQuant(text: string): text is Quant {
  return QUANTS.includes(text)
}

function numbers(option: string, list: string): number[] {
  return list.split(',').map((text) => wholeNumber(option, text, 1))
}

type Report = ReturnType<typeof describe>

function describe(
  { info }: CommandEngine,
  model: string,
  loadMilliseconds: number,
  { rows, flatness, dispatchesPerToken }: Measured,
) {
  const machine = {
    adapter: info.gpu.description || 'CPU reference',
    backend: info.backend,
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    loadAverage: loadavg()[0],
    node: process.version,
  }
  const layers = info.windows.length
  const dispatchesPerLayer = Math.round((10 * Math.max(0, dispatchesPerToken - ENDS)) / layers) / 10
  const { weightBytes } = info
  return {
    machine,
    model,
    weightBytes,
    loadMilliseconds,
    flatness,
    dispatchesPerToken,
    dispatchesPerLayer,
    rows,
  }
}

function table({ machine, model, rows, flatness, dispatchesPerToken, dispatchesPerLayer }: Report): string {
  const lines = rows.map(({ phase, position, tokensPerSecond, msPerToken, range, stateBytes }) => {
    const what =
      phase === 'prefill' ? `prefill ${formatCount(position)}` : `decode at ${formatCount(position)}`
    const speed = `${tokensPerSecond.toFixed(1).padStart(8)} tok/s ${msPerToken.toFixed(2).padStart(8)} ms/token`
    return `${what.padEnd(18)} ${speed}  (${range[1].toFixed(2)}–${range[0].toFixed(2)})  state ${formatBytes(stateBytes)}`
  })
  return `${model} on ${machine.adapter}
${lines.join('\n')}
dispatches: ${dispatchesPerToken} a token, ${dispatchesPerLayer} a layer
ms/token at the last position ÷ at the first: ${flatness.toFixed(2)}
`
}
