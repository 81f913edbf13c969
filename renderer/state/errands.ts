import type { Bridge } from '../../electron/bridge.ts'
import type { Errand, ErrandEnd } from '../../electron/server/server-bridge.ts'
import { answerCompletion, describeCompletionFailure } from '../../engine/answer-completion.ts'
import { ChatCompletions } from '../../engine/chat-completions.ts'
import type { ChatEngine } from './engine.ts'
import { ShellRefusal } from './shell.ts'

export interface ErrandPorts {
  readonly bridge: Pick<Bridge, 'nextErrand' | 'answerErrand'>
  /** the loaded engine, or the next one */
  readonly engine: () => Promise<ChatEngine>
  /** the name of the model that is loaded; empty without one */
  readonly modelName: () => string
  /** A chat file was opened outside. */
  readonly show: (conversation: string, note: string) => void
  readonly refuse: (sentence: string) => void
}

const DONE: ErrandEnd = { status: 200, message: '' }

/** Does what the shell wants of the window: answers for the local server, and shows chats that were opened outside. */
export class ErrandRunner {
  readonly #ports: ErrandPorts
  readonly #window = Math.floor(Math.random() * 2 ** 32)
  readonly #running = new Map<number, AbortController>()
  #engine: ChatEngine | null = null
  #completions: ChatCompletions | null = null

  constructor(ports: ErrandPorts) {
    this.#ports = ports
  }

  /** Until the shell is gone. */
  async run(): Promise<void> {
    const { bridge, modelName } = this.#ports
    try {
      for (;;) {
        const errand = await bridge.nextErrand({ window: this.#window, model: modelName() })
        if (errand) this.#begin(errand)
      }
    } catch (error) {
      if (!(error instanceof ShellRefusal)) throw error
    }
  }

  #begin(errand: Errand): void {
    switch (errand.type) {
      case 'answer':
        void this.#answer(errand.id, errand.request)
        break
      case 'stop':
        this.#running.get(errand.id)?.abort()
        break
      case 'show':
        this.#ports.show(errand.conversation, errand.note)
        break
      case 'refuse':
        this.#ports.refuse(errand.sentence)
        break
    }
  }

  async #answer(id: number, request: object): Promise<void> {
    const { bridge } = this.#ports
    const stop = new AbortController()
    this.#running.set(id, stop)
    const send = (pieces: readonly string[], end: ErrandEnd | null) =>
      bridge.answerErrand({ id, pieces, end }).catch(() => false)
    let end = DONE
    try {
      const completions = await this.#completionsOf()
      for await (const piece of answerCompletion(completions, request, stop.signal))
        if (!(await send([JSON.stringify(piece)], null))) break
    } catch (error) {
      end = describeCompletionFailure(error)
    }
    this.#running.delete(id)
    await send([], end)
  }

  /** One for each engine: it keeps the last conversation open, so that one that goes on is not read again. */
  async #completionsOf(): Promise<ChatCompletions> {
    const engine = await this.#ports.engine()
    if (this.#completions && engine === this.#engine) return this.#completions
    this.#engine = engine
    this.#completions = new ChatCompletions(engine)
    return this.#completions
  }
}
