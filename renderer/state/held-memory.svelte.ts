import { EngineError } from '../../engine/errors.ts'
import type { ConversationOptions, MemoryReport } from '../../engine/protocol.ts'
import type { ChatEngine, ConversationHandle } from './engine.ts'
import type { Keeping } from './keeping.svelte.ts'
import { type Restored, takeUp } from './take-up.ts'

interface Opened {
  readonly engine: ChatEngine
  readonly handle: Promise<ConversationHandle>
}

/** A conversation's memory in the engine: opened where it is needed, and again after the engine was lost. */
export class HeldMemory {
  report: MemoryReport | null = $state.raw(null)
  /** how it came back, where it did */
  restored: Restored | null = $state.raw(null)
  readonly #engine: () => Promise<ChatEngine>
  readonly #options: ConversationOptions
  readonly #keeping: Keeping
  #opened: Opened | null = null
  #closed = false

  constructor(engine: () => Promise<ChatEngine>, options: ConversationOptions, keeping: Keeping) {
    this.#engine = engine
    this.#options = options
    this.#keeping = keeping
  }

  /** What is open now; it may be on its way. */
  get handle(): Promise<ConversationHandle> | undefined {
    return this.#opened?.handle
  }

  /**
   * @param signal what stops it when the engine is there
   * @throws {EngineError} when there is no engine, or it has no room, or the conversation is closed
   */
  async open(signal: () => AbortSignal): Promise<ConversationHandle> {
    const engine = await this.#engine()
    if (this.#closed) throw new EngineError({ code: 'bad-request', reason: 'the conversation is closed' })
    if (this.#opened?.engine === engine) return this.#opened.handle
    const opened = { engine, handle: this.#takeUp(engine, signal()) }
    this.#opened = opened
    try {
      const handle = await opened.handle
      this.report = handle.memory
      return handle
    } catch (error) {
      if (this.#opened === opened) this.#opened = null
      throw error
    }
  }

  /** It is of another way: the next to open it takes it up from the one that is shown. */
  async leave(): Promise<void> {
    this.restored = null
    const opened = this.#opened
    this.#opened = null
    await (await opened?.handle)?.close()
  }

  /** Nothing opens it any more. */
  shut(): void {
    this.#closed = true
  }

  async #takeUp(engine: ChatEngine, signal: AbortSignal): Promise<ConversationHandle> {
    const { handle, restored } = await takeUp(engine, this.#options, this.#keeping, signal)
    this.restored = restored ?? this.restored
    return handle
  }
}
