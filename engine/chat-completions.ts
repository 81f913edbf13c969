import type {
  ChatCompletion,
  ChatCompletionChunk,
  ChatCompletionRequestBase,
  ChatCompletionRequestNonStreaming,
  ChatCompletionRequestStreaming,
} from '@mlc-ai/web-llm'
import { type CompletionRequest, parseCompletionRequest } from './completion-request.ts'
import {
  addReading,
  type Answer,
  chunks,
  type CompletionEnd,
  inTheirWords,
  type Meter,
  type Piece,
  startMeter,
  usageOf,
  whole,
} from './completion-response.ts'
import type {
  ChatMessage,
  ConversationOptions,
  GenerationEvent,
  GenerationRequest,
  MemoryReport,
  ReadEvent,
} from './protocol.ts'
import { StopStrings } from './text/stop-strings.ts'

/** The part of an open conversation that completions need. */
interface CompletionConversation {
  readonly memory: MemoryReport
  generate(request: GenerationRequest, signal: AbortSignal): AsyncGenerator<GenerationEvent, void>
  rehear(messages: readonly ChatMessage[], signal: AbortSignal): AsyncGenerator<ReadEvent, void>
  close(): Promise<void>
}

/** What completions run on: `EngineClient` is one. */
interface CompletionEngine {
  readonly info: { readonly modelName: string }
  open(options: ConversationOptions): Promise<CompletionConversation>
}

/** As OpenAI's client has it: an answer whose signal aborts ends, after the token it is at. */
interface CompletionControl {
  readonly signal?: AbortSignal
}

/** WebLLM's own three signatures, and OpenAI's second argument. */
interface CreateCompletion {
  (request: ChatCompletionRequestNonStreaming, control?: CompletionControl): Promise<ChatCompletion>
  (
    request: ChatCompletionRequestStreaming,
    control?: CompletionControl,
  ): Promise<AsyncIterable<ChatCompletionChunk>>
  (
    request: ChatCompletionRequestBase,
    control?: CompletionControl,
  ): Promise<AsyncIterable<ChatCompletionChunk> | ChatCompletion>
}

/** A conversation that the next request may go on with. */
interface OpenChat {
  readonly conversation: CompletionConversation
  readonly system: string
  /** what it has heard and said */
  readonly messages: readonly ChatMessage[]
}

/**
 * OpenAI's chat completions with the types of @mlc-ai/web-llm, so that what was written for WebLLM runs here.
 *
 * A request that continues the last one (the same messages, its answer, and more) reads only what is new. Requests wait
 * for each other. What is not supported is refused in one sentence.
 *
 * @example
 * const stream = await engine.chat.completions.create({ messages: [{ role: 'user', content: 'Hello' }], stream: true })
 * for await (const chunk of stream) show(chunk.choices[0]?.delta.content ?? '')
 */
export class ChatCompletions {
  /**
   * Answer a conversation.
   *
   * @throws {EngineError} `bad-request`, or whatever the model throws; of a stream, while it is read
   */
  readonly chatCompletion: CreateCompletion
  readonly chat: { readonly completions: { readonly create: CreateCompletion } }
  readonly #engine: CompletionEngine
  readonly #memory: Pick<ConversationOptions, 'attention' | 'window'>
  #open: OpenChat | null = null
  #running: AbortController | null = null
  #queue: Promise<void> = Promise.resolve()
  #lastMessage = ''

  constructor(
    engine: CompletionEngine,
    memory: Pick<ConversationOptions, 'attention' | 'window'> = { attention: 'nha', window: null },
  ) {
    this.#engine = engine
    this.#memory = memory
    this.chatCompletion = ((request, control) => this.#create(request, control)) as CreateCompletion
    this.chat = { completions: { create: this.chatCompletion } }
  }

  /** End the answer that is being given, after the token it is at; its finish reason is `abort`. */
  interruptGenerate(): void {
    this.#running?.abort()
  }

  /** Forget the conversation; an answer that is being given ends first. */
  async resetChat(): Promise<void> {
    this.interruptGenerate()
    const unlock = await this.#lock()
    try {
      await this.#close()
      this.#lastMessage = ''
    } finally {
      unlock()
    }
  }

  /** The last answer, as far as it has come. */
  getMessage(): Promise<string> {
    return Promise.resolve(this.#lastMessage)
  }

  async #create(
    request: ChatCompletionRequestBase,
    { signal }: CompletionControl = {},
  ): Promise<AsyncIterable<ChatCompletionChunk> | ChatCompletion> {
    const parsed = parseCompletionRequest(request)
    const answer: Answer = {
      id: crypto.randomUUID(),
      created: Math.floor(Date.now() / 1000),
      model: this.#engine.info.modelName,
    }
    const pieces = this.#answer(parsed, signal)
    return parsed.isStream ? chunks(answer, pieces, parsed.includesUsage) : whole(answer, pieces)
  }

  async *#answer(request: CompletionRequest, signal?: AbortSignal): AsyncGenerator<Piece, void> {
    const unlock = await this.#lock()
    const running = new AbortController()
    const stop = () => running.abort()
    if (signal?.aborted) stop()
    signal?.addEventListener('abort', stop)
    this.#running = running
    this.#lastMessage = ''
    const meter = startMeter()
    try {
      const { conversation, unheard } = await this.#take(request)
      let isWhole = false
      try {
        for await (const event of conversation.rehear(unheard, running.signal)) {
          if (event.type === 'read') addReading(meter, event)
        }
        isWhole = yield* this.#generate(conversation, request, meter, running)
      } finally {
        if (isWhole) {
          const said: ChatMessage[] = [
            { role: 'user', content: request.message },
            { role: 'assistant', content: this.#lastMessage },
          ]
          this.#open = { conversation, system: request.system, messages: [...request.history, ...said] }
        } else await conversation.close()
      }
    } finally {
      signal?.removeEventListener('abort', stop)
      this.#running = null
      unlock()
    }
  }

  /** Returns whether the conversation holds what was handed out and nothing else. */
  async *#generate(
    conversation: CompletionConversation,
    { message, sampling, maxNewTokens, stop }: CompletionRequest,
    meter: Meter,
    running: AbortController,
  ): AsyncGenerator<Piece, boolean> {
    const before = conversation.memory.position
    meter.promptTokens = before
    const stops = new StopStrings(stop)
    const state = { isHeard: false, isStopped: false, finishReason: 'abort' as CompletionEnd }
    const events = conversation.generate({ message, sampling, maxNewTokens }, running.signal)
    try {
      for (let next = await events.next(); !next.done; next = await events.next()) {
        const event = next.value
        if (event.type === 'prefilled') {
          state.isHeard = true
          meter.promptTokens = before + event.tokens
          addReading(meter, event)
        } else if (event.type === 'delta' && !state.isStopped) {
          meter.firstTokenAt ??= performance.now()
          meter.newTokens = event.newTokens
          const { text, isStopped } = stops.push(event.text)
          if (text !== '') yield this.#piece(text)
          state.isStopped = isStopped
          if (isStopped) running.abort()
        } else if (event.type === 'end') {
          meter.decodeMilliseconds = event.milliseconds
          if (!state.isStopped) meter.newTokens = event.newTokens
          state.finishReason = state.isStopped ? 'stop' : inTheirWords(event.finishReason)
        }
      }
    } finally {
      // Whoever listens no more ends the answer; the model is free when it has seen that.
      running.abort()
      while (!(await events.next()).done);
    }
    const rest = stops.end()
    if (rest !== '') yield this.#piece(rest)
    yield { type: 'end', finishReason: state.finishReason, usage: usageOf(meter) }
    return state.isHeard && !state.isStopped
  }

  #piece(text: string): Piece {
    this.#lastMessage += text
    return { type: 'text', text }
  }

  /** The open conversation where the request goes on from it, else a new one; and what it has not heard yet. */
  async #take({ system, history }: CompletionRequest): Promise<{
    conversation: CompletionConversation
    unheard: readonly ChatMessage[]
  }> {
    const open = this.#open
    const goesOn =
      open?.system === system &&
      open.messages.every(
        ({ role, content }, i) => history[i]?.role === role && history[i].content === content,
      )
    if (open && goesOn) {
      this.#open = null
      return { conversation: open.conversation, unheard: history.slice(open.messages.length) }
    }
    await this.#close()
    return { conversation: await this.#engine.open({ ...this.#memory, system }), unheard: history }
  }

  async #close(): Promise<void> {
    const open = this.#open
    this.#open = null
    await open?.conversation.close()
  }

  /** One request at a time; who comes later waits. */
  async #lock(): Promise<() => void> {
    const before = this.#queue
    let unlock: () => void = () => undefined
    this.#queue = new Promise((resolve) => (unlock = resolve))
    await before
    return unlock
  }
}
