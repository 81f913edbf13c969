import { EngineError, type EngineFailure, toFailure } from './errors.ts'
import type { Rebuild } from './memory/lasting-sequence.ts'
import type { Model, SavedState, Sequence, SequenceOptions } from './model/sequence.ts'

/** A model and the GPU it is on; on the CPU there is none to lose. */
export interface LoadedModel {
  readonly model: Model
  readonly device: GPUDevice | null
}

/** Pauses before each new try: a driver that was reset needs a moment. After the last one it is given up. */
const PAUSES = [0, 250, 1000, 2000] as const

/** The model of an engine, loaded anew on a new device when its device is lost. */
export class LiveModel {
  /** resolves when the GPU is gone and did not come back */
  readonly lost: Promise<EngineFailure>
  #current: LoadedModel
  #disposed = false
  readonly #load: () => Promise<LoadedModel>
  #revival: Promise<void> | null = null
  #giveUp: (failure: EngineFailure) => void = () => undefined

  constructor(loaded: LoadedModel, load: () => Promise<LoadedModel>) {
    this.#current = loaded
    this.#load = load
    this.lost = new Promise((resolve) => (this.#giveUp = resolve))
  }

  get model(): Model {
    return this.#current.model
  }

  /** What takes a sequence of these options, made on the model as it is now, over each loss. */
  rebuilding(options: SequenceOptions): Rebuild {
    let madeOn = this.#current
    return async (failure, saved, attempt): Promise<Sequence> => {
      if (this.#disposed) throw new EngineError(failure)
      if (attempt >= PAUSES.length) {
        this.#giveUp(failure)
        throw new EngineError(failure)
      }
      // Whoever shares the model may have brought it back already.
      if (madeOn === this.#current) await this.#revive(failure, attempt)
      madeOn = this.#current
      return madeOn.model.createSequence(options, saved)
    }
  }

  /**
   * A sequence on the model as it is now. Where its GPU was lost while nobody asked it anything, which only shows now,
   * on the one that takes its place.
   */
  async createSequence(
    options: SequenceOptions,
    saved: SavedState | undefined,
    rebuild: Rebuild | null,
  ): Promise<Sequence> {
    try {
      return await this.model.createSequence(options, saved)
    } catch (error) {
      const failure = toFailure(error)
      // A device that is gone says so, or its calls fail in the browser's own words.
      if (!rebuild || (failure.code !== 'device-lost' && error instanceof EngineError)) throw error
      return rebuild(failure, saved, 0)
    }
  }

  dispose(): void {
    this.#disposed = true
    this.#current.model.dispose()
    this.#current.device?.destroy()
  }

  #revive(failure: EngineFailure, attempt: number): Promise<void> {
    this.#revival ??= this.#loadAgain(failure, attempt).finally(() => (this.#revival = null))
    return this.#revival
  }

  async #loadAgain(failure: EngineFailure, attempt: number): Promise<void> {
    this.#current.model.dispose()
    this.#current.device?.destroy()
    let last = failure
    for (const pause of PAUSES.slice(attempt)) {
      await new Promise((resolve) => setTimeout(resolve, pause))
      try {
        const loaded = await this.#load()
        this.#current = loaded
        // Closed while it was loading.
        if (this.#disposed) this.dispose()
        return
      } catch (error) {
        last = toFailure(error)
      }
    }
    this.#giveUp(last)
    throw new EngineError(failure)
  }
}
