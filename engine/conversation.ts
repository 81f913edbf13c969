import { WINDOW_ALL } from '../kernels/attention-shape.ts'
import { withoutPageEnds } from './documents/paging.ts'
import { asHeard } from './memory/heard.ts'
import { EngineError } from './errors.ts'
import type { LineageLayer } from './inspect/lineage.ts'
import { generate, type Memory, readAll } from './generate.ts'
import { LastingSequence, type Rebuild } from './memory/lasting-sequence.ts'
import { encodeSnapshot, type SavedConversation, type SnapshotOwner } from './memory/snapshot.ts'
import { layerSinks } from './model/layer-windows.ts'
import { type Model, type Sequence, sequenceOptions } from './model/sequence.ts'
import type {
  ChatMessage,
  GenerationEvent,
  GenerationRequest,
  LookedToken,
  MemoryReport,
  ReadEvent,
  Sampling,
} from './protocol.ts'
import type { ChatTemplate } from './text/chat-template.ts'
import { type Opening, PassingOn } from './text/passing-on.ts'
import { type Bias, Sampler } from './text/sampler.ts'
import type { Tokenizer } from './text/tokenizer.ts'

/** What every conversation of an engine shares. */
export interface ConversationParts {
  readonly model: Model
  readonly tokenizer: Tokenizer
  readonly template: ChatTemplate
  readonly defaults: Sampling
  /** what the model says before it passes on words that were looked up */
  readonly opening: Opening
  /** its bias where what is asked for was looked up and not found */
  readonly doubts: Bias
  /** taken for the length of one call: the model answers one at a time. Throws `busy` */
  readonly lock: () => () => void
  /** what a snapshot of it belongs to */
  readonly owner: SnapshotOwner
  /** what to do when the GPU is lost; without it a loss is thrown */
  readonly rebuild?: Rebuild
}

/**
 * One conversation: its memory only ever grows at the end. A new turn renders and tokenizes nothing that has been read.
 */
export class Conversation {
  readonly #parts: ConversationParts
  readonly #system: string
  readonly #memory: Memory & { readonly sequence: LastingSequence }
  #first: boolean
  #afterReply: boolean
  #inspected = false

  /** @param saved where `sequence` comes from, if it is not new */
  constructor(parts: ConversationParts, sequence: Sequence, system: string, saved?: SavedConversation) {
    this.#parts = parts
    const lasting = new LastingSequence(sequence, parts.rebuild ?? null, saved)
    this.#memory = { sequence: lasting, unread: saved?.unread ?? [] }
    this.#system = system
    this.#first = saved?.first ?? true
    this.#afterReply = saved?.afterReply ?? false
  }

  get memory(): MemoryReport {
    const { position, stateBytes, tokens } = this.#memory.sequence
    return { position, stateBytes, tokens }
  }

  /**
   * Read a document into memory. Stopped half-way, what was read stays and the document is closed there; stopped before
   * any of it was read, it was never there.
   *
   * @throws {EngineError} `empty-prompt`, `busy`, or what the model throws
   */
  async *read(_name: string, text: string, signal: AbortSignal): AsyncGenerator<ReadEvent, void> {
    if (text.trim() === '') throw new EngineError({ code: 'empty-prompt' })
    const unlock = this.#parts.lock()
    try {
      const stop = this.#append([{ role: 'document', content: text }], false)
      const totalTokens = this.#memory.unread.length
      const start = performance.now()
      let tokens = 0
      try {
        const reading = readAll(this.#memory, this.#parts.model.chunkTokens, 1, signal)
        for await (tokens of reading) yield { type: 'reading', tokens, totalTokens }
      } finally {
        stop()
      }
      yield { type: 'read', tokens, milliseconds: performance.now() - start, memory: this.memory }
    } finally {
      unlock()
    }
  }

  /**
   * Take messages into memory as they stand, replies among them: nothing is generated. After a reply at the end the
   * conversation is where it would be had the model written it.
   *
   * @throws {EngineError} `busy`, or what the model throws
   */
  async hear(messages: readonly ChatMessage[]): Promise<void> {
    const reading = this.rehear(messages, new AbortController().signal)
    while (!(await reading.next()).done);
  }

  /** As `hear`, saying how far it is. Stopped, what was not read yet is read with the next message. */
  async *rehear(messages: readonly ChatMessage[], signal: AbortSignal): AsyncGenerator<ReadEvent, void> {
    if (messages.length === 0) return
    const unlock = this.#parts.lock()
    try {
      this.#append(messages, false)
      const totalTokens = this.#memory.unread.length
      const start = performance.now()
      for await (const tokens of readAll(this.#memory, this.#parts.model.chunkTokens, 1, signal))
        yield { type: 'reading', tokens, totalTokens }
      const tokens = totalTokens - this.#memory.unread.length
      yield { type: 'read', tokens, milliseconds: performance.now() - start, memory: this.memory }
    } finally {
      unlock()
    }
  }

  /** `save` as bytes that `Engine.restore` takes. */
  async snapshot(): Promise<Uint8Array<ArrayBuffer>> {
    return encodeSnapshot(this.#parts.owner, await this.save())
  }

  /** The conversation as it stands; `Engine.open` takes it up again, any number of times. */
  async save(): Promise<SavedConversation> {
    const unlock = this.#parts.lock()
    try {
      const { sequence, unread } = this.#memory
      const state = await sequence.save()
      return { state, unread, first: this.#first, afterReply: this.#afterReply, tokens: sequence.tokens }
    } finally {
      unlock()
    }
  }

  /**
   * Answer one message. Stopped while it is read, it is closed there; stopped before any of it was read, it was never
   * said.
   *
   * @throws {EngineError} `empty-prompt`, `bad-request`, `busy`, or what the model throws
   */
  async *generate(request: GenerationRequest, signal: AbortSignal): AsyncGenerator<GenerationEvent, void> {
    const { message, maxNewTokens, passage = '', passedOn = passage } = request
    if (message.trim() === '') throw new EngineError({ code: 'empty-prompt' })
    if (!Number.isInteger(maxNewTokens) || maxNewTokens < 1) {
      const reason = `the answer's length should be a whole number of tokens from 1 up, not ${maxNewTokens}`
      throw new EngineError({ code: 'bad-request', reason })
    }
    const { model, tokenizer, defaults, opening, doubts, lock } = this.#parts
    const passingOn = request.begin ? null : this.#passingOn(passedOn, request)
    const bias = biasOf(request, opening, doubts)
    const sampling = { ...defaults, ...request.sampling }
    const sampler = new Sampler(sampling, model.config.vocabSize, bias)
    const unlock = lock()
    try {
      const stop = this.#append(asHeard({ kind: 'user', text: message }, passage), true, request.begin)
      this.#afterReply = true
      const memory = this.#memory
      const look = this.#inspected ? { look: (token: number) => this.#look(token) } : {}
      const reply = { memory, tokenizer, sampler, slice: model.chunkTokens, maxNewTokens, passingOn, ...look }
      let isRead = false
      try {
        for await (const event of generate(reply, signal)) {
          isRead ||= event.type === 'prefilled'
          yield event
        }
      } finally {
        if (!isRead) stop()
      }
    } finally {
      unlock()
    }
  }

  /**
   * Tell with each new token where the model looked, or no longer: then it costs nothing.
   *
   * @throws {EngineError} `busy`, `out-of-memory`
   */
  async inspect(open: boolean): Promise<void> {
    const unlock = this.#parts.lock()
    try {
      await this.#memory.sequence.inspect(open)
      this.#inspected = open
    } finally {
      unlock()
    }
  }

  /** The layers, heads and slots whose writes `taken` tells. */
  get shape(): readonly [layers: readonly LineageLayer[], heads: number, slots: number] {
    const { config } = this.#parts.model
    const { windows, slotsOn } = sequenceOptions(config, this.#parts.owner.options)
    const layers = windows.map((window, i) => {
      const usesSlots = slotsOn && config.slotLayers[i] === true && window !== WINDOW_ALL
      return { window, sinks: layerSinks(config, window), usesSlots }
    })
    return [layers, config.kvHeads, config.slots]
  }

  /** What was read since `inspect(true)` and not taken yet, as text, and what the slots took while the last of it was read. */
  async taken(): Promise<{ readonly texts: readonly string[]; readonly writes: readonly Float32Array[] }> {
    const { sequence } = this.#memory
    const writes = (await sequence.slotWrites()) ?? []
    return { texts: sequence.takeWatched().map((token) => this.#text(token)), writes }
  }

  #passingOn(passedOn: string, request: GenerationRequest): PassingOn | null {
    const { unfound, ofDocuments, isPassedOn, isLikely, isDeclined } = request
    const { tokenizer, opening } = this.#parts
    if (passedOn === '') {
      if (!unfound || !ofDocuments) return null
      if (isDeclined && opening.declining.length > 0)
        return new PassingOn([], [...opening.declining, tokenizer.endOfTurn])
      return opening.alone.length > 0 ? new PassingOn(opening.alone, [tokenizer.endOfTurn]) : null
    }
    if (opening.tokens.length === 0) return null
    const words = [...tokenizer.encode(` ${passedOn.trim()}`), tokenizer.endOfTurn]
    if (!isPassedOn) return new PassingOn(opening.tokens, words)
    const begin = isLikely && opening.finding.length > 0 ? opening.finding : opening.tokens
    return new PassingOn([], [...begin, ...words])
  }

  async #look(token: number): Promise<LookedToken | null> {
    const attention = await this.#memory.sequence.attention()
    if (!attention) return null
    const read = this.#memory.sequence.takeWatched().map((each) => this.#text(each))
    return { text: this.#text(token), read, attention }
  }

  #text(token: number): string {
    return new TextDecoder().decode(this.#parts.tokenizer.bytes(token))
  }

  dispose(): void {
    this.#memory.sequence.dispose()
  }

  /**
   * Queue messages for reading. A reply at the end stays open: the next append closes it.
   *
   * @param begin what stands behind them
   * @returns what to do when reading has stopped: the rest is not read later behind the user's back. Messages of which
   * nothing was read are taken back; else the last is closed, with the tokens after its text.
   */
  #append(messages: readonly ChatMessage[], generationPrompt: boolean, begin = ''): () => void {
    const { template, tokenizer } = this.#parts
    const context = { system: this.#system, first: this.#first, afterReply: this.#afterReply }
    const read = messages.map(({ role, content }) => ({
      role,
      content: role === 'document' ? withoutPageEnds(content) : content,
    }))
    const pieces = template.append(context, read, generationPrompt)
    const end = pieces.findLastIndex(({ kind }) => kind === 'text') + 1
    const afterReply = messages.at(-1)?.role === 'assistant'
    const open = afterReply ? pieces.slice(0, end) : pieces
    const added = [...tokenizer.encodePieces(open), ...tokenizer.encode(begin)]
    const closing = tokenizer.encodePieces(pieces.slice(end))
    this.#memory.unread = [...this.#memory.unread, ...added]
    this.#first = false
    this.#afterReply = afterReply
    return () => {
      const { unread } = this.#memory
      if (unread.length >= added.length) {
        this.#memory.unread = unread.slice(0, unread.length - added.length)
        this.#first = context.first
        this.#afterReply = context.afterReply
      } else if (unread.length > closing.length) this.#memory.unread = closing
    }
  }
}

/** What is rather said: the opening where documents were searched, and a doubt where nothing was found. */
function biasOf(
  { unfound, ofDocuments }: GenerationRequest,
  opening: Opening,
  doubts: Bias,
): Bias | undefined {
  if (!unfound) return ofDocuments ? opening.bias : undefined
  // The opening's first token begins sentences only.
  return ofDocuments ? { nats: new Map([...opening.bias.nats, ...doubts.nats]), tokens: Infinity } : doubts
}
