import { EngineError, toFailure } from '../../engine/errors.ts'
import type { TranscriptNode } from '../../electron/transcript.ts'
import { newestLeaf } from '../../engine/memory/branch.ts'
import type {
  ChatMessage,
  ConversationOptions,
  GenerationRequest,
  MemoryReport,
} from '../../engine/protocol.ts'
import { type ChatEngine, type ConversationHandle, unlessAborted } from './engine.ts'
import type { Keeping } from './keeping.svelte.ts'
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

/** How a memory came back: from a saved state, and so many tokens of text that were read again. */
export interface Restored {
  readonly bytes: number
  readonly milliseconds: number
  readonly tokens: number
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
  readonly keeping: Keeping | null
  /** how the memory came back, where it did */
  restored: Restored | null = $state.raw(null)
  /** why nothing can be added; empty when it can */
  readOnly = ''
  /** NHA with a bounded window: the state is as large at the end as at the start */
  readonly constant: boolean

  readonly #engine: () => Promise<ChatEngine>
  #opened: { readonly engine: ChatEngine; readonly handle: Promise<ConversationHandle> } | null = null
  #closed = false
  #stop = new AbortController()
  /** the answer that is being written, and what is done after it */
  #last: Promise<void> = Promise.resolve()
  #sentences = new Sentences()
  #nextSentence = 0

  /**
   * @param keeping where it is written down, and what is written there already; `null` for nowhere
   */
  constructor(
    engine: () => Promise<ChatEngine>,
    options: ConversationOptions,
    keeping: Keeping | null = null,
  ) {
    this.#engine = engine
    this.options = options
    this.keeping = keeping
    this.entries = keeping?.way.map(asEntry) ?? []
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
    // What is written down is read again; the rest is on screen only.
    if (this.#opened !== null && !this.keeping) this.#forget()
    const opened = { engine, handle: this.#takeUp(engine) }
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
  async send(request: GenerationRequest, question: TranscriptNode | null = null): Promise<void> {
    if (this.busy) return
    const before = this.#last
    this.#last = this.#send(request, before, question)
    await this.#last
  }

  /** Answer a question anew, beside the answer it has. */
  async regenerate(reply: Reply, request: Omit<GenerationRequest, 'message'>): Promise<void> {
    const question = this.questionOf(reply)
    if (question === null || this.busy) return
    await this.#goTo(question.parent)
    await this.send({ ...request, message: question.text }, question)
  }

  /** Ask something else in the place of the question that `reply` answers; what came after stays on its own branch. */
  async edit(reply: Reply, message: string, request: Omit<GenerationRequest, 'message'>): Promise<void> {
    const question = this.questionOf(reply)
    if (question === null || this.busy) return
    await this.#goTo(question.parent)
    await this.send({ ...request, message })
  }

  /** Show another version of a question or an answer, and what was said after it last. */
  async show(node: number): Promise<void> {
    if (this.busy || !this.keeping) return
    await this.#goTo(newestLeaf(this.keeping.nodes, node))
    await this.open()
  }

  questionOf({ node }: Reply): TranscriptNode | null {
    const nodes = this.keeping?.nodes ?? []
    const parent = nodes.find((each) => each.node === node)?.parent ?? null
    return nodes.find((each) => each.node === parent) ?? null
  }

  /** The memory goes back to where it was after a node; what is between comes from the nearest saved state. */
  async #goTo(node: number | null): Promise<void> {
    await this.#last
    await this.keeping?.goTo(node)
    this.entries = this.keeping?.way.map(asEntry) ?? []
    this.trail = []
    const opened = this.#opened
    this.#opened = null
    await (await opened?.handle)?.close()
  }

  async #send(
    request: GenerationRequest,
    before: Promise<void>,
    question: TranscriptNode | null,
  ): Promise<void> {
    this.restored = null
    const reply = new Reply()
    this.entries = [...this.entries, { kind: 'user', text: request.message }, reply]
    this.#stop = new AbortController()
    const { signal } = this.#stop
    try {
      await before
      const engine = await unlessAborted(this.#engine(), signal)
      const handle = await unlessAborted(this.open(), signal)
      // On the disk before the first token.
      const { modelName } = engine.info
      reply.node = (await this.keeping?.ask(request.message, this.options, modelName, question)) ?? null
      for await (const event of handle.generate(request, signal)) {
        reply.apply(event)
        if (event.type === 'delta') {
          this.keeping?.push(event.text)
          this.#say(this.#sentences.push(event.text))
        }
        if (event.type === 'end') this.#remember(event.memory)
      }
      if (reply.busy) throw new EngineError({ code: 'internal', message: 'the answer ended without an end' })
    } catch (error) {
      if (signal.aborted && reply.phase.type === 'waiting') reply.cancel()
      else reply.fail(toFailure(error))
    }
    this.#say(this.#sentences.end())
    await this.#keep(reply)
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
    await this.#last
    await this.keeping?.close()
    const opened = this.#opened
    this.#opened = null
    try {
      await (await opened?.handle)?.close()
    } catch {
      // An engine that is gone has nothing left to give back.
    }
  }

  /** Write down how the answer ended, and its memory, which the next question waits for. */
  async #keep(reply: Reply): Promise<void> {
    const { keeping, memory } = this
    if (!keeping) return
    const { phase } = reply
    const node = await keeping.end(phase.type === 'ended' ? phase.finishReason : 'failed', memory)
    if (node === null || phase.type !== 'ended') return
    const opened = this.#opened
    this.#last = this.#last.then(async () => {
      try {
        const bytes = await (await opened?.handle)?.snapshot()
        if (bytes) await keeping.saveSnapshot(node, bytes)
      } catch {
        // The engine is gone; the text is read again the next time.
      }
    })
  }

  /** The memory, from the saved state nearest to the end and the text behind that one. */
  async #takeUp(engine: ChatEngine): Promise<ConversationHandle> {
    const { keeping } = this
    if (!keeping || keeping.way.length === 0) return engine.open(this.options)
    const start = performance.now()
    const saved = await keeping.snapshots().catch((): readonly number[] => [])
    const way = [...keeping.way]
    const behind: TranscriptNode[] = []
    let handle: ConversationHandle | null = null
    for (let at = way.pop(); at; at = way.pop()) {
      handle = saved.includes(at.node) ? await this.#restore(engine, keeping, at) : null
      if (handle) break
      behind.unshift(at)
    }
    handle ??= await engine.open(this.options)
    const before = handle.memory.position
    const messages = behind.flatMap(asMessage)
    const reading = handle.rehear(messages, this.#stop.signal)
    while (!(await reading.next()).done);
    const { stateBytes, position } = handle.memory
    const milliseconds = performance.now() - start
    this.restored = { bytes: stateBytes, milliseconds, tokens: position - before }
    return handle
  }

  /** `null` when the saved state is not of that very text, model and options. */
  async #restore(
    engine: ChatEngine,
    keeping: Keeping,
    { node, memory }: TranscriptNode,
  ): Promise<ConversationHandle | null> {
    const handle = await engine.restore(this.options, await keeping.loadSnapshot(node))
    if (handle === null || memory?.tokens === handle.memory.tokens) return handle
    void handle.close()
    return null
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

function asEntry({ node, kind, text, name, end }: TranscriptNode): Entry {
  if (kind === 'reply') return Reply.kept(node, text, end === 'stop' || end === 'length' ? end : 'abort')
  return { kind: 'user', text: kind === 'document' ? `Read ${name}` : text }
}

function asMessage({ kind, text }: TranscriptNode): ChatMessage[] {
  if (text === '') return []
  return [{ role: kind === 'reply' ? 'assistant' : kind, content: text }]
}
