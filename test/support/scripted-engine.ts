import { EngineError, type EngineFailure } from '../../engine/errors.ts'
import type { TraceEvent } from '../../engine/inspect/memory-trace.ts'
import type {
  ChatMessage,
  ConversationOptions,
  EngineInfo,
  FinishReason,
  GenerationEvent,
  GenerationRequest,
  GpuReport,
  LoadProgress,
  MemoryReport,
  ReadEvent,
} from '../../engine/protocol.ts'
import type { ChatEngine, ConversationHandle, LoadEngine } from '../../renderer/state/engine.ts'

/** What the scripted model does with a message: its words, one delta each, or a failure after some of them. */
export interface ScriptedAnswer {
  readonly text: string
  /** a delta for each character */
  readonly byCharacter?: boolean
  /** how it ends, if not as its length or a stop say */
  readonly ends?: FinishReason
  readonly failure?: EngineFailure
}

export interface Script {
  readonly answer: (message: string, turn: number, of: ScriptedConversation) => ScriptedAnswer
  /** pause before each event; 0 still yields to the event loop */
  readonly pause?: (milliseconds: number) => Promise<void>
  readonly tokenMilliseconds?: number
  readonly info?: Partial<EngineInfo>
}

export const SCRIPTED_GPU: GpuReport = {
  available: true,
  hint: '',
  vendor: 'google',
  architecture: 'swiftshader',
  description: 'SwiftShader Device (Subzero)',
  isFallback: true,
  features: ['subgroups', 'timestamp-query'],
  limits: { maxBufferSize: 1_073_741_824, maxStorageBufferBindingSize: 1_073_741_824 },
}

const INFO: EngineInfo = {
  modelName: 'Pocket',
  backend: 'webgpu',
  notice: '',
  gpu: SCRIPTED_GPU,
  weightBytes: 11_204_608,
  scratchBytes: 2_621_440,
  windows: [32, 32, 32, 64],
  slots: 32,
  sampling: { temperature: 0.7, topK: 40, topP: 0.95, minP: 0, repetitionPenalty: 1.1, seed: null },
}

/** Bytes of the scripted states: constant for NHA, per token for full attention, as the real ones are. */
export const SCRIPTED_STATE_BYTES = 412_672
export const SCRIPTED_BYTES_PER_TOKEN = 3_072

/** An engine that plays a script with the events, limits and failures of the real one. */
export class ScriptedEngine implements ChatEngine {
  readonly info: EngineInfo
  readonly lost: Promise<EngineFailure>
  readonly opened: ScriptedConversation[] = []
  disposed = false
  readonly #script: Script
  #lose: (failure: EngineFailure) => void = () => undefined

  constructor(script: Script) {
    this.#script = script
    this.info = { ...INFO, ...script.info }
    this.lost = new Promise((resolve) => {
      this.#lose = resolve
    })
  }

  /** Snapshots are the position in decimal digits. */
  async restore(
    options: ConversationOptions,
    snapshot: Uint8Array<ArrayBuffer>,
  ): Promise<ScriptedConversation | null> {
    const position = Number(new TextDecoder().decode(snapshot))
    if (!Number.isSafeInteger(position)) return null
    const conversation = await this.open(options)
    conversation.position = position
    return conversation
  }

  open(options: ConversationOptions): Promise<ScriptedConversation> {
    const conversation = new ScriptedConversation(this.#script, options, (failure) => this.lose(failure))
    this.opened.push(conversation)
    return Promise.resolve(conversation)
  }

  /** Nothing is known of a script's memory. */
  async *trace(options: ConversationOptions): AsyncGenerator<TraceEvent, void> {
    const { memory } = await this.open(options)
    const trace = { position: memory.position, pieces: [], slots: [], newest: [] }
    yield { type: 'traced', trace }
  }

  lose(failure: EngineFailure): void {
    for (const conversation of this.opened) conversation.lose(failure)
    this.#lose(failure)
  }

  dispose(): void {
    this.disposed = true
  }
}

export class ScriptedConversation implements ConversationHandle {
  readonly requests: GenerationRequest[] = []
  closed = false
  readonly options: ConversationOptions
  readonly #script: Script
  readonly #loseEngine: (failure: EngineFailure) => void
  position = 0
  #lost: EngineFailure | null = null

  constructor(script: Script, options: ConversationOptions, loseEngine: (failure: EngineFailure) => void) {
    this.#script = script
    this.options = options
    this.#loseEngine = loseEngine
  }

  get memory(): MemoryReport {
    const grows = this.options.attention === 'full'
    return {
      position: this.position,
      tokens: `tokens-${this.position}`,
      stateBytes: grows ? this.position * SCRIPTED_BYTES_PER_TOKEN : SCRIPTED_STATE_BYTES,
    }
  }

  /** What a token takes, of what the first takes: constant for NHA, longer the more there is for full attention. */
  get #effort(): number {
    return this.options.attention === 'full' ? 1 + this.position / 2000 : 1
  }

  lose(failure: EngineFailure): void {
    this.#lost = failure
  }

  async *generate(request: GenerationRequest, signal: AbortSignal): AsyncGenerator<GenerationEvent> {
    this.requests.push(request)
    const {
      text,
      failure,
      byCharacter,
      ends = 'stop',
    } = this.#script.answer(request.message, this.requests.length, this)
    const promptTokens = Math.ceil(request.message.length / 4) + 6
    const pause = this.#script.pause ?? (() => Promise.resolve())
    const effort = this.#effort
    const perToken = (this.#script.tokenMilliseconds ?? 20) * effort

    for (let read = 0; read < promptTokens && !signal.aborted; read += 64) {
      yield { type: 'prefilling', tokens: Math.min(read, promptTokens), totalTokens: promptTokens }
      await pause(perToken)
    }
    this.position += promptTokens
    yield { type: 'prefilled', tokens: promptTokens, milliseconds: promptTokens * 4 }

    const words = byCharacter ? Array.from(text) : (text.match(/\S+\s*|\s+/g) ?? [])
    let newTokens = 0
    for (const word of words.slice(0, request.maxNewTokens)) {
      if (signal.aborted) break
      await pause(perToken)
      if (this.#lost) throw new EngineError(this.#lost)
      newTokens++
      this.position++
      yield { type: 'delta', text: word, newTokens }
    }
    if (failure?.code === 'device-lost') this.#loseEngine(failure)
    if (failure) throw new EngineError(failure)
    const finishReason = signal.aborted ? 'abort' : newTokens < words.length ? 'length' : ends
    // The last token of an answer that was cut off is not read any more.
    const isCut = finishReason === 'length' || finishReason === 'loop'
    const decodes = isCut && newTokens > 0 ? newTokens - 1 : newTokens
    yield { type: 'end', finishReason, newTokens, milliseconds: decodes * 20 * effort, memory: this.memory }
  }

  async *read(_name: string, text: string, signal: AbortSignal): AsyncGenerator<ReadEvent> {
    const totalTokens = text.length
    for (let tokens = 0; tokens < totalTokens && !signal.aborted; tokens += 500) {
      yield { type: 'reading', tokens, totalTokens }
      await (this.#script.pause ?? (() => Promise.resolve()))(this.#script.tokenMilliseconds ?? 20)
    }
    this.position += totalTokens
    yield { type: 'read', tokens: totalTokens, milliseconds: totalTokens, memory: this.memory }
  }

  async *rehear(messages: readonly ChatMessage[]): AsyncGenerator<ReadEvent> {
    await Promise.resolve()
    const tokens = messages.reduce((sum, { content }) => sum + content.length, 0)
    this.position += tokens
    yield { type: 'read', tokens, milliseconds: 1, memory: this.memory }
  }

  inspect(): Promise<void> {
    return Promise.resolve()
  }

  snapshot(): Promise<Uint8Array<ArrayBuffer>> {
    return Promise.resolve(new TextEncoder().encode(String(this.position)))
  }

  close(): Promise<void> {
    this.closed = true
    return Promise.resolve()
  }
}

/** Loads a scripted engine in three phases, as the real client reports them. */
export function scriptedLoad(
  make: (forceCpu: boolean) => ScriptedEngine,
  pause: (milliseconds: number) => Promise<void> = () => Promise.resolve(),
): LoadEngine {
  return async (onProgress: (progress: LoadProgress) => void, forceCpu) => {
    for (const [phase, total] of [
      ['download', 11_204_608],
      ['upload', 11_204_608],
      ['compile', 14],
    ] as const) {
      for (let step = 0; step <= 4; step++) {
        onProgress({ phase, loaded: (total * step) / 4, total })
        await pause(60)
      }
    }
    return make(forceCpu)
  }
}
