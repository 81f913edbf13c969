import type { Bridge } from '../../electron/bridge.ts'
import type { ConversationOptions, GenerationRequest } from '../../engine/protocol.ts'
import { Conversation } from './conversation.svelte.ts'
import { Conversations } from './conversations.svelte.ts'
import type { ChatEngine } from './engine.ts'
import { Keeping } from './keeping.svelte.ts'
import type { Reply } from './reply.svelte.ts'

export interface ChatPorts {
  readonly engine: () => Promise<ChatEngine>
  /** what a conversation that starts now is opened with */
  readonly options: () => ConversationOptions
  /** where conversations are kept; without it they are gone with the window */
  readonly bridge?: Bridge | null
  /** what is asked with a message that is sent now */
  readonly request: () => Omit<GenerationRequest, 'message'>
}

/** The conversation on screen, and the one before it until the new one has its first message. */
export class Chat {
  current: Conversation
  previous: Conversation | null = $state.raw(null)

  /** the list of kept conversations; `null` where there is no disk to keep them on */
  readonly conversations: Conversations | null

  readonly #ports: ChatPorts
  #opening = 0

  constructor(ports: ChatPorts) {
    this.#ports = ports
    this.conversations = ports.bridge ? new Conversations(ports.bridge) : null
    this.current = $state.raw(this.#create())
  }

  /** Open the conversation in the engine as soon as there is one, so that its memory can be shown. */
  async prepare(): Promise<void> {
    try {
      await this.current.open()
    } catch {
      // The model's own state tells it; and sending tries again.
    }
  }

  async send(text: string): Promise<void> {
    const message = text.trim()
    if (message === '' || this.current.busy) return
    const before = this.previous
    this.previous = null
    void before?.close()
    const answered = this.current.send({ ...this.#ports.request(), message })
    await answered
    await this.conversations?.refresh()
  }

  /** Show a kept conversation: its text at once, its memory as soon as the model has it. */
  async open(id: string): Promise<void> {
    const { bridge } = this.#ports
    if (!bridge || id === this.current.keeping?.id) return
    const opening = ++this.#opening
    const opened = (await this.conversations?.open(id)) ?? null
    if (opened === null || opening !== this.#opening) return
    const { transcript, readOnly } = opened
    const left = [this.previous, this.current]
    this.previous = null
    const keeping = new Keeping(bridge, { id, transcript })
    this.current = new Conversation(this.#ports.engine, transcript.options, keeping)
    this.current.readOnly = readOnly
    for (const each of left) void each?.close()
    await this.prepare()
  }

  /** Delete a kept conversation; the list offers to undo it. */
  async remove(id: string): Promise<void> {
    if (this.current.keeping?.id === id) {
      const left = this.current
      this.current = this.#create()
      await left.close()
      void this.prepare()
    }
    if (this.previous?.keeping?.id === id) {
      const left = this.previous
      this.previous = null
      await left.close()
    }
    await this.conversations?.remove(id)
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

  readonly stop = (): void => {
    this.current.stop()
  }

  /** Start afresh. The conversation left behind can be taken back until the first new message. */
  startNew(): void {
    const left = this.current
    left.stop()
    if (left.entries.length > 0) {
      void this.previous?.close()
      this.previous = left
    } else {
      void left.close()
    }
    this.current = this.#create()
    void this.prepare()
  }

  /** Options changed: a chat without a message is as good as a new one, and starts with them. */
  applyOptions(): void {
    const changed = JSON.stringify(this.current.options) !== JSON.stringify(this.#ports.options())
    if (changed && this.current.entries.length === 0) this.startNew()
  }

  takeBack(): void {
    if (this.previous === null) return
    void this.current.close()
    this.current = this.previous
    this.previous = null
  }

  #create(): Conversation {
    const { bridge, engine, options } = this.#ports
    return new Conversation(engine, options(), bridge ? new Keeping(bridge) : null)
  }
}
