import { rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { Refusal } from '../conversations.ts'
import { DownloadError } from '../downloads/download-error.ts'
import { downloadModel } from '../downloads/download-model.ts'
import { filesOf, listModel } from '../downloads/hub.ts'
import type { DownloadPorts } from '../downloads/ports.ts'
import { Speed } from '../downloads/speed.ts'
import { type Disk, diskCode, listFolder, removeIfThere, replaceFile } from '../disk.ts'
import { type FitNote, NOTE, parseTexts, type Plan, readPlans, writePlan } from './arrival-plan.ts'
import type { KeptToken } from '../tokens/kept-token.ts'
import type { Origin, RunJob } from './jobs.ts'
import type { Arrival, ArrivalQuant, FitStage, ModelBridge } from './model-bridge.ts'
import { writeOrigin } from './origin.ts'

export interface ArrivalPorts {
  /** where models are fetched from */
  readonly hub: string
  readonly ports: DownloadPorts
  readonly runJob: RunJob
  readonly token: KeptToken
}

interface Task {
  plan: Plan
  report: Omit<Arrival, 'id' | 'name' | 'kind'>
  stop: AbortController | null
  running: Promise<void>
}

const IDLE = { bytes: 0, totalBytes: null, bytesPerSecond: 0, secondsLeft: null, fit: null } as const
/** Of what does not come from the hub. */
const NOWHERE = { repo: '', revision: '', file: null, pinned: [] } as const
/** What a fit keeps beside the folder that it becomes. */
const FIT_FILES = ['.gates', '.adapters'] as const
const FINE = { problem: '', needsToken: false } as const

/**
 * Models on their way: fetched into a folder of their own, then converted into the library, or moved there. What
 * was being fetched when the program ended is paused at the next start; an import begins anew.
 */
export class Arrivals {
  readonly #models: string
  readonly #downloads: string
  readonly #ports: ArrivalPorts
  readonly #tasks = new Map<string, Task>()
  /** one model is converted at a time: it takes a whole core */
  #converting: Promise<unknown> = Promise.resolve()

  /** @param models the library's folder */
  static async open(models: string, downloads: string, ports: ArrivalPorts): Promise<Arrivals> {
    const arrivals = new Arrivals(models, downloads, ports)
    for (const { plan, bytes } of await readPlans(ports.ports.disk, downloads))
      arrivals.#add(plan, { ...IDLE, ...FINE, bytes, status: 'paused' })
    return arrivals
  }

  private constructor(models: string, downloads: string, ports: ArrivalPorts) {
    this.#models = models
    this.#downloads = downloads
    this.#ports = ports
  }

  report(): readonly Arrival[] {
    return [...this.#tasks.values()].map(({ plan: { id, name, kind }, report }) => ({
      id,
      name,
      kind,
      ...report,
    }))
  }

  /** @throws {Refusal} it is here, or on its way, already */
  async download({ pinned = [], ...plan }: Parameters<ModelBridge['downloadModel']>[0]): Promise<void> {
    const name =
      (plan.file ?? plan.repo)
        .split('/')
        .at(-1)
        ?.replace(/\.gguf$/i, '') ?? ''
    const owned = plan.repo.replace('/', '--')
    const id = [owned, plan.file === null ? '' : name, plan.quant ?? ''].filter(Boolean).join('--')
    const { ports } = this.#ports
    await this.#refuseTwice(id)
    const path = join(this.#downloads, id)
    const whole: Plan = { ...plan, id, name, kind: 'download', pinned, path, fit: null }
    await ports.disk.makeFolder(whole.path)
    await writePlan(ports.disk, whole)
    this.#start(this.#add(whole, { ...IDLE, ...FINE, status: 'fetching' }))
  }

  /** @throws {Refusal} it is here, or on its way, already */
  async import(path: string, quant: ArrivalQuant): Promise<void> {
    const name = basename(path).replace(/\.gguf$/i, '')
    const safe = name.replace(/[^\w.+ -]/g, '_').replace(/^\./, '_')
    const id = `${safe.slice(0, 120) || 'model'}-${quant}`
    await this.#refuseTwice(id)
    const plan: Plan = { ...NOWHERE, fit: null, id, name, kind: 'import', quant, path }
    this.#start(this.#add(plan, { ...IDLE, ...FINE, status: 'waiting' }))
  }

  /**
   * Begin to give a model of the library a memory.
   *
   * @throws {Refusal} it is here, or on its way, already; there is no text
   */
  async fit(
    model: { readonly id: string; readonly name: string },
    how: { readonly stage: FitStage; readonly tokens: number; readonly bytes: Uint8Array },
  ): Promise<void> {
    const name = `${model.name} with memory`
    const id = name.replace(/[^\w.+ -]/g, '_').replace(/^\./, '_')
    await this.#refuseTwice(id)
    const { disk } = this.#ports.ports
    const path = join(this.#downloads, id)
    await disk.makeFolder(path)
    const fit: FitNote = { ...how, model: model.id, texts: await writeTexts(disk, path, how.bytes) }
    const plan: Plan = { ...NOWHERE, id, name, kind: 'fit', quant: null, path, fit }
    await writePlan(disk, plan)
    this.#start(this.#add(plan, { ...IDLE, ...FINE, status: 'fitting' }))
  }

  async pause(id: string): Promise<void> {
    const task = this.#find(id)
    task.stop?.abort()
    await task.running
  }

  resume(id: string): void {
    const task = this.#find(id)
    if (task.stop === null) this.#start(task)
  }

  /** Give it up: nothing of it stays, and what is imported stays where it was. */
  async cancel(id: string): Promise<void> {
    const task = this.#find(id)
    await this.pause(id)
    this.#tasks.delete(id)
    if (task.plan.kind !== 'import') await rm(task.plan.path, { recursive: true, force: true })
    const left = task.plan.kind === 'fit' ? ['', ...FIT_FILES, '.part'] : ['.part']
    for (const end of left) await rm(`${join(this.#models, id)}${end}`, { recursive: true, force: true })
  }

  /** Pause everything. */
  async close(): Promise<void> {
    await Promise.all([...this.#tasks.keys()].map((id) => this.pause(id)))
  }

  #add(plan: Plan, report: Task['report']): Task {
    const task: Task = { plan, report, stop: null, running: Promise.resolve() }
    this.#tasks.set(plan.id, task)
    return task
  }

  #find(id: string): Task {
    const task = this.#tasks.get(id)
    if (!task) throw new Refusal('That model is no longer on its way.')
    return task
  }

  async #refuseTwice(id: string): Promise<void> {
    if (this.#tasks.has(id)) throw new Refusal('That model is on its way already.')
    const here = await listFolder(this.#ports.ports.disk, this.#models)
    if (here.includes(id)) throw new Refusal('That model is in the library already.')
  }

  #start(task: Task): void {
    const stop = new AbortController()
    task.stop = stop
    task.running = this.#run(task, stop.signal).finally(() => (task.stop = null))
  }

  /** Never rejects: how it ended is in the report. */
  async #run(task: Task, signal: AbortSignal): Promise<void> {
    try {
      if (task.plan.fit) {
        await this.#fit(task, task.plan.fit, signal)
        this.#tasks.delete(task.plan.id)
        return
      }
      if (task.plan.kind === 'download') await this.#fetch(task, signal)
      task.report = { ...task.report, ...IDLE, ...FINE, status: 'waiting' }
      const turn = this.#converting.then(() => this.#settle(task, signal))
      this.#converting = turn.catch(() => undefined)
      await turn
      this.#tasks.delete(task.plan.id)
    } catch (error) {
      const still = { ...task.report, bytesPerSecond: 0, secondsLeft: null }
      if (signal.aborted) task.report = { ...still, ...FINE, status: 'paused' }
      else {
        const needsToken = error instanceof DownloadError && error.problem === 'login'
        task.report = { ...still, status: 'failed', problem: sentence(error), needsToken }
      }
    }
  }

  async #fetch(task: Task, signal: AbortSignal): Promise<void> {
    const { hub, ports, token } = this.#ports
    task.report = { ...task.report, ...FINE, status: 'fetching' }
    const { repo, revision, file, path, pinned } = task.plan
    const model = await listModel(hub, repo, revision, await token.get(), ports, signal, pinned)
    if (model.revision !== revision) {
      // From here on it is this commit, whatever is published before the rest has come.
      task.plan = { ...task.plan, revision: model.revision }
      await writePlan(ports.disk, task.plan)
    }
    const files = filesOf(hub, model, file, (name) => join(path, basename(name)))
    await downloadModel(files, await token.get(), ports, signal, (progress) => {
      task.report = { ...task.report, ...progress }
    })
  }

  /** Into the library: converted, or as it is. */
  async #settle(task: Task, signal: AbortSignal): Promise<void> {
    const { disk } = this.#ports.ports
    const { id, kind, repo, revision, quant, path } = task.plan
    signal.throwIfAborted()
    const origin = repo === '' ? null : { repo, revision }
    await disk.makeFolder(this.#models)
    if (quant !== null) {
      await this.#convert(task, quant, origin, signal)
      if (kind === 'download') await rm(path, { recursive: true, force: true })
      return
    }
    if (origin) await writeOrigin(disk, path, origin)
    await removeIfThere(disk, join(path, NOTE))
    await rename(path, join(this.#models, id))
  }

  async #fit(task: Task, { model, texts, ...how }: FitNote, signal: AbortSignal): Promise<void> {
    const { ports, runJob } = this.#ports
    const { id, path } = task.plan
    const [source, out] = [join(this.#models, model), join(this.#models, id)]
    const files = texts.map((text) => join(path, text))
    let speed = new Speed(ports.now)
    task.report = { ...task.report, ...IDLE, ...FINE, status: 'fitting' }
    await runJob(
      { type: 'fit', source, out, stage: how.stage, tokens: how.tokens, texts: files },
      (bytes, totalBytes, fit) => {
        if (fit?.phase !== task.report.fit?.phase) speed = new Speed(ports.now)
        const perSecond = speed.at(bytes)
        const secondsLeft = perSecond === 0 ? null : (totalBytes - bytes) / perSecond
        task.report = { ...task.report, bytes, totalBytes, secondsLeft, fit: fit ?? null }
      },
      signal,
    )
    await rm(path, { recursive: true, force: true })
  }

  async #convert(task: Task, quant: ArrivalQuant, origin: Origin | null, signal: AbortSignal): Promise<void> {
    const { ports, runJob } = this.#ports
    const { id, name, file, path } = task.plan
    const out = join(this.#models, id)
    const source = file === null ? path : join(path, basename(file))
    const speed = new Speed(ports.now)
    task.report = { ...task.report, ...IDLE, status: 'converting' }
    const onProgress = (bytes: number, totalBytes: number) => {
      const bytesPerSecond = speed.at(bytes)
      const secondsLeft = bytesPerSecond === 0 ? null : (totalBytes - bytes) / bytesPerSecond
      task.report = { ...task.report, bytes, totalBytes, bytesPerSecond, secondsLeft }
    }
    try {
      await runJob(
        { type: 'import', source, out, quant, name: origin ? name : '', origin },
        onProgress,
        signal,
      )
    } finally {
      // There is none when it went well.
      await rm(`${out}.part`, { recursive: true, force: true })
    }
  }
}

/** What to learn from, each in a file of its own beside the note. Their names: no text of the user's names a path. */
async function writeTexts(disk: Disk, folder: string, bytes: Uint8Array): Promise<string[]> {
  const texts: string[] = []
  for (const { name, text } of parseTexts(bytes)) {
    const file = `text-${texts.length}${name.toLowerCase().endsWith('.jsonl') ? '.jsonl' : '.txt'}`
    await replaceFile(disk, join(folder, file), new TextEncoder().encode(text))
    texts.push(file)
  }
  return texts
}

function sentence(error: unknown): string {
  if (error instanceof DownloadError || error instanceof Refusal) return error.message
  switch (diskCode(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return 'The disk is full: make room and go on.'
    default:
      return `It could not be put into the library: ${error instanceof Error ? error.message : String(error)}.`
  }
}
