import type { ConversationOptions, GenerationRequest } from '../../engine/protocol.ts'
import { Conversation } from './conversation.svelte.ts'
import type { ChatEngine } from './engine.ts'

export interface ChatPorts {
  readonly engine: () => Promise<ChatEngine>
  /** what a conversation that starts now is opened with */
  readonly options: () => ConversationOptions
  /** what is asked with a message that is sent now */
  readonly request: () => Omit<GenerationRequest, 'message'>
}

/** The conversation on screen, and the one before it until the new one has its first message. */
export class Chat {
  current: Conversation
  previous: Conversation | null = $state.raw(null)

  readonly #ports: ChatPorts

  constructor(ports: ChatPorts) {
    this.#ports = ports
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
    await this.current.send({ ...this.#ports.request(), message })
  }

  async retry(): Promise<void> {
    await this.current.retry(this.#ports.request())
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
    return new Conversation(this.#ports.engine, this.#ports.options())
  }
}
