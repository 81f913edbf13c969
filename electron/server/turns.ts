import { CompletionRefusal } from './completion-host.ts'

/** One at a time, in the order of arrival. */
export class Turns {
  readonly #most: number
  readonly #waiting: (() => void)[] = []
  #isTaken = false

  /** @param most how many may wait */
  constructor(most: number) {
    this.#most = most
  }

  /**
   * Resolves with what gives the turn to the next, or with `null` when `signal` was quicker.
   *
   * @throws {CompletionRefusal} too many wait already
   */
  async take(signal: AbortSignal): Promise<(() => void) | null> {
    if (this.#isTaken) {
      if (this.#waiting.length >= this.#most)
        throw new CompletionRefusal(429, `${this.#most} requests are waiting already; ask again later.`)
      const isMine = await new Promise<boolean>((resolve) => {
        const begin = () => resolve(true)
        this.#waiting.push(begin)
        signal.addEventListener('abort', () => {
          const place = this.#waiting.indexOf(begin)
          if (place >= 0) this.#waiting.splice(place, 1)
          resolve(false)
        })
      })
      if (!isMine) return null
    }
    this.#isTaken = true
    return () => {
      const next = this.#waiting.shift()
      // The turn is handed on without being free in between: nobody who comes just now gets before.
      if (next) next()
      else this.#isTaken = false
    }
  }
}
