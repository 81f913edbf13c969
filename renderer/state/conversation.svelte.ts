import { EngineError, toFailure } from '../../engine/errors.ts'
import type { ConversationOptions, GenerationRequest, MemoryReport } from '../../engine/protocol.ts'
import { type ChatEngine, type ConversationHandle, unlessAborted } from './engine.ts'
import { Reply } from './reply.svelte.ts'
import { Sentences } from './sentences.ts'

export interface UserEntry {
  readonly kind: 'user'
  readonly text: string
}

/** The engine was loaded again: what stands above is on screen, but not in memory. */
export interface ForgottenEntry {
  readonly kind: 'forgotten'
}

export type Entry = UserEntry | ForgottenEntry | Reply

/** A window from here on is never full in practice, and grows instead. */
const UNBOUNDED_WINDOW = 2 ** 31

/** How many finished sentences stay in the live region: enough for a slow voice to catch up. */
const SPOKEN_SENTENCES = 30

/** One conversation: its entries, the engine's handle for it, and the memory it takes after each turn. */
export class Conversation {
  entries: readonly Entry[] = $state.raw([])
  memory: MemoryReport | null = $state.raw(null)
  /** the memory after each turn, oldest first */
  trail: readonly MemoryReport[] = $state.raw([])
  spoken: readonly { readonly id: number; readonly text: string }[] = $state.raw([])
  readonly last = $derived(this.entries.at(-1))
  readonly busy = $derived(this.last?.kind === 'reply' && this.last.busy)
  readonly options: ConversationOptions
  /** NHA with a bounded window: the state is as large at the end as at the start */
  readonly constant: boolean

  readonly #engine: () => Promise<ChatEngine>
  #opened: { readonly engine: ChatEngine; readonly handle: Promise<ConversationHandle> } | null = null
  #closed = false
  #stop = new AbortController()
  #sentences = new Sentences()
  #nextSentence = 0

  constructor(engine: () => Promise<ChatEngine>, options: ConversationOptions) {
    this.#engine = engine
    this.options = options
    this.constant =
      options.attention === 'nha' && [options.window ?? 0].flat().every((tokens) => tokens < UNBOUNDED_WINDOW)
  }

  /**
   * Open it in the engine, now or again after the engine was lost.
   *
   * @throws {EngineError} when there is no engine, or it has no room
   */
  async open(): Promise<ConversationHandle> {
    const engine = await this.#engine()
    if (this.#closed) throw new EngineError({ code: 'bad-request', reason: 'the conversation is closed' })
    if (this.#opened?.engine === engine) return this.#opened.handle
    if (this.#opened !== null) this.#forget()
    const opened = { engine, handle: engine.open(this.options) }
    this.#opened = opened
    try {
      const handle = await opened.handle
      this.memory = handle.memory
      return handle
    } catch (error) {
      if (this.#opened === opened) this.#opened = null
      throw error
    }
  }

  /** Ask, and write the answer as it comes. Never throws: a failure is the answer's last word. */
  async send(request: GenerationRequest): Promise<void> {
    if (this.busy) return
    const reply = new Reply()
    this.entries = [...this.entries, { kind: 'user', text: request.message }, reply]
    this.#stop = new AbortController()
    const { signal } = this.#stop
    try {
      const handle = await unlessAborted(this.open(), signal)
      for await (const event of handle.generate(request, signal)) {
        reply.apply(event)
        if (event.type === 'delta') this.#say(this.#sentences.push(event.text))
        if (event.type === 'end') this.#remember(event.memory)
      }
      if (reply.busy) throw new EngineError({ code: 'internal', message: 'the answer ended without an end' })
    } catch (error) {
      if (signal.aborted && reply.phase.type === 'waiting') reply.cancel()
      else reply.fail(toFailure(error))
    }
    this.#say(this.#sentences.end())
  }

  /** Ask the last question again. An answer that has words stays above the new one. */
  async retry(request: Omit<GenerationRequest, 'message'>): Promise<void> {
    const message = this.entries.findLast((entry) => entry.kind === 'user')?.text
    if (message === undefined || this.busy) return
    if (this.last?.kind === 'reply' && this.last.text === '') this.entries = this.entries.slice(0, -2)
    await this.send({ ...request, message })
  }

  stop(): void {
    this.#stop.abort()
  }

  /** Stop, and give the state's memory back. */
  async close(): Promise<void> {
    this.stop()
    this.#closed = true
    const opened = this.#opened
    this.#opened = null
    try {
      await (await opened?.handle)?.close()
    } catch {
      // An engine that is gone has nothing left to give back.
    }
  }

  #remember(memory: MemoryReport): void {
    this.memory = memory
    this.trail = [...this.trail, memory]
  }

  /** Draw the line above the question that is being asked, or below everything. */
  #forget(): void {
    const question = this.entries.findLastIndex((entry) => entry.kind === 'user')
    const line = this.busy ? question : this.entries.length
    const above = this.entries[line - 1]
    if (above && above.kind !== 'forgotten')
      this.entries = this.entries.toSpliced(line, 0, { kind: 'forgotten' })
    this.trail = []
  }

  #say(sentences: readonly string[]): void {
    if (sentences.length === 0) return
    const added = sentences.map((text) => ({ id: this.#nextSentence++, text }))
    this.spoken = [...this.spoken, ...added].slice(-SPOKEN_SENTENCES)
  }
}
