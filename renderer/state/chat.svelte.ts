import { m } from '#messages'
import type { Bridge } from '../../electron/bridge.ts'
import type { Writer } from '../../electron/entries.ts'
import type { DocumentMemory } from '../../electron/document-bridge.ts'
import type { DocumentText } from '../../engine/documents/document.ts'
import { pagesOfText } from '../../engine/documents/paging.ts'
import type { ConversationOptions, GenerationRequest } from '../../engine/protocol.ts'
import type { SecondEngine } from '../../engine/second/second-engine.ts'
import { AskEach } from '../documents/ask-each.svelte.ts'
import { sayNote } from '../documents/note-words.ts'
import { DocumentShelf } from '../documents/shelf.svelte.ts'
import type { Claims } from './claims.ts'
import { Conversation } from './conversation.svelte.ts'
import { Conversations } from './conversations.svelte.ts'
import type { Drafts } from './drafts.ts'
import type { ChatEngine } from './engine.ts'
import { Keeping, type Shelf } from './keeping.svelte.ts'
import { sayRefusal } from './refusal-words.ts'
import type { Reply } from './reply.svelte.ts'

export interface ChatPorts {
  readonly engine: () => Promise<ChatEngine>
  /** what a conversation that starts now is opened with */
  readonly options: () => ConversationOptions
  /** where conversations are kept; without it they are gone with the window */
  readonly bridge?: Bridge | null
  /** who of several windows may write a conversation */
  readonly claims?: Claims
  /** whether what left the window is looked up for the next message; it is, without this */
  readonly lookUp?: () => boolean
  /** where the drafts of kept chats are over restarts */
  readonly drafts?: Drafts
  /** asks the server elsewhere that is named; left out where there is no shell to ask it */
  readonly elsewhere?: (writer: Writer) => SecondEngine
  /** what is asked with a message that is sent now */
  readonly request: () => Omit<GenerationRequest, 'message'>
}

/** What was opened of a file, or words to be read like one. */
type OpenedText = Pick<DocumentText, 'name' | 'text'> & Partial<Pick<DocumentText, 'chapters' | 'notes'>>

/** A program that has a conversation open cannot tell when it lets go: it is asked this often. */
const ASK_MILLISECONDS = 2000
/** A window that is alone. */
const ALONE: Claims = {
  take: () => Promise.resolve(() => undefined),
  whenFree: () => Promise.resolve(),
}

/** The conversation on screen, and the one before it until the new one has its first message. */
export class Chat {
  current: Conversation
  previous: Conversation | null = $state.raw(null)
  /** the list of kept conversations; `null` where there is no disk to keep them on */
  readonly conversations: Conversations | null
  /** the documents that have memories of their own, likewise */
  readonly documents: DocumentShelf | null
  readonly askEach: AskEach | null

  readonly #ports: ChatPorts
  readonly #shelf: Shelf | null
  #opening = 0
  /** the chat that was deleted last: what stood in its box, and whether it was on screen */
  #deleted: { readonly id: string; readonly draft: string; readonly here: boolean } | null = null
  /** ends the wait for a conversation that another window has */
  #waiting = new AbortController()

  constructor(ports: ChatPorts) {
    this.#ports = ports
    const { bridge, claims = ALONE } = ports
    this.#shelf = bridge ? { bridge, claims } : null
    this.conversations = bridge ? new Conversations(bridge, claims) : null
    this.documents = bridge ? new DocumentShelf(bridge) : null
    this.askEach = this.documents && new AskEach(ports.engine, this.documents, ports.request)
    this.current = $state.raw(this.#create(false))
  }

  /** What stands in the box of this chat and is not sent yet. */
  get draft(): string {
    return this.current.draft
  }

  set draft(text: string) {
    const { draft, keeping } = this.current
    this.current.draft = text
    if (text !== draft && !keeping.temporary) this.current.keepDraft(this.#ports.drafts)
  }

  /** Put into the box what was left there when the window was closed. */
  async recallDraft(): Promise<void> {
    await this.current.recallDraft(this.#ports.drafts)
  }

  /** Open the conversation in the engine as soon as there is one, so that its memory can be shown. */
  async prepare(): Promise<void> {
    if (this.current.readOnly !== '' || this.current.keeping.writer) return
    try {
      await this.current.open()
    } catch {
      // The model's own state tells it; and sending tries again.
    }
  }

  /** @param aside beside the conversation, which will not remember it */
  async send(text: string, aside = false): Promise<void> {
    const message = text.trim()
    if (message === '' || !this.current.editable) return
    const before = this.previous
    this.previous = null
    void before?.close()
    const request = { ...this.#ports.request(), message }
    await (aside ? this.current.ask(request) : this.current.send(request))
    await this.conversations?.refresh()
  }

  /**
   * Read a document into the memory of this conversation. One that begins a conversation gets a memory of its own, which
   * others can begin with too.
   */
  async read(document: OpenedText): Promise<void> {
    const before = this.previous
    this.previous = null
    void before?.close()
    const { current, documents } = this
    const { entries, constant, keeping } = current
    const isOwn =
      documents !== null && entries.length === 0 && constant && !keeping.temporary && !keeping.writer
    const { name, text, chapters = [] } = document
    const notes = document.notes?.map(sayNote) ?? []
    const place = isOwn ? { bridge: documents.bridge, memory: null } : null
    await current.read({ name, text, chapters, notes }, place)
    // What was typed before it was a kept chat is this chat's now, or the new chat's that was begun meanwhile.
    if (current === this.current && current.draftOfNew) current.keepDraft(this.#ports.drafts)
    await Promise.all([this.conversations?.refresh(), documents?.refresh()])
  }

  /** A new conversation that has read a document, with nothing to read again; or goes on with what is not read yet. */
  async begin(memory: DocumentMemory, asOf = memory.pages): Promise<void> {
    const { documents } = this
    const all = await documents?.text(memory.name)
    if (!documents || all === null || all === undefined) return
    const text = all.slice(0, pagesOfText(all)[asOf]?.start ?? all.length)
    this.#leaveFor(this.#create(false, memory.options))
    const { file: name, notes = [] } = memory
    await this.current.read({ name, text, notes }, { bridge: documents.bridge, memory })
    await Promise.all([this.conversations?.refresh(), documents.refresh()])
  }

  /** Show a kept conversation: its text at once, its memory as soon as the model has it. */
  async open(id: string): Promise<void> {
    if (id !== this.current.keeping.id) await this.#open(id)
  }

  /** Write a conversation that another window or program has let go of. */
  async takeOver(): Promise<void> {
    const { id } = this.current.keeping
    if (id !== null && this.current.free) await this.#open(id)
  }

  /** Delete a kept conversation; the list offers to undo it. */
  async remove(id: string): Promise<void> {
    const here = this.current.keeping.id === id
    if (here) {
      const left = this.current
      this.current = this.#create(false)
      void this.recallDraft()
      await left.close()
      void this.prepare()
    }
    if (this.previous?.keeping.id === id) {
      const left = this.previous
      this.previous = null
      await left.close()
    }
    const { drafts } = this.#ports
    const draft = (await drafts?.of(id)) ?? ''
    if (!(await this.conversations?.remove(id))) {
      if (here) await this.#reopen(id)
      return
    }
    // Nothing of it stays on the disk; with the chat it comes back.
    drafts?.keep(id, '')
    this.#deleted = { id, draft, here }
  }

  /** The chat that was deleted last is there again; on screen too, where it was and nothing else was begun. */
  async undelete(): Promise<void> {
    const id = this.conversations?.deleted?.id ?? null
    const deleted = this.#deleted?.id === id ? this.#deleted : null
    if (!(await this.conversations?.undo()) || !deleted) return
    if (deleted.draft !== '') this.#ports.drafts?.keep(deleted.id, deleted.draft)
    if (deleted.here) await this.#reopen(deleted.id)
  }

  /** On screen again, where nothing else was begun; what was said of it still stands. */
  async #reopen(id: string): Promise<void> {
    if (this.current.entries.length > 0 || this.draft !== '') return
    const problem = this.conversations?.problem ?? ''
    await this.open(id)
    if (this.conversations && problem !== '') this.conversations.problem = problem
  }

  async retry(): Promise<void> {
    await this.current.retry(this.#ports.request())
  }

  /** Answer a question anew, beside the answer it has. */
  async regenerate(reply: Reply): Promise<void> {
    await this.current.regenerate(reply, this.#ports.request())
  }

  /** Ask something else in the place of the question that `reply` answers. */
  async edit(reply: Reply, text: string): Promise<void> {
    const message = text.trim()
    if (message !== '') await this.current.edit(reply, message, this.#ports.request())
  }

  /** Take the last exchange back; its question returns to the box, before what stands there. */
  async undo(): Promise<void> {
    const question = await this.current.undo()
    if (question !== '') this.draft = this.draft === '' ? question : `${question}\n\n${this.draft}`
  }

  /** What was forgotten cannot be taken back any more: the window may be gone in a moment. */
  readonly forgetNow = (): void => {
    for (const each of [this.previous, this.current]) void each?.keeping.forgetNow()
  }

  readonly stop = (): void => {
    this.current.stop()
  }

  /** Stop, and wait until nothing is written any more. */
  readonly settle = async (): Promise<void> => {
    this.stop()
    await this.current.idle()
  }

  /** A server elsewhere answers in this chat from now on, or this computer again. */
  async answerWith(writer: Writer | null): Promise<void> {
    await this.settle()
    await this.current.writeWith(writer)
  }

  /** Start afresh. The conversation left behind can be taken back until the first new message. */
  startNew(temporary = false): void {
    this.#leaveFor(this.#create(temporary))
    if (!temporary) void this.recallDraft()
    void this.prepare()
  }

  #leaveFor(next: Conversation): void {
    const left = this.current
    left.stop()
    if (left.entries.length > 0) {
      void this.previous?.close()
      this.previous = left
    } else {
      void left.close()
    }
    this.current = next
  }

  /** Options changed: a chat without a message is as good as a new one, and starts with them. */
  applyOptions(): void {
    const changed = JSON.stringify(this.current.options) !== JSON.stringify(this.#ports.options())
    if (!changed || this.current.entries.length > 0) return
    const { draft } = this
    const { temporary, writer } = this.current.keeping
    this.startNew(temporary)
    void this.current.keeping.setWriter(writer)
    this.draft = draft
  }

  takeBack(): void {
    if (this.previous === null) return
    void this.current.close()
    this.current = this.previous
    this.previous = null
  }

  async #open(id: string): Promise<void> {
    const shelf = this.#shelf
    if (!shelf) return
    const opening = ++this.#opening
    this.#waiting.abort()
    // Ours already: left for a new chat, or shown while another program had it.
    for (const each of [this.previous, this.current]) if (each?.keeping.id === id) await each.close()
    const release = await shelf.claims.take(id)
    const opened = (await this.conversations?.open(id)) ?? null
    if (opened === null || opening !== this.#opening) {
      release?.()
      return
    }
    const { transcript, readOnly, held } = opened
    const left = [this.previous, this.current]
    this.previous = null
    const keeping = new Keeping(shelf, { id, transcript, release })
    const why = release === null ? m.chat_open_elsewhere() : sayRefusal(readOnly)
    const { engine, lookUp, elsewhere } = this.#ports
    const conversation = new Conversation(engine, transcript.options, keeping, why, lookUp, elsewhere)
    this.current = conversation
    for (const each of left) void each?.close()
    void this.recallDraft()
    if (release === null || held) void this.#watch(conversation, id, release !== null)
    await this.prepare()
  }

  /** Say when a conversation that is open elsewhere can be had. */
  async #watch(conversation: Conversation, id: string, byProgram: boolean): Promise<void> {
    const shelf = this.#shelf
    this.#waiting = new AbortController()
    const { signal } = this.#waiting
    try {
      if (!byProgram) await shelf?.claims.whenFree(id, signal)
      while (byProgram && !signal.aborted && !(await shelf?.bridge.isFree({ id })))
        await new Promise((resolve) => setTimeout(resolve, ASK_MILLISECONDS))
      if (!signal.aborted) conversation.free = true
    } catch {
      // Another conversation is shown by now, or the shell is gone.
    }
  }

  #create(temporary: boolean, given: ConversationOptions | null = null): Conversation {
    const { engine, options, lookUp, elsewhere } = this.#ports
    const keeping = new Keeping(temporary ? null : this.#shelf)
    return new Conversation(engine, given ?? options(), keeping, '', lookUp, elsewhere)
  }
}
