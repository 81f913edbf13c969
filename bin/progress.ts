import type { World } from './command.ts'
import { formatDuration } from './format.ts'

const BAR_CELLS = 24
const REDRAW_MILLISECONDS = 100

/**
 * A progress bar on stderr: redrawn in place on a terminal; elsewhere a line at every tenth of the way, so
 * that a log stays short.
 */
export class Progress {
  readonly #stderr: World['stderr']
  readonly #label: string
  /** what was first shown, and when: what goes on did not begin at nothing */
  #first: { readonly share: number; readonly at: number } | null = null
  #drawnAt = -Infinity
  #tenth = 0

  constructor(stderr: World['stderr'], label: string) {
    this.#stderr = stderr
    this.#label = label
  }

  /** `detail` follows the bar, as in `1,200 tokens`. */
  show(done: number, total: number, detail: string): void {
    const share = total > 0 ? Math.min(done / total, 1) : 1
    const now = performance.now()
    this.#first ??= { share, at: now }
    if (this.#stderr.isTTY) {
      if (now - this.#drawnAt < REDRAW_MILLISECONDS && share < 1) return
      this.#drawnAt = now
      const filled = Math.round(share * BAR_CELLS)
      const bar = '█'.repeat(filled) + '░'.repeat(BAR_CELLS - filled)
      this.#stderr.write(`\r\x1b[K${this.#label} ${bar} ${this.#words(share, now, detail)}`)
      return
    }
    const tenth = Math.floor(share * 10)
    if (tenth <= this.#tenth) return
    this.#tenth = tenth
    this.#stderr.write(`${this.#label} ${this.#words(share, now, detail)}\n`)
  }

  /** Take the bar away; what was printed as lines stays. */
  clear(): void {
    if (this.#stderr.isTTY && this.#drawnAt > 0) this.#stderr.write('\r\x1b[K')
  }

  #words(share: number, now: number, detail: string): string {
    const { share: from, at } = this.#first ?? { share, at: now }
    const seconds = (now - at) / 1000
    const left = share > from && share < 1 && seconds > 2 ? (seconds / (share - from)) * (1 - share) : 0
    const rest = left > 0 ? ` · ${formatDuration(left)} left` : ''
    return `${Math.floor(share * 100)} % · ${detail}${rest}`
  }
}
