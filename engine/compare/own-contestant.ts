import { WINDOW_ALL } from '../../kernels/attention-shape.ts'
import { EngineError } from '../errors.ts'
import { windowsOf } from '../model/layer-windows.ts'
import { ringCapacity } from '../model/sequence-state.ts'
import type {
  ChatMessage,
  ConversationOptions,
  EngineInfo,
  GenerationEvent,
  GenerationRequest,
  MemoryReport,
  ReadEvent,
} from '../protocol.ts'
import type { Contestant, ContestantEvent, ContestantMemory, Reopened } from './contestant.ts'

/** The part of a conversation that is compared; the engine has it, and so has the window's side of it. */
export interface OwnConversation {
  readonly memory: MemoryReport
  rehear(messages: readonly ChatMessage[], signal: AbortSignal): AsyncGenerator<ReadEvent>
  generate(request: GenerationRequest, signal: AbortSignal): AsyncGenerator<GenerationEvent>
  snapshot(): Promise<Uint8Array<ArrayBuffer>>
  close(): Promise<void>
}

export interface OwnEngine {
  readonly info: Pick<EngineInfo, 'windows'>
  open(options: ConversationOptions): Promise<OwnConversation>
  /** `null` when the snapshot does not fit */
  restore(options: ConversationOptions, snapshot: Uint8Array<ArrayBuffer>): Promise<OwnConversation | null>
}

/** A conversation with our own engine, with one kind of memory. */
export class OwnContestant implements Contestant {
  readonly name: string
  readonly #engine: OwnEngine
  readonly #options: ConversationOptions
  readonly #windows: readonly number[]
  #conversation: OwnConversation

  /** @throws {EngineError} */
  static async open(name: string, engine: OwnEngine, options: ConversationOptions): Promise<OwnContestant> {
    return new OwnContestant(name, engine, options, await engine.open(options))
  }

  private constructor(
    name: string,
    engine: OwnEngine,
    options: ConversationOptions,
    conversation: OwnConversation,
  ) {
    const own = engine.info.windows
    this.name = name
    this.#engine = engine
    this.#options = options
    this.#windows = options.attention === 'full' ? own.map(() => WINDOW_ALL) : windowsOf(options.window, own)
    this.#conversation = conversation
  }

  get memory(): ContestantMemory {
    const { position, stateBytes } = this.#conversation.memory
    return { position, stateBytes }
  }

  /** A state that grows doubles, and the old and the new are there at once while it is copied. */
  bytesFor(tokens: number): number {
    const { position, stateBytes } = this.#conversation.memory
    const capacity = ringCapacity(this.#windows, position)
    const wanted = ringCapacity(this.#windows, position + tokens)
    return wanted === capacity ? stateBytes : stateBytes + Math.ceil((stateBytes / capacity) * wanted)
  }

  async hear(messages: readonly ChatMessage[], signal: AbortSignal): Promise<void> {
    const reading = this.#conversation.rehear(messages, signal)
    while (!(await reading.next()).done);
  }

  answer(request: GenerationRequest, signal: AbortSignal): AsyncGenerator<GenerationEvent> {
    return this.#conversation.generate(request, signal)
  }

  async reopen(request: GenerationRequest, signal: AbortSignal): Promise<Reopened> {
    const snapshot = await this.#conversation.snapshot()
    await this.#conversation.close()
    const start = performance.now()
    await this.#restore(snapshot)
    try {
      return await timed(this.#conversation.generate(request, signal), start)
    } finally {
      await this.#conversation.close()
      await this.#restore(snapshot)
    }
  }

  async close(): Promise<void> {
    await this.#conversation.close()
  }

  async #restore(snapshot: Uint8Array<ArrayBuffer>): Promise<void> {
    const restored = await this.#engine.restore(this.#options, snapshot)
    if (restored === null)
      throw new EngineError({ code: 'internal', message: 'a memory just saved does not fit' })
    this.#conversation = restored
  }
}

/** An answer to its end, and how long it took since `start`. */
export async function timed(answer: AsyncGenerator<ContestantEvent>, start: number): Promise<Reopened> {
  let text = ''
  let firstTokenMs: number | null = null
  let msPerToken: number | null = null
  for await (const event of answer) {
    if (event.type === 'delta') {
      firstTokenMs ??= performance.now() - start
      text += event.text
    }
    if (event.type === 'end') msPerToken = decodeMs(event)
  }
  return { text, firstTokenMs: firstTokenMs ?? performance.now() - start, msPerToken }
}

/** Of one decode. The last token of an answer that was cut off is not read any more. */
export function decodeMs(end: Extract<ContestantEvent, { type: 'end' }>): number | null {
  const decodes = end.newTokens - (end.finishReason === 'length' || end.finishReason === 'loop' ? 1 : 0)
  return decodes > 0 ? end.milliseconds / decodes : null
}
