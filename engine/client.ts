import { ChatCompletions } from './chat-completions.ts'
import { EngineError, type EngineFailure } from './errors.ts'
import type { TraceEvent } from './inspect/memory-trace.ts'
import type {
  ChatMessage,
  ConversationOptions,
  EngineEvent,
  EngineInfo,
  FromWorker,
  GenerationEvent,
  GenerationRequest,
  LoadProgress,
  MemoryReport,
  ReadEvent,
  ToWorker,
  WorkerResult,
} from './protocol.ts'

/** `Omit` over each member of a union. */
type WithoutId<T> = T extends { readonly id: number } ? Omit<T, 'id'> : never
type Call = WithoutId<Exclude<ToWorker, { type: 'stop' }>>

interface Pending {
  readonly onEvent: (event: EngineEvent) => void
  readonly onProgress: (progress: LoadProgress) => void
  readonly resolve: (result: WorkerResult) => void
  readonly reject: (error: EngineError) => void
}

/** One conversation in the worker. */
export interface ConversationHandle {
  /** as of the last event */
  readonly memory: MemoryReport
  generate(request: GenerationRequest, signal: AbortSignal): AsyncGenerator<GenerationEvent, void>
  read(name: string, text: string, signal: AbortSignal): AsyncGenerator<ReadEvent, void>
  /** Take messages into memory as they stand. */
  rehear(messages: readonly ChatMessage[], signal: AbortSignal): AsyncGenerator<ReadEvent, void>
  /** The memory as bytes that `open` takes. */
  snapshot(): Promise<Uint8Array<ArrayBuffer>>
  /** Tell with each new token where the model looked, or no longer. */
  inspect(open: boolean): Promise<void>
  close(): Promise<void>
}

/** The window's side of the engine: the GPU, tensors and token ids stay in the worker behind it. */
export class EngineClient {
  readonly info: EngineInfo
  /** resolves when the GPU or the worker is gone */
  readonly lost: Promise<EngineFailure>
  /** OpenAI's chat completions, for code that was written for WebLLM */
  readonly completions: ChatCompletions
  /** `chat.completions.create`, of `completions` */
  readonly chat: ChatCompletions['chat']
  readonly #border: Border

  /**
   * Start a worker and load a model in it.
   *
   * @throws {EngineError} what `loadEngine` throws; the worker is gone then
   */
  static async load(
    modelUrl: string,
    onProgress: (progress: LoadProgress) => void,
    forceCpu = false,
  ): Promise<EngineClient> {
    const border = new Border(new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' }))
    try {
      const result = await border.call({ type: 'load', modelUrl, forceCpu }, undefined, onProgress)
      if (result.type !== 'loaded')
        throw new EngineError({ code: 'internal', message: `load gave ${result.type}` })
      return new EngineClient(border, result.info)
    } catch (error) {
      border.close()
      throw error
    }
  }

  private constructor(border: Border, info: EngineInfo) {
    this.#border = border
    this.info = info
    this.lost = border.lost
    this.completions = new ChatCompletions(this)
    this.chat = this.completions.chat
  }

  /** @throws {EngineError} */
  async open(options: ConversationOptions): Promise<ConversationHandle> {
    const handle = await this.#open(options, null)
    if (handle === null) throw new EngineError({ code: 'internal', message: 'open gave unfit' })
    return handle
  }

  /**
   * Open a conversation where a snapshot left it; `null` when that does not fit, or is damaged.
   *
   * @throws {EngineError}
   */
  restore(
    options: ConversationOptions,
    snapshot: Uint8Array<ArrayBuffer>,
  ): Promise<ConversationHandle | null> {
    return this.#open(options, snapshot)
  }

  async #open(
    options: ConversationOptions,
    snapshot: Uint8Array<ArrayBuffer> | null,
  ): Promise<ConversationHandle | null> {
    const border = this.#border
    const result = await border.call({ type: 'open', options, snapshot })
    if (result.type === 'unfit') return null
    if (result.type !== 'opened')
      throw new EngineError({ code: 'internal', message: `open gave ${result.type}` })
    const { conversation } = result
    let { memory } = result
    const remember = <E extends GenerationEvent | ReadEvent>(event: E): E => {
      if ('memory' in event) memory = event.memory
      return event
    }
    return {
      get memory() {
        return memory
      },
      async *generate(request, signal) {
        for await (const event of border.stream({ type: 'generate', conversation, request }, signal)) {
          if (isOfReply(event)) yield remember(event)
        }
      },
      async *read(name, text, signal) {
        for await (const event of border.stream({ type: 'read', conversation, name, text }, signal)) {
          if (event.type === 'reading' || event.type === 'read') yield remember(event)
        }
      },
      async *rehear(messages, signal) {
        for await (const event of border.stream({ type: 'rehear', conversation, messages }, signal)) {
          if (event.type === 'reading' || event.type === 'read') yield remember(event)
        }
      },
      inspect: async (open) => {
        await border.call({ type: 'inspect', conversation, open })
      },
      snapshot: async () => {
        const taken = await border.call({ type: 'snapshot', conversation })
        if (taken.type === 'snapshot') return taken.bytes
        throw new EngineError({ code: 'internal', message: `snapshot gave ${taken.type}` })
      },
      close: async () => {
        await border.call({ type: 'close', conversation })
      },
    }
  }

  /**
   * Read messages once more, beside every conversation, and say what is left of them.
   *
   * @throws {EngineError}
   */
  async *trace(
    options: ConversationOptions,
    messages: readonly ChatMessage[],
    signal: AbortSignal,
  ): AsyncGenerator<TraceEvent, void> {
    for await (const event of this.#border.stream({ type: 'trace', options, messages }, signal)) {
      if (event.type === 'tracing' || event.type === 'traced') yield event
    }
  }

  dispose(): void {
    this.#border.close()
  }
}

function isOfReply(event: EngineEvent): event is GenerationEvent {
  return !['reading', 'read', 'tracing', 'traced'].includes(event.type)
}

/** Calls over a worker: each has an id, any number of events, and one end. */
class Border {
  readonly lost: Promise<EngineFailure>
  readonly #worker: Worker
  readonly #pending = new Map<number, Pending>()
  #nextId = 1

  constructor(worker: Worker) {
    this.#worker = worker
    this.lost = new Promise((resolve) => {
      const fail = (failure: EngineFailure) => {
        for (const { reject } of this.#pending.values()) reject(new EngineError(failure))
        this.#pending.clear()
        resolve(failure)
      }
      worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => {
        if (data.type === 'lost') fail(data.failure)
        else this.#receive(data)
      })
      worker.addEventListener('error', (event) => {
        fail({ code: 'internal', message: event.message || 'the engine could not start' })
      })
    })
  }

  call(
    call: Call,
    onEvent: Pending['onEvent'] = () => undefined,
    onProgress: Pending['onProgress'] = () => undefined,
    onId: (id: number) => void = () => undefined,
  ): Promise<WorkerResult> {
    const id = this.#nextId++
    onId(id)
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { onEvent, onProgress, resolve, reject })
      this.#worker.postMessage({ ...call, id } satisfies ToWorker)
    })
  }

  /** The events of one call in order; the call is stopped when `signal` says so or the listener leaves. */
  async *stream(call: Call, signal: AbortSignal): AsyncGenerator<EngineEvent, void> {
    const events: EngineEvent[] = []
    let wake: () => void = () => undefined
    const state = { ended: false }
    let id = 0
    const end = this.call(
      call,
      (event) => {
        events.push(event)
        wake()
      },
      undefined,
      (given) => (id = given),
    ).finally(() => {
      state.ended = true
      wake()
    })
    // A listener that leaves early must not turn a later failure into an unhandled rejection.
    end.catch(() => undefined)
    const stop = () => this.#worker.postMessage({ type: 'stop', id } satisfies ToWorker)
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop)
    try {
      while (!state.ended || events.length > 0) {
        const event = events.shift()
        if (event) yield event
        else await new Promise<void>((resolve) => (wake = resolve))
      }
      await end
    } finally {
      signal.removeEventListener('abort', stop)
      if (!state.ended) stop()
    }
  }

  close(): void {
    this.#worker.terminate()
    for (const { reject } of this.#pending.values()) {
      reject(new EngineError({ code: 'internal', message: 'the engine was closed' }))
    }
    this.#pending.clear()
  }

  #receive(message: Exclude<FromWorker, { type: 'lost' }>): void {
    const pending = this.#pending.get(message.id)
    if (!pending) return
    switch (message.type) {
      case 'progress':
        pending.onProgress(message.progress)
        break
      case 'event':
        pending.onEvent(message.event)
        break
      case 'done':
        this.#pending.delete(message.id)
        pending.resolve(message.result)
        break
      case 'failed':
        this.#pending.delete(message.id)
        pending.reject(new EngineError(message.failure))
        break
    }
  }
}
