import { m } from '#messages'
import { toFailure } from '../../engine/errors.ts'
import type { TranscriptNode } from '../../electron/transcript.ts'
import { withAsides } from '../../engine/memory/branch.ts'
import type { ConversationOptions, GenerationRequest, MemoryReport } from '../../engine/protocol.ts'
import type { Writer } from '../../electron/entries.ts'
import type { SecondEngine } from '../../engine/second/second-engine.ts'
import { answerElsewhere } from './answering-elsewhere.ts'
import { type Onlooker, type Place, writeAnswer } from './answering.ts'
import { type ChatEngine, type ConversationHandle, unlessAborted } from './engine.ts'
import { type MemoryPlace, type NamedText, readIntoPlace, readWhole } from '../documents/read-whole.ts'
import { isConstant } from './constant-memory.ts'
import { asEntry, type Entry, toldOf } from './entries.ts'
import { HeldMemory } from './held-memory.svelte.ts'
import { Keeping } from './keeping.svelte.ts'
import { LookingUp } from './looking-up.ts'
import { Reply } from './reply.svelte.ts'
import { Spoken } from './spoken.svelte.ts'
import type { Restored } from './take-up.ts'

/**
 * A conversation as it goes forward: its entries, the engine's handle for it, and the memory it takes after each turn.
 * What goes back is `Conversation`.
 */
export class Talk {
  entries: readonly Entry[] = $state.raw([])
  /** the memory after each turn, oldest first */
  trail: readonly MemoryReport[] = $state.raw([])
  readonly spoken = new Spoken()
  readonly last: Entry | undefined = $derived(this.entries.at(-1))
  readonly busy: boolean = $derived(this.last?.kind === 'reply' && this.last.busy)
  /** why nothing can be added, as the end of a sentence; empty when it can */
  readonly readOnly: string
  readonly options: ConversationOptions
  readonly keeping: Keeping
  /** who looks inside from the next answer on */
  onlooker: Onlooker | null = null
  /** the window or program that wrote it has let go: it can be opened anew, and written */
  free = $state(false)
  /** it goes back, or to another branch */
  moving = $state(false)
  readonly editable: boolean = $derived.by(() => !this.busy && !this.moving && this.readOnly === '')
  /** NHA with a bounded window: the state is as large at the end as at the start */
  readonly constant: boolean

  readonly #engine: () => Promise<ChatEngine>
  readonly #held: HeldMemory
  readonly #looking: LookingUp
  readonly #lookUp: () => boolean
  readonly #elsewhere: (writer: Writer) => SecondEngine | null
  #closed = false
  #stop = new AbortController()
  /** the answer that is being written, and what is done after it */
  #last: Promise<void> = Promise.resolve()

  /**
   * @param keeping where it is written down, and what is written there already; left out, it is temporary
   * @param lookUp whether what left the window is looked up, where the conversation itself says nothing of it
   * @param elsewhere asks the server that is named; `null` where there is no shell to ask it
   */
  constructor(
    engine: () => Promise<ChatEngine>,
    options: ConversationOptions,
    keeping = new Keeping(null),
    readOnly = '',
    lookUp = () => true,
    elsewhere: (writer: Writer) => SecondEngine | null = () => null,
  ) {
    this.#engine = engine
    this.#held = new HeldMemory(engine, options, keeping)
    this.#lookUp = lookUp
    this.#elsewhere = elsewhere
    this.#looking = new LookingUp(options, () => this.looksUp)
    this.options = options
    this.keeping = keeping
    this.readOnly = readOnly
    this.showWay()
    this.constant = isConstant(options)
  }

  /**
   * Open it in the engine, now or again after the engine was lost.
   *
   * @throws {EngineError} when there is no engine, or it has no room
   */
  async open(): Promise<ConversationHandle> {
    return this.#held.open(() => this.#stop.signal)
  }

  /** What left the window is looked up for the next message. */
  get looksUp(): boolean {
    return this.keeping.lookUp ?? this.#lookUp()
  }

  /**
   * Who writes the answers from now on: a server elsewhere, or with `null` this computer, whose memory reads first what
   * was said meanwhile.
   */
  async writeWith(writer: Writer | null): Promise<void> {
    if (!this.editable || JSON.stringify(writer) === JSON.stringify(this.keeping.writer)) return
    await this.move(async () => {
      await this.keeping.setWriter(writer)
      await this.#held.leave()
    })
    await this.prepare()
  }

  /** Do this when nothing else is being done; what is done next waits for it, and tells the onlooker so. */
  async study(work: (engine: ChatEngine, handle: ConversationHandle) => Promise<void>): Promise<void> {
    const done = this.#last.then(async () => work(await this.#engine(), await this.open()))
    this.#last = done.catch(() => undefined)
    await done
  }

  /** Nothing is being read or answered any more. */
  async idle(): Promise<void> {
    for (let done = null; (this.busy || this.moving) && done !== this.#last;) await (done = this.#last)
  }

  get memory(): MemoryReport | null {
    return this.#held.report
  }

  /** how the memory came back, where it did */
  get restored(): Restored | null {
    return this.#held.restored
  }

  /** Ask, and write the answer as it comes. Never throws: a failure is the answer's last word. */
  async send(request: GenerationRequest, again: TranscriptNode | null = null): Promise<void> {
    await this.inTurn(request, { again, aside: false })
  }

  /** Ask beside the conversation: it goes on as if neither question nor answer had been. */
  async ask(request: GenerationRequest): Promise<void> {
    await this.inTurn(request, { again: null, aside: true })
  }

  /**
   * Read a document into memory. Stopped, or failed, the memory is as it was before.
   *
   * @param place where the document has a memory of its own, which the conversation begins with; `null` for none
   */
  async read(document: NamedText, place: MemoryPlace | null = null): Promise<void> {
    if (!this.editable) return
    this.onlooker?.yields()
    const before = this.#last
    this.#last = this.#read(document, place, before)
    await this.#last
  }

  async #read(document: NamedText, place: MemoryPlace | null, before: Promise<void>): Promise<void> {
    const progress = new Reply()
    this.#held.restored = null
    const said = {
      kind: 'user',
      text: m.chat_read_document({ name: document.name }),
      aside: false,
      document,
    } as const
    this.entries = [...this.entries, said, progress]
    const { signal } = (this.#stop = new AbortController())
    try {
      await before
      const { writer } = this.keeping
      if (writer) {
        // It is sent with the next question; this computer reads it when it answers again.
        const unread = { ...document, tokens: null, memory: null }
        await this.keeping.document(unread, this.options, writer.model, null)
        this.showWay()
        return
      }
      const engine = await unlessAborted(this.#engine(), signal)
      const { modelName } = engine.info
      if (place) {
        await this.#held.leave()
        const { bytes, memory } = await readIntoPlace(engine, this.options, document, place, progress, signal)
        const tokens = memory?.position ?? null
        await this.keeping.document({ ...document, tokens, memory }, this.options, modelName, () =>
          Promise.resolve(bytes),
        )
        // The window opens an empty memory as soon as the model is there, which may have been meanwhile.
        await this.leave()
        await this.open()
      } else {
        const handle = await unlessAborted(this.open(), signal)
        const before = handle.memory.position
        const memory = (this.#held.report = await readWhole(handle, document, progress, signal))
        const tokens = memory.position - before
        await this.keeping.document({ ...document, tokens, memory }, this.options, modelName, () =>
          handle.snapshot(),
        )
        this.showWay()
      }
    } catch (error) {
      if (!signal.aborted) {
        progress.fail(toFailure(error))
        return
      }
      await this.leave()
      void this.prepare()
    }
  }

  /**
   * Do this when everything that was asked for until now is done; nothing else is asked for before its end.
   *
   * @param next begins in the same moment
   */
  protected async move(work: () => Promise<void>, next?: () => Promise<void>): Promise<void> {
    this.onlooker?.yields()
    this.moving = true
    const done = this.#last.then(work)
    this.#last = done.catch(() => undefined)
    try {
      await done
    } finally {
      this.moving = false
    }
    await next?.()
  }

  /** The engine's memory is of another way: the next to open it takes it up from this one. */
  protected async leave(): Promise<void> {
    this.showWay()
    await this.#held.leave()
  }

  /** The memory is shown as soon as it is there; what fails now fails again, in words, with the next question. */
  protected async prepare(): Promise<void> {
    if (this.keeping.writer) return
    await this.open().catch(() => undefined)
  }

  protected showWay(): void {
    const { nodes, way } = this.keeping
    this.entries = withAsides(nodes, way).map((node) => asEntry(node, this.keeping.find(node.parent)))
    this.trail = way.flatMap(({ memory }) => memory ?? [])
  }

  protected async inTurn(request: GenerationRequest, place: Place): Promise<void> {
    if (!this.editable) return
    this.onlooker?.yields()
    const before = this.#last
    this.#last = this.#send(request, before, place)
    await this.#last
  }

  async #send(request: GenerationRequest, before: Promise<void>, place: Place): Promise<void> {
    this.#held.restored = null
    const reply = new Reply()
    const { aside } = place
    reply.aside = aside
    this.entries = [...this.entries, { kind: 'user', text: request.message, aside }, reply]
    this.#stop = new AbortController()
    const { signal } = this.#stop
    try {
      await before
      const { writer } = this.keeping
      if (writer) {
        const second = this.#elsewhere(writer)
        const desk = { second, writer, options: this.options, keeping: this.keeping, spoken: this.spoken }
        await answerElsewhere(desk, request, place, reply, signal)
      } else await this.#answer(request, place, reply, signal)
    } catch (error) {
      if (signal.aborted && reply.phase.type === 'waiting') reply.cancel()
      else reply.fail(toFailure(error))
    }
    this.spoken.end()
    await this.#keep(reply)
  }

  async #answer(request: GenerationRequest, place: Place, reply: Reply, signal: AbortSignal): Promise<void> {
    const engine = await unlessAborted(this.#engine(), signal)
    const handle = await unlessAborted(this.open(), signal)
    const { options, keeping, spoken } = this
    const looks = { looking: this.#looking, onlooker: this.onlooker }
    const desk = { engine, handle, options, keeping, spoken, ...looks }
    const memory = await writeAnswer(desk, request, place, reply, signal)
    if (!memory) return
    this.#held.report = memory
    this.trail = [...this.trail, memory]
  }

  stop(): void {
    this.#stop.abort()
  }

  /** Stop, and give the state's memory back. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#held.shut()
    this.onlooker?.yields()
    this.stop()
    // An answer that ends puts the saving of its memory behind itself.
    for (let done = null; done !== this.#last;) await (done = this.#last)
    await this.keeping.close()
    try {
      await this.#held.leave()
    } catch {
      // An engine that is gone has nothing left to give back.
    }
  }

  /** Write down how the answer ended, and its memory, which the next question waits for. */
  async #keep(reply: Reply): Promise<void> {
    const { keeping, memory } = this
    const { phase, aside, by } = reply
    const reason = phase.type === 'ended' ? phase.finishReason : 'failed'
    const isHere = !aside && by === null
    const node = await keeping.end(reason, isHere ? memory : null, toldOf(reply))
    if (node === null || !isHere || phase.type !== 'ended') return
    const { handle } = this.#held
    this.#last = this.#last.then(async () => {
      // Where the engine is gone, the text is read again the next time.
      const bytes = await handle?.then((open) => open.snapshot()).catch(() => null)
      if (bytes) await keeping.saveSnapshot(node, bytes)
    })
  }
}
