import { m } from '#messages'
import type { RemoteAddressee, RemoteBridge, RemoteReport } from '../../electron/remote/remote-bridge.ts'
import { EngineError } from '../../engine/errors.ts'
import type { CompletionEvent, CompletionQuestion, SecondEngine } from '../../engine/second/second-engine.ts'
import { ShellRefusal } from './shell.ts'

/** The one server elsewhere that may be named: the settings name it, Compare and chats ask it. */
export class RemoteServer {
  report: RemoteReport | null = $state.raw(null)
  /** why the last change did not work, one sentence; or empty */
  problem = $state('')
  readonly #bridge: RemoteBridge

  constructor(bridge: RemoteBridge) {
    this.#bridge = bridge
  }

  readonly refresh = (): Promise<boolean> => this.#attempt(() => this.#bridge.remote())

  /** An empty address forgets it. */
  name(url: string, model: string): Promise<boolean> {
    return this.#attempt(() => this.#bridge.setRemote({ url, model }))
  }

  setKey(key: string): Promise<boolean> {
    return this.#attempt(() => this.#bridge.setRemoteKey({ key }))
  }

  /** What it writes as this model at this host; where another is named by then, it refuses. */
  as(to: RemoteAddressee): SecondEngine {
    return { complete: (question, signal) => this.#complete(question, to, signal) }
  }

  async *#complete(
    question: CompletionQuestion,
    to: RemoteAddressee,
    signal: AbortSignal,
  ): AsyncGenerator<CompletionEvent, void> {
    const bridge = this.#bridge
    let leave: () => void = () => undefined
    try {
      const asked = await bridge.askRemote({ ...question, to })
      leave = () => void bridge.leaveRemote(asked).catch(() => undefined)
      signal.addEventListener('abort', leave)
      for (;;) {
        if (signal.aborted)
          throw new EngineError({ code: 'second-engine', sentence: m.compare_asking_stopped() })
        for (const event of await bridge.hearRemote(asked)) {
          yield event
          if (event.type === 'end') return
        }
      }
    } catch (error) {
      throw error instanceof ShellRefusal
        ? new EngineError({ code: 'second-engine', sentence: error.message })
        : error
    } finally {
      signal.removeEventListener('abort', leave)
      leave()
    }
  }

  async #attempt(call: () => Promise<RemoteReport>): Promise<boolean> {
    try {
      this.report = await call()
      this.problem = ''
      return true
    } catch (error) {
      if (!(error instanceof ShellRefusal)) throw error
      this.problem = error.message
      return false
    }
  }
}
