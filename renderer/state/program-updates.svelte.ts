import type { UpdateBridge, UpdateReport } from '../../electron/updates/update-bridge.ts'
import { sayRefusal } from './refusal-words.ts'
import { ShellRefusal } from './shell.ts'

/** How long one step is waited for before it is asked for again. */
const ASK_MILLISECONDS = 500

/** Newer versions of the program as the settings show them. */
export class ProgramUpdates {
  report: UpdateReport | null = $state.raw(null)
  /** why the last press did not work, one sentence; or empty */
  problem = $state('')
  readonly #bridge: UpdateBridge

  constructor(bridge: UpdateBridge) {
    this.#bridge = bridge
  }

  /** Ask how it stands, and again while something is going on; the function that it returns ends that. */
  readonly watch = (): (() => void) => {
    let timer: ReturnType<typeof setTimeout> | undefined
    let isOver = false
    const ask = async (): Promise<void> => {
      await this.#attempt(() => this.#bridge.updates())
      // Where no host was given nothing ever changes.
      if (!isOver && this.report?.host) timer = setTimeout(() => void ask(), ASK_MILLISECONDS)
    }
    void ask()
    return () => {
      isOver = true
      clearTimeout(timer)
    }
  }

  readonly switch = (on: boolean): Promise<void> => this.#attempt(() => this.#bridge.setUpdates({ on }))

  readonly fetch = (): Promise<void> => this.#attempt(() => this.#bridge.fetchUpdate())

  readonly install = (): Promise<void> => this.#attempt(() => this.#bridge.installUpdate())

  async #attempt(call: () => Promise<UpdateReport>): Promise<void> {
    try {
      this.report = await call()
      this.problem = sayRefusal(this.report.problem)
    } catch (error) {
      if (!(error instanceof ShellRefusal)) throw error
      this.problem = error.message
    }
  }
}
