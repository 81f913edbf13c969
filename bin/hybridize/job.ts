import { startBackend } from '../../engine/hybridize/backend.ts'
import {
  type LayerCost,
  rankLayers,
  readText,
  widest,
  worthSlots,
} from '../../engine/hybridize/compare-forward.ts'
import { fitAdapters, mergedProjections, withAdapters } from '../../engine/hybridize/fit-adapters.ts'
import {
  firstGates,
  fitGates,
  type FitPlan,
  type FitStep,
  gateName,
  measureGates,
} from '../../engine/hybridize/fit-gates.ts'
import { finished, type FitState } from '../../engine/hybridize/fit-state.ts'
import { checkHybridizable, hybridFolder } from '../../engine/hybridize/hybrid-folder.ts'
import type { BucketLoss } from '../../engine/hybridize/position-buckets.ts'
import type { Forward } from '../../engine/hybridize/forward.ts'
import { StagedModel } from '../../engine/hybridize/staged-model.ts'
import { Checkpoint } from '../../engine/model/checkpoint.ts'
import { parseConfig } from '../../engine/model/config.ts'
import { type OpenGpu, openGpu } from '../../engine/model/gpu.ts'
import { readModelFiles } from '../../engine/model-files.ts'
import type { ModelFolder } from '../../engine/model-folder.ts'
import { Interrupted, type World } from '../command.ts'
import { refuseExisting, writeInto } from '../import-model.ts'
import { modelFolder } from '../model-folder.ts'
import { FitFile, keptCosts } from './fit-file.ts'
import type { FitPhase, HybridizeJob } from './planned.ts'
import { readPieces } from './texts.ts'

/** How far it is: what is done of a phase, and the loss of each step where there is one. */
export interface HybridizeProgress {
  readonly phase: 'ranking' | 'gates' | 'adapters' | 'measuring' | 'asking'
  readonly done: number
  readonly total: number
  readonly losses: readonly number[]
}
export type OnProgress = (progress: HybridizeProgress) => void
/** What is needed of the world. */
export type HybridizeWorld = Pick<World, 'interrupted' | 'extract' | 'loadEngine' | 'stderr'>

/** What came of it, short of generated answers. */
export interface Hybridized {
  readonly backend: 'webgpu' | 'cpu'
  readonly windows: readonly number[]
  readonly slotLayers: readonly number[]
  readonly costs: readonly LayerCost[]
  readonly layerErrors: readonly {
    readonly layer: number
    readonly withSlots: number
    readonly without: number
  }[]
  readonly losses: Readonly<Record<'gates' | 'adapters', readonly number[]>>
  readonly buckets: readonly BucketLoss[]
  readonly tokens: number
  readonly seconds: number
  readonly memory: {
    /** weights as they are computed with, f32 */
    readonly weightBytes: number
    /** of all tensors at most, weights included */
    readonly tensorBytes: number
    /** of this process at most, its programs and the files that it read included */
    readonly processBytes: number
  }
}

/** W of a wide layer, as the paper's code has it. */
const WIDE = 2048
const GATE_NORMALIZER = 8
/** Pieces that are measured on, and not learned from. */
const HELD_OUT = 4

/**
 * Give a model slots: rank layers, fit gates, perhaps adapters, write the new folder. What was learned is saved beside
 * it after every step; the same job goes on from there.
 *
 * @throws {Interrupted} with all that was learned saved; {CommandError}, {EngineError}
 */
export async function hybridize(
  job: HybridizeJob,
  world: HybridizeWorld,
  gpu: GPU | null,
  onProgress: OnProgress,
): Promise<Hybridized> {
  await refuseExisting(job.out)
  const folder = await readModelFiles(modelFolder(job.model), () => undefined)
  const opened = await openHardware(gpu)
  try {
    const own = parseConfig(folder.config, folder.configFile)
    checkHybridizable(own)
    const pieces = await readPieces(job.text, folder, job.length, world)
    const backend = await startBackend(opened && { device: opened.device, info: opened.device.adapterInfo })
    const config = { ...own, slots: job.slots, gateNormalizer: GATE_NORMALIZER, maskEmptySlots: true }
    const model = new StagedModel(config, new Checkpoint(folder.tensors), opened)
    try {
      return await fit(job, { folder, model, pieces, backend }, world, onProgress)
    } finally {
      model.dispose()
    }
  } finally {
    opened?.device.destroy()
    await folder.close()
  }
}

interface Parts {
  readonly folder: ModelFolder
  readonly model: StagedModel
  readonly pieces: readonly (readonly number[])[]
  readonly backend: 'webgpu' | 'cpu'
}

async function fit(
  job: HybridizeJob,
  { folder, model, pieces, backend }: Parts,
  world: HybridizeWorld,
  onProgress: OnProgress,
): Promise<Hybridized> {
  const began = performance.now()
  const heldOut = pieces.slice(0, HELD_OUT)
  const text = pieces.slice(HELD_OUT)
  const { layers } = model.config
  const ranked = await model.whole()
  const weightBytes = ranked.bytes
  const costs = (await keptCosts(job)) ?? (await rank(ranked, job, heldOut, world, onProgress))
  const wide = widest(costs, job.wideLayers ?? Math.floor(layers / 4))
  const windows = Array.from({ length: layers }, (_, layer) => (wide.includes(layer) ? WIDE : job.window))
  const narrow = costs.filter(({ layer }) => !wide.includes(layer))
  const plan: FitPlan = {
    seed: job.seed,
    steps: Math.ceil(job.tokens / job.length),
    window: job.window,
    sinks: job.sinks,
    layers: worthSlots(narrow),
    narrow: narrow.map(({ layer }) => layer),
  }
  const school = await model.school(plan.layers, job.length)
  const gateStage: Stage = {
    phase: 'gates',
    plan,
    costs,
    first: () => firstGates(school, plan, text),
    steps: (state) => fitGates(school, plan, text, state),
  }
  const gates = await learn(job, gateStage, world, onProgress)
  const layerErrors = await measureGates(school, plan, heldOut, gates.state)

  const forward = await model.whole()
  const second: FitPlan = { ...plan, steps: Math.ceil(job.adapterTokens / job.length) }
  const adapterStage: Stage = {
    phase: 'adapters',
    plan: second,
    costs,
    first: () => withAdapters(forward, second, gates.state),
    steps: (state) => fitAdapters(forward, second, text, state),
  }
  const adapters = job.adapterTokens > 0 ? await learn(job, adapterStage, world, onProgress) : null
  const final = adapters?.state ?? gates.state

  const reading = readText(forward, { windows, ...job }, heldOut, final)
  const buckets = await readThrough('measuring', reading, heldOut.length, world, onProgress)
  const hybrid = hybridFolder(folder, model.config, {
    slots: job.slots,
    windows,
    window: job.window,
    sinks: job.sinks,
    gateNormalizer: GATE_NORMALIZER,
    gates: new Map(
      plan.layers.map((layer) => [layer, final.parts.get(gateName(layer))?.values ?? new Float32Array()]),
    ),
    changed: adapters ? await mergedProjections(forward, plan.layers, final) : new Map(),
  })
  await writeInto(
    hybrid,
    { out: job.out, quant: job.quant, origin: null },
    world.interrupted,
    () => undefined,
  )
  await gates.file.remove()
  await adapters?.file.remove()
  return {
    backend,
    windows,
    slotLayers: plan.layers,
    costs,
    layerErrors,
    losses: { gates: gates.state.losses, adapters: adapters?.state.losses ?? [] },
    buckets,
    tokens: (gates.state.step + (adapters?.state.step ?? 0)) * job.length,
    seconds: (performance.now() - began) / 1000,
    memory: {
      weightBytes,
      tensorBytes: Math.max(weightBytes, gates.tensorBytes, adapters?.tensorBytes ?? 0),
      processBytes: 1024 * process.resourceUsage().maxRSS,
    },
  }
}

function rank(
  forward: Forward,
  job: HybridizeJob,
  text: readonly (readonly number[])[],
  world: HybridizeWorld,
  onProgress: OnProgress,
): Promise<readonly LayerCost[]> {
  const total = text.length * forward.config.layers
  return readThrough('ranking', rankLayers(forward, job, text), total, world, onProgress)
}

/** What is found in the pieces held out, told of after each event. */
async function readThrough<Found>(
  phase: 'ranking' | 'measuring',
  reading: AsyncIterable<readonly Found[]>,
  total: number,
  world: HybridizeWorld,
  onProgress: OnProgress,
): Promise<readonly Found[]> {
  let found: readonly Found[] = []
  let done = 0
  for await (const soFar of reading) {
    found = soFar
    stopIf(world.interrupted)
    onProgress({ phase, done: ++done, total, losses: [] })
  }
  return found
}

/** What is learned in one go, its plan and its steps. */
interface Stage {
  readonly phase: FitPhase
  readonly plan: FitPlan
  readonly costs: readonly LayerCost[]
  readonly first: () => FitState | Promise<FitState>
  readonly steps: (state: FitState) => AsyncIterable<FitStep>
}

/** Learn from where the file of the stage ends, which is written after every step. */
async function learn(
  job: HybridizeJob,
  { phase, plan, costs, first, steps }: Stage,
  world: HybridizeWorld,
  onProgress: OnProgress,
): Promise<{ readonly state: FitState; readonly file: FitFile; readonly tensorBytes: number }> {
  const file = new FitFile(job, phase, { costs, steps: plan.steps })
  const state = (await file.load()) ?? (await first())
  let most = 0
  for await (const { step, tensorBytes } of steps(state)) {
    most = Math.max(most, tensorBytes)
    onProgress({ phase, done: step, total: plan.steps, losses: state.losses })
    await new Promise((resolve) => setTimeout(resolve))
    await file.save(state)
    stopIf(world.interrupted)
  }
  return { state: finished(state), file, tensorBytes: most }
}

/** A software GPU multiplies slower than the processor it runs on. */
async function openHardware(gpu: GPU | null): Promise<OpenGpu | null> {
  if (!gpu) return null
  const opened = await openGpu(gpu)
  if (!opened.report.isFallback) return opened
  opened.device.destroy()
  return null
}

function stopIf(signal: AbortSignal): void {
  if (signal.aborted) throw new Interrupted()
}
