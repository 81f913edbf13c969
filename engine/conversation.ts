import { EngineError } from './errors.ts'
import { generate, type Memory, readAll } from './generate.ts'
import type { Model, Sequence } from './model/sequence.ts'
import type {
  ChatMessage,
  GenerationEvent,
  GenerationRequest,
  MemoryReport,
  ReadEvent,
  Sampling,
} from './protocol.ts'
import type { ChatTemplate } from './text/chat-template.ts'
import { Sampler } from './text/sampler.ts'
import type { Tokenizer } from './text/tokenizer.ts'

/** What every conversation of an engine shares. */
export interface ConversationParts {
  readonly model: Model
  readonly tokenizer: Tokenizer
  readonly template: ChatTemplate
  readonly defaults: Sampling
  /** taken for the length of one call: the model answers one at a time. Throws `busy` */
  readonly lock: () => () => void
}

/**
 * One conversation: its memory only ever grows at the end. A new turn renders and tokenizes nothing that has been read.
 */
export class Conversation {
  readonly #parts: ConversationParts
  readonly #system: string
  readonly #memory: Memory
  #first = true
  #afterReply = false

  constructor(parts: ConversationParts, sequence: Sequence, system: string) {
    this.#parts = parts
    this.#memory = { sequence, unread: [] }
    this.#system = system
  }

  get memory(): MemoryReport {
    const { position, stateBytes } = this.#memory.sequence
    return { position, stateBytes }
  }

  /**
   * Read a document into memory. Stopped half-way, what was read stays and the document is closed there.
   *
   * @throws {EngineError} `empty-prompt`, `busy`, or what the model throws
   */
  async *read(_name: string, text: string, signal: AbortSignal): AsyncGenerator<ReadEvent, void> {
    if (text.trim() === '') throw new EngineError({ code: 'empty-prompt' })
    const unlock = this.#parts.lock()
    try {
      const closing = this.#append({ role: 'document', content: text }, false)
      const totalTokens = this.#memory.unread.length
      const start = performance.now()
      const reading = readAll(this.#memory, this.#parts.model.chunkTokens, 1, signal)
      for await (const tokens of reading) yield { type: 'reading', tokens, totalTokens }
      const tokens = totalTokens - this.#memory.unread.length
      if (this.#memory.unread.length > 0) this.#memory.unread = closing
      yield { type: 'read', tokens, milliseconds: performance.now() - start, memory: this.memory }
    } finally {
      unlock()
    }
  }

  /**
   * Answer one message.
   *
   * @throws {EngineError} `empty-prompt`, `bad-request`, `busy`, or what the model throws
   */
  async *generate(request: GenerationRequest, signal: AbortSignal): AsyncGenerator<GenerationEvent, void> {
    const { message, maxNewTokens } = request
    if (message.trim() === '') throw new EngineError({ code: 'empty-prompt' })
    if (!Number.isInteger(maxNewTokens) || maxNewTokens < 1) {
      const reason = `the answer's length should be a whole number of tokens from 1 up, not ${maxNewTokens}`
      throw new EngineError({ code: 'bad-request', reason })
    }
    const { model, tokenizer, defaults, lock } = this.#parts
    const sampler = new Sampler({ ...defaults, ...request.sampling }, model.config.vocabSize)
    const unlock = lock()
    try {
      const closing = this.#append({ role: 'user', content: message }, true)
      this.#afterReply = true
      const memory = this.#memory
      const before = memory.sequence.position
      const reply = { memory, tokenizer, sampler, slice: model.chunkTokens, maxNewTokens }
      try {
        yield* generate(reply, signal)
      } finally {
        // A prompt stopped half-way is closed where it stands; the rest of it is not read later behind the user's back.
        if (memory.unread.length > closing.length && memory.sequence.position >= before)
          memory.unread = closing
      }
    } finally {
      unlock()
    }
  }

  dispose(): void {
    this.#memory.sequence.dispose()
  }

  /** Queue a message for reading; returns the tokens that close it, those after its text. */
  #append(message: ChatMessage, generationPrompt: boolean): number[] {
    const { template, tokenizer } = this.#parts
    const context = { system: this.#system, first: this.#first, afterReply: this.#afterReply }
    const pieces = template.append(context, [message], generationPrompt)
    const closing = pieces.slice(pieces.findLastIndex(({ kind }) => kind === 'text') + 1)
    this.#memory.unread = [...this.#memory.unread, ...tokenizer.encodePieces(pieces)]
    this.#first = false
    this.#afterReply = false
    return tokenizer.encodePieces(closing)
  }
}
