import { createContext } from 'svelte'
import { EngineError, type EngineFailure, toFailure } from '../../engine/errors.ts'
import type { GpuReport, LoadProgress } from '../../engine/protocol.ts'
import type { ChatEngine, LoadEngine } from './engine.ts'
import { sayFailure } from './failure-words.ts'
import { POCKET } from './settings-values.ts'

export type ModelState =
  | { readonly status: 'absent' }
  | { readonly status: 'loading'; readonly progress: LoadProgress | null }
  | { readonly status: 'ready'; readonly engine: ChatEngine }
  | { readonly status: 'failed'; readonly failure: EngineFailure }

/** Another model that is being loaded while the one in use goes on. */
export interface Choosing {
  readonly id: string
  readonly progress: LoadProgress | null
}

/** A model that could not be used, and why: one sentence. */
export interface ModelRefusal {
  readonly id: string
  readonly sentence: string
}

/** The one model in use: absent, loading, ready or failed; loaded again after a failure, changed for another. */
export class Model {
  state: ModelState = $state.raw({ status: 'absent' })
  /** the model in use: `POCKET`, or one of the library */
  id = $state(POCKET)
  choosing: Choosing | null = $state.raw(null)
  refusal: ModelRefusal | null = $state.raw(null)
  /** the model that should have been used from the start, while the built-in one stands in for it */
  fallback: ModelRefusal | null = $state.raw(null)
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

  /** Load what was chosen last; where that cannot be used any more, the built-in model, and `refusal` says why. */
  async start(id: string): Promise<void> {
    this.id = id
    await this.load()
    if (this.failure === null || id === POCKET || isOfGpu(this.failure)) return
    this.refusal = { id, sentence: sayFailure(this.failure) }
    this.fallback = this.refusal
    this.id = POCKET
    await this.load()
  }

  /** Load, or load again; the engine before is given back first. Failures end in `state`, never in a throw. */
  async load(forceCpu = false): Promise<void> {
    if (this.state.status === 'ready') this.state.engine.dispose()
    this.state = { status: 'loading', progress: null }
    const load = ++this.#loads
    this.#engine = this.#loadEngine(
      (progress) => {
        if (load === this.#loads) this.state = { status: 'loading', progress }
      },
      forceCpu,
      this.id,
    )
    try {
      const engine = await this.#engine
      if (load !== this.#loads) engine.dispose()
      else this.#take(engine)
    } catch (error) {
      if (load === this.#loads) this.state = { status: 'failed', failure: toFailure(error) }
    }
  }

  /**
   * Change to another model. The one in use answers until the other is ready, and stays when that cannot be used.
   *
   * @param before done when the other is ready: whoever uses the engine lets go of it
   * @returns whether it changed; if not, `refusal` says why
   */
  async choose(id: string, before: () => Promise<void>): Promise<boolean> {
    if (this.choosing !== null) return false
    this.refusal = null
    this.fallback = null
    if (id === this.id && this.state.status === 'ready') return true
    this.choosing = { id, progress: null }
    try {
      const engine = await this.#loadBeside(id, before)
      await before()
      this.#loads++
      if (this.state.status === 'ready') this.state.engine.dispose()
      this.#engine = Promise.resolve(engine)
      this.id = id
      this.#take(engine)
      return true
    } catch (error) {
      this.refusal = { id, sentence: sayFailure(toFailure(error)) }
      return false
    } finally {
      this.choosing = null
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

  /** Another model, beside the one in use; whoever asks for it gives it back. @throws {EngineError} */
  another(id: string): Promise<ChatEngine> {
    return this.#loadEngine(() => undefined, false, id)
  }

  /** Look at the GPU again, whatever became of the load. */
  async checkGpu(): Promise<void> {
    this.gpu = await this.#inspect()
  }

  /** Where the GPU has no room for both, the one in use gives way first, and comes back if the other fails. */
  async #loadBeside(id: string, before: () => Promise<void>): Promise<ChatEngine> {
    const onProgress = (progress: LoadProgress) => (this.choosing = { id, progress })
    try {
      return await this.#loadEngine(onProgress, false, id)
    } catch (error) {
      if (toFailure(error).code !== 'out-of-memory' || this.state.status !== 'ready') throw error
    }
    await before()
    this.state.engine.dispose()
    this.state = { status: 'loading', progress: null }
    const engine = this.#loadEngine(onProgress, false, id)
    this.#engine = engine
    try {
      return await engine
    } catch (error) {
      await this.load()
      throw error
    }
  }

  #take(engine: ChatEngine): void {
    this.gpu = engine.info.gpu
    this.state = { status: 'ready', engine }
    void this.#watch(engine)
  }

  async #watch(engine: ChatEngine): Promise<void> {
    const failure = await engine.lost
    if (this.state.status === 'ready' && this.state.engine === engine) {
      engine.dispose()
      this.state = { status: 'failed', failure }
    }
  }
}

/** Another model would fare no better. */
function isOfGpu({ code }: EngineFailure): boolean {
  return code === 'no-webgpu' || code === 'device-lost'
}

export const [useModel, provideModel] = createContext<Model>()
