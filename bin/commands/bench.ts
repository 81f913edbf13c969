import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { attentionKind, parseOptions, quantOption, wholeNumber, windowOption } from '../arguments.ts'
import type { Contestant, Task } from '../bench/contestant.ts'
import { layerProducts, type KernelRow } from '../bench/kernels.ts'
import { measure, type Plan } from '../bench/measure.ts'
import { type MeasuredOptions, Ours } from '../bench/ours.ts'
import { gatherPeers, type Peers } from '../bench/peers.ts'
import { writeRandomModel } from '../bench/random-model.ts'
import { describe, table } from '../bench/report.ts'
import { SHAPES } from '../bench/shapes.ts'
import { type Command, UsageError, type World } from '../command.ts'
import { POCKET } from '../root.ts'

const BUILT_IN = 'pocket'
const NAMES = [BUILT_IN, ...Object.keys(SHAPES)].join(', ')

export const bench: Command = {
  summary: 'how fast this machine reads and answers, and that it stays so',
  help: `plateau bench [options]

Measures prefill, the first token, decode at each position, and saving and restoring the memory: medians of rounds
in which all take turns. The last line is one JSON document.

  --shape NAME        ${NAMES}
                      (default: pocket, the built-in model; the others have random weights)
  --model DIR         a model folder instead
  --quant FORMAT      what random weights are stored as: q4, q8 or f16 (default: q8)
  --attention LIST    nha, full or both (default: nha)
  --prefill LIST      prompts to read, in tokens, separated by commas (default: 128,512,2048)
  --positions LIST    positions to decode at (default: 128,1024,8192,32768)
  --window LIST       what is kept exactly, as chat's; a state restored is as large as it makes it
  --rounds N          of each measurement (default: 7)
  --within SECONDS    no round begins later than this
  --in LIST           where ours runs: node, chromium or both (default: node)
  --peers             beside ONNX Runtime's WebGPU in Chromium and llama.cpp on the processor; only in a clone, with
                      its development packages
  --kernels           the products of a layer by themselves too, each way this GPU can make them
  --json              print only the JSON
`,
  needsGpu: () => true,
  async run(args, world) {
    const values = parseOptions('bench', args, {
      model: { type: 'string' },
      shape: { type: 'string' },
      quant: { type: 'string' },
      attention: { type: 'string', default: 'nha' },
      prefill: { type: 'string', default: '128,512,2048' },
      positions: { type: 'string', default: '128,1024,8192,32768' },
      window: { type: 'string' },
      rounds: { type: 'string', default: '7' },
      within: { type: 'string', default: '86400' },
      in: { type: 'string', default: 'node' },
      peers: { type: 'boolean', default: false },
      kernels: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    })
    const tasks: Task[] = [
      ...numbers('prefill', values.prefill).map((position): Task => ({ phase: 'prefill', position })),
      ...numbers('positions', values.positions).map((position): Task => ({ phase: 'decode', position })),
    ]
    const setup = {
      ...subject(values.shape, values.quant, values.model),
      memories: values.attention
        .split(',')
        .map((kind) => ({ attention: attentionKind(kind), window: windowOption(values.window) })),
      places: values.in.split(',').map(place),
      peers: values.peers,
      kernels: values.kernels,
      plan: {
        tasks,
        rounds: wholeNumber('rounds', values.rounds, 1),
        seconds: wholeNumber('within', values.within, 1),
      },
    }
    const work = await mkdtemp(join(tmpdir(), 'plateau-bench-'))
    try {
      const report = await run(setup, work, world)
      if (!values.json) world.stdout.write(table(report))
      world.stdout.write(`${JSON.stringify(report)}\n`)
      return 0
    } finally {
      await rm(work, { recursive: true, force: true })
    }
  },
}

interface Setup {
  /** a model folder, or null where one is to be written */
  readonly folder: string | null
  readonly name: string
  readonly quant: 'q4' | 'q8' | 'f16' | 'as stored'
  readonly memories: readonly MeasuredOptions[]
  readonly places: readonly ('node' | 'chromium')[]
  readonly peers: boolean
  readonly kernels: boolean
  readonly plan: Plan
}

async function run(setup: Setup, work: string, world: World) {
  const { name, quant, memories, places, plan } = setup
  const shape = SHAPES[name]
  const folder = setup.folder ?? join(work, 'model')
  if (setup.folder === null && shape && quant !== 'as stored')
    await writeRandomModel(folder, shape, quant, POCKET)
  const copyBandwidth = await world.copyBandwidth()
  const start = performance.now()
  const engine = await world.loadEngine(folder, () => undefined)
  const loadMilliseconds = Math.round(performance.now() - start)
  let others: Peers | null = null
  const contestants: Contestant[] = places.includes('node')
    ? memories.map((memory) => new Ours(engine, memory, 'Node'))
    : []
  try {
    if (setup.peers || places.includes('chromium')) {
      others = await gatherPeers({ folder, work, memories, peers: setup.peers, plan })
      contestants.push(...others.contestants)
    }
    const entries = await measure(contestants, plan, world)
    const kernels: KernelRow[] = []
    if (setup.kernels) {
      const products = await layerProducts(folder, quant === 'as stored' ? 'q8' : quant)
      kernels.push(...(await world.timeSchedules(products)))
      for (const product of others ? products.slice(0, 1) : []) {
        kernels.push(...((await others?.timeMatmul(product)) ?? []))
      }
    }
    const versions = { node: process.version, ...others?.versions }
    return describe(engine.info, { shape: name, quant }, entries, {
      copyBandwidth,
      loadMilliseconds,
      versions,
      kernels,
    })
  } finally {
    for (const contestant of contestants) await contestant.close()
    await others?.close()
    engine.dispose()
  }
}

/** @throws {UsageError} */
function subject(
  shape: string | undefined,
  quant: string | undefined,
  model: string | undefined,
): Pick<Setup, 'folder' | 'name' | 'quant'> {
  const isStored = shape === undefined || shape === BUILT_IN
  if (isStored && quant !== undefined)
    throw new UsageError('--quant belongs to the random weights of a --shape: a model is stored as it is.')
  if (shape === undefined && model !== undefined) return { folder: model, name: model, quant: 'as stored' }
  if (model !== undefined) throw new UsageError('--shape and --model exclude each other.')
  if (isStored) return { folder: POCKET, name: BUILT_IN, quant: 'as stored' }
  if (!Object.hasOwn(SHAPES, shape)) throw new UsageError(`--shape must be ${NAMES}, not "${shape}".`)
  return { folder: null, name: shape, quant: quantOption(quant ?? 'q8') }
}

function place(text: string): 'node' | 'chromium' {
  if (text === 'node' || text === 'chromium') return text
  throw new UsageError(`--in must be node, chromium or both with a comma, not "${text}".`)
}

function numbers(option: string, list: string): number[] {
  return list.split(',').map((text) => wholeNumber(option, text, 1))
}
