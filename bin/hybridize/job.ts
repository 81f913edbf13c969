import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { startBackend } from '../../engine/hybridize/backend.ts'
import { type LayerCost, rankLayers, readText, widest } from '../../engine/hybridize/compare-forward.ts'
import { fitAdapters, mergedProjections, withAdapters } from '../../engine/hybridize/fit-adapters.ts'
import {
  firstGates,
  fitGates,
  type FitPlan,
  type FitStep,
  gateName,
  measureGates,
} from '../../engine/hybridize/fit-gates.ts'
import { decodeFit, encodeFit, type FitState } from '../../engine/hybridize/fit-state.ts'
import { Forward } from '../../engine/hybridize/forward.ts'
import { checkHybridizable, hybridFolder } from '../../engine/hybridize/hybrid-folder.ts'
import type { BucketLoss } from '../../engine/hybridize/position-buckets.ts'
import { Checkpoint } from '../../engine/model/checkpoint.ts'
import { parseConfig } from '../../engine/model/config.ts'
import { type OpenGpu, openGpu } from '../../engine/model/gpu.ts'
import { readModelFiles } from '../../engine/model-files.ts'
import type { ModelFolder } from '../../engine/model-folder.ts'
import { Interrupted, type World } from '../command.ts'
import { refuseExisting, writeInto } from '../import-model.ts'
import { modelFolder } from '../model-folder.ts'
import type { Quant } from '../quant.ts'
import { readPieces } from './texts.ts'

export interface HybridizeJob {
  readonly model: string
  readonly text: readonly string[]
  readonly out: string
  readonly quant: Quant
  /** to learn from, again and again where the text has fewer */
  readonly tokens: number
  /** tokens of stage 2; 0 is gates only */
  readonly adapterTokens: number
  /** T of a step, a multiple of 32 */
  readonly length: number
  readonly window: number
  readonly slots: number
  readonly sinks: number
  /** how many layers stay wide; `null` is a quarter of them */
  readonly wideLayers: number | null
  readonly seed: number
}

export type Phase = 'ranking' | 'gates' | 'adapters' | 'measuring'

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
}

/** W of a wide layer, as the paper's code has it. */
const WIDE = 2048
const GATE_NORMALIZER = 8
/** Pieces that are measured on, and not learned from. */
const HELD_OUT = 4
const SAVE_MILLISECONDS = 30_000

/**
 * Give a model slots: rank layers, fit gates, perhaps adapters, write the new folder. What was learned is saved beside
 * it every half minute; the same job goes on from there.
 *
 * @param onProgress what is done of a phase, of how much, and the mean loss of the last steps where there is one
 * @throws {Interrupted} with all that was learned saved; {CommandError}, {EngineError}
 */
export async function hybridize(
  job: HybridizeJob,
  world: World,
  gpu: GPU | null,
  onProgress: (phase: Phase, done: number, total: number, loss: number | null) => void,
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
    const forward = await Forward.load(config, new Checkpoint(folder.tensors))
    try {
      return await fit(job, { folder, forward, pieces, backend }, world, onProgress)
    } finally {
      forward.dispose()
    }
  } finally {
    opened?.device.destroy()
    await folder.close()
  }
}

interface Parts {
  readonly folder: ModelFolder
  readonly forward: Forward
  readonly pieces: readonly (readonly number[])[]
  readonly backend: 'webgpu' | 'cpu'
}

async function fit(
  job: HybridizeJob,
  { folder, forward, pieces, backend }: Parts,
  world: World,
  onProgress: (phase: Phase, done: number, total: number, loss: number | null) => void,
): Promise<Hybridized> {
  const began = performance.now()
  const heldOut = pieces.slice(0, HELD_OUT)
  const text = pieces.slice(HELD_OUT)
  const { layers } = forward.config
  let costs: readonly LayerCost[] = []
  let read = 0
  for await (const soFar of rankLayers(forward, job, heldOut)) {
    costs = soFar
    stopIf(world.interrupted)
    onProgress('ranking', ++read, heldOut.length, null)
  }
  const wide = widest(costs, job.wideLayers ?? Math.floor(layers / 4))
  const narrow = costs.flatMap(({ layer }) => (wide.includes(layer) ? [] : [layer]))
  const plan: FitPlan = {
    seed: job.seed,
    steps: Math.ceil(job.tokens / job.length),
    window: job.window,
    sinks: job.sinks,
    layers: narrow,
  }
  const run = async (phase: 'gates' | 'adapters', plan: FitPlan, first: () => FitState, stepsOf: Steps) => {
    const file = new FitFile(`${job.out}.${phase}`, { ...job, ...plan })
    const state = (await file.load()) ?? first()
    for await (const { step } of stepsOf(forward, plan, text, state)) {
      onProgress(phase, step, plan.steps, recent(state.losses))
      await new Promise((resolve) => setTimeout(resolve))
      await file.saveNowAndThen(state, world.interrupted.aborted || step === plan.steps)
      stopIf(world.interrupted)
    }
    return { state, file }
  }
  const gates = await run('gates', plan, () => firstGates(forward, plan, text[0] ?? []), fitGates)
  const layerErrors = measureGates(forward, plan, heldOut, gates.state)
  const second: FitPlan = { ...plan, steps: Math.ceil(job.adapterTokens / job.length) }
  const adapters =
    job.adapterTokens > 0
      ? await run('adapters', second, () => withAdapters(forward, second, gates.state), fitAdapters)
      : null
  const final = adapters?.state ?? gates.state

  const windows = Array.from({ length: layers }, (_, layer) => (wide.includes(layer) ? WIDE : job.window))
  let buckets: readonly BucketLoss[] = []
  read = 0
  for await (const soFar of readText(forward, { windows, ...job }, heldOut, final)) {
    buckets = soFar
    stopIf(world.interrupted)
    onProgress('measuring', ++read, heldOut.length, null)
  }
  const hybrid = hybridFolder(folder, forward.config, {
    slots: job.slots,
    windows,
    window: job.window,
    sinks: job.sinks,
    gateNormalizer: GATE_NORMALIZER,
    gates: new Map(
      narrow.map((layer) => [layer, final.parts.get(gateName(layer))?.values ?? new Float32Array()]),
    ),
    changed: adapters ? mergedProjections(forward, narrow, final) : new Map(),
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
    slotLayers: narrow,
    costs,
    layerErrors,
    losses: { gates: gates.state.losses, adapters: adapters?.state.losses ?? [] },
    buckets,
    tokens: (gates.state.step + (adapters?.state.step ?? 0)) * job.length,
    seconds: (performance.now() - began) / 1000,
  }
}

type Steps = (
  forward: Forward,
  plan: FitPlan,
  text: readonly (readonly number[])[],
  state: FitState,
) => AsyncIterable<FitStep>

/** A software GPU multiplies slower than the processor it runs on. */
async function openHardware(gpu: GPU | null): Promise<OpenGpu | null> {
  if (!gpu) return null
  const opened = await openGpu(gpu)
  if (!opened.report.isFallback) return opened
  opened.device.destroy()
  return null
}

/** What was learned so far, beside the folder that it becomes. */
class FitFile {
  readonly #path: string
  readonly #plan: unknown
  #savedAt = performance.now()

  constructor(path: string, plan: unknown) {
    this.#path = path
    this.#plan = plan
  }

  /** `null` where there is none, or of another plan. */
  async load(): Promise<FitState | null> {
    const bytes = await readFile(this.#path).catch(() => null)
    return bytes && decodeFit(new Uint8Array(bytes), this.#plan)
  }

  async saveNowAndThen(state: FitState, now: boolean): Promise<void> {
    if (!now && performance.now() - this.#savedAt < SAVE_MILLISECONDS) return
    await writeFile(`${this.#path}.part`, encodeFit(state, this.#plan))
    await rename(`${this.#path}.part`, this.#path)
    this.#savedAt = performance.now()
  }

  async remove(): Promise<void> {
    await rm(this.#path, { force: true })
  }
}

function recent(losses: readonly number[]): number {
  const last = losses.slice(-20)
  return last.reduce((sum, loss) => sum + loss, 0) / Math.max(1, last.length)
}

function stopIf(signal: AbortSignal): void {
  if (signal.aborted) throw new Interrupted()
}
