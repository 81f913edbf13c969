import type { Conversation } from '../../engine/conversation.ts'
import type { Engine } from '../../engine/engine.ts'
import type { EngineFailure } from '../../engine/errors.ts'
import type { TraceEvent } from '../../engine/inspect/memory-trace.ts'
import { SnapshotError } from '../../engine/memory/snapshot.ts'
import type {
  ChatMessage,
  ConversationOptions,
  EngineInfo,
  GenerationEvent,
  MemoryReport,
  ReadEvent,
} from '../../engine/protocol.ts'
import type { ChatEngine, ConversationHandle } from '../../renderer/state/engine.ts'

/** The real engine behind a window that is in the same process: what the worker does, without one. */
export class EngineInProcess implements ChatEngine {
  readonly info: EngineInfo
  readonly lost: Promise<EngineFailure>
  /** hears of each token of an answer that was told; `true` ends the answer without a word, as a kill does */
  onToken: (token: number) => boolean = () => false
  readonly #engine: Engine
  #turn: Promise<unknown> = Promise.resolve()

  constructor(engine: Engine) {
    this.#engine = engine
    this.info = engine.info
    this.lost = engine.lost
  }

  async open(options: ConversationOptions): Promise<ConversationHandle> {
    return this.#handle(await this.#engine.open(options))
  }

  async restore(
    options: ConversationOptions,
    snapshot: Uint8Array<ArrayBuffer>,
  ): Promise<ConversationHandle | null> {
    try {
      return this.#handle(await this.#engine.restore(options, snapshot))
    } catch (error) {
      if (error instanceof SnapshotError) return null
      throw error
    }
  }

  trace(
    options: ConversationOptions,
    messages: readonly ChatMessage[],
    signal: AbortSignal,
  ): AsyncGenerator<TraceEvent, void> {
    return this.#engine.trace(options, messages, signal)
  }

  dispose(): void {
    this.#engine.dispose()
  }

  /** One call at a time, as in the worker. */
  async *#inTurn<E extends GenerationEvent | ReadEvent>(
    events: () => AsyncGenerator<E, void>,
    remember: (memory: MemoryReport) => void,
  ): AsyncGenerator<E, void> {
    const before = this.#turn
    let free: () => void = () => undefined
    this.#turn = new Promise<void>((resolve) => (free = resolve))
    let killed = false
    try {
      await before
      for await (const event of events()) {
        if ('memory' in event) remember(event.memory)
        yield event
        killed = event.type === 'delta' && this.onToken(event.newTokens)
        if (killed) break
      }
    } finally {
      free()
    }
    if (killed) await new Promise(() => undefined)
  }

  #handle(conversation: Conversation): ConversationHandle {
    let { memory } = conversation
    const remember = (now: MemoryReport) => (memory = now)
    return {
      get memory() {
        return memory
      },
      generate: (request, signal) => this.#inTurn(() => conversation.generate(request, signal), remember),
      read: (name, text, signal) => this.#inTurn(() => conversation.read(name, text, signal), remember),
      rehear: (messages, signal) => this.#inTurn(() => conversation.rehear(messages, signal), remember),
      snapshot: () => {
        const taken = this.#turn.then(() => conversation.snapshot())
        this.#turn = taken.catch(() => undefined)
        return taken
      },
      inspect: (open) => conversation.inspect(open),
      close: () => {
        conversation.dispose()
        return Promise.resolve()
      },
    }
  }
}
