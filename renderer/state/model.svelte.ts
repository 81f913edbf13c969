import { createContext } from 'svelte'
import { EngineError, type EngineFailure, toFailure } from '../../engine/errors.ts'
import type { GpuReport, LoadProgress } from '../../engine/protocol.ts'
import type { ChatEngine, LoadEngine } from './engine.ts'

export type ModelState =
  | { readonly status: 'absent' }
  | { readonly status: 'loading'; readonly progress: LoadProgress | null }
  | { readonly status: 'ready'; readonly engine: ChatEngine }
  | { readonly status: 'failed'; readonly failure: EngineFailure }

/** The one model in use: absent, loading, ready or failed; loaded again after a failure. */
export class Model {
  state: ModelState = $state.raw({ status: 'absent' })
  /** what the last GPU check found; the engine brings one with it */
  gpu: GpuReport | null = $state.raw(null)
  readonly info = $derived(this.state.status === 'ready' ? this.state.engine.info : null)
  readonly failure = $derived(this.state.status === 'failed' ? this.state.failure : null)

  readonly #loadEngine: LoadEngine
  readonly #inspect: () => Promise<GpuReport>
  #engine: Promise<ChatEngine> | null = null
  /** how often `load` was called: what an earlier load still reports is not heard */
  #loads = 0

  constructor(loadEngine: LoadEngine, inspect: () => Promise<GpuReport>) {
    this.#loadEngine = loadEngine
    this.#inspect = inspect
  }

  /** Load, or load again; the engine before is given back first. Failures end in `state`, never in a throw. */
  async load(forceCpu = false): Promise<void> {
    if (this.state.status === 'ready') this.state.engine.dispose()
    this.state = { status: 'loading', progress: null }
    const load = ++this.#loads
    this.#engine = this.#loadEngine((progress) => {
      if (load === this.#loads) this.state = { status: 'loading', progress }
    }, forceCpu)
    try {
      const engine = await this.#engine
      if (load !== this.#loads) {
        engine.dispose()
        return
      }
      this.gpu = engine.info.gpu
      this.state = { status: 'ready', engine }
      void this.#watch(engine)
    } catch (error) {
      if (load === this.#loads) this.state = { status: 'failed', failure: toFailure(error) }
    }
  }

  /**
   * The engine, as soon as there is one.
   *
   * @throws {EngineError} what the load failed with, or what the engine was lost to
   */
  async ready(): Promise<ChatEngine> {
    if (this.state.status === 'failed') throw new EngineError(this.state.failure)
    if (this.#engine === null) void this.load()
    if (this.#engine === null) throw new Error('load() did not begin')
    return this.#engine
  }

  /** Look at the GPU again, whatever became of the load. */
  async checkGpu(): Promise<void> {
    this.gpu = await this.#inspect()
  }

  async #watch(engine: ChatEngine): Promise<void> {
    const failure = await engine.lost
    if (this.state.status === 'ready' && this.state.engine === engine) {
      engine.dispose()
      this.state = { status: 'failed', failure }
    }
  }
}

export const [useModel, provideModel] = createContext<Model>()
