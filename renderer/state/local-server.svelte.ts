import type { ServerBridge, ServerReport } from '../../electron/server/server-bridge.ts'
import { sayRefusal } from './refusal-words.ts'
import { ShellRefusal } from './shell.ts'

/** Where the shell serves until another port is chosen. */
export const DEFAULT_PORT = 47_824

type ServerCalls = Pick<ServerBridge, 'server' | 'setServer' | 'renewServerToken'>

/** The shell's local server as the settings show and switch it. */
export class LocalServer {
  report: ServerReport | null = $state.raw(null)
  /** why the last change did not work, one sentence; or empty */
  problem = $state('')
  readonly #bridge: ServerCalls

  constructor(bridge: ServerCalls) {
    this.#bridge = bridge
  }

  readonly refresh = (): Promise<void> => this.#attempt(() => this.#bridge.server())

  readonly renewToken = (): Promise<void> => this.#attempt(() => this.#bridge.renewServerToken())

  switch(on: boolean, port = this.report?.port): Promise<void> {
    return port === undefined ? this.refresh() : this.#attempt(() => this.#bridge.setServer({ on, port }))
  }

  async #attempt(call: () => Promise<ServerReport>): Promise<void> {
    try {
      this.report = await call()
      this.problem = sayRefusal(this.report.problem)
    } catch (error) {
      if (!(error instanceof ShellRefusal)) throw error
      this.problem = error.message
    }
  }
}
