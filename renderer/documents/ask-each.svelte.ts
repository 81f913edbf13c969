import { m } from '#messages'
import type { DocumentMemory } from '../../electron/document-bridge.ts'
import type { TranscriptNode } from '../../electron/transcript.ts'
import { exactTokens } from '../../engine/documents/looking.ts'
import { carryOut, groundsOf, wholeTaskOf } from '../../engine/documents/whole-task.ts'
import { toFailure } from '../../engine/errors.ts'
import type { GenerationRequest } from '../../engine/protocol.ts'
import type { ChatEngine } from '../state/engine.ts'
import { inSteps, LookingUp } from '../state/looking-up.ts'
import { Reply } from '../state/reply.svelte.ts'
import { Spoken } from '../state/spoken.svelte.ts'
import { asideOf } from '../state/take-up.ts'
import type { NamedText } from './read-whole.ts'
import type { DocumentShelf } from './shelf.svelte.ts'

/** What one document says to the question. */
export interface DocumentAnswer {
  readonly document: NamedText
  readonly reply: Reply
}

/** One question to several documents, one after the other, each from its own memory; no chat remembers it. */
export class AskEach {
  answers: readonly DocumentAnswer[] = $state.raw([])
  busy = $state(false)
  /** each answer when it has ended, after the name of its document */
  readonly spoken = new Spoken()
  readonly #engine: () => Promise<ChatEngine>
  readonly #shelf: DocumentShelf
  readonly #request: () => Omit<GenerationRequest, 'message'>
  #stop = new AbortController()

  constructor(
    engine: () => Promise<ChatEngine>,
    shelf: DocumentShelf,
    request: () => Omit<GenerationRequest, 'message'>,
  ) {
    this.#engine = engine
    this.#shelf = shelf
    this.#request = request
  }

  async ask(message: string, memories: readonly DocumentMemory[]): Promise<void> {
    if (this.busy || message.trim() === '') return
    this.busy = true
    this.answers = []
    const { signal } = (this.#stop = new AbortController())
    for (const memory of memories) {
      const text = await this.#shelf.text(memory.name)
      if (signal.aborted || text === null) break
      const reply = new Reply()
      const { name, tokens, notes = [] } = memory
      this.answers = [...this.answers, { document: { name, text, tokens, notes }, reply }]
      try {
        await this.#answer(message, memory, text, reply, signal)
      } catch (error) {
        if (this.#stop.signal.aborted) reply.cancel()
        else reply.fail(toFailure(error))
      }
      this.spoken.push(`${name}\n${reply.text}`)
      this.spoken.end()
    }
    this.busy = false
  }

  readonly stop = (): void => {
    this.#stop.abort()
  }

  async #answer(
    message: string,
    { name, pages, options }: DocumentMemory,
    text: string,
    reply: Reply,
    signal: AbortSignal,
  ): Promise<void> {
    const document: TranscriptNode = {
      node: 1,
      parent: null,
      kind: 'document',
      name,
      text,
      time: 0,
      aside: false,
      end: null,
      memory: null,
    }
    const engine = await this.#engine()
    const window = exactTokens(options, engine.info.windows)
    const task = await inSteps(wholeTaskOf(message, [document], window), signal)
    const { bytes } = await this.#shelf.bridge.loadDocumentState({ name, page: pages })
    const handle = await engine.restore(options, bytes)
    if (!handle) throw new Error(m.documents_other_model())
    try {
      if (task) {
        const aside = asideOf(engine, options, handle)
        for await (const event of carryOut(task, handle, message, aside, signal)) reply.apply(event)
        reply.grounds = { lookedUp: [], ...groundsOf(task) }
        return
      }
      const looking = new LookingUp(options, () => true)
      const found = await looking.find(message, null, [document], engine, handle.memory, signal)
      for await (const event of handle.generate({ ...this.#request(), message, ...found.request }, signal))
        reply.apply(event)
      reply.grounds = found.grounds(reply.text)
    } finally {
      void handle.close().catch(() => undefined)
    }
  }
}
