import { Refusal } from '../conversations.ts'
import type { RemoteEvent } from './remote-bridge.ts'

/** A window asks again after this long at the latest, so that one that is gone is known. */
const WAIT_MILLISECONDS = 20_000
const GONE_MILLISECONDS = 3 * WAIT_MILLISECONDS

/**
 * One answer on its way to a window, which asks for what has come until the end: there is no channel into the window.
 * A window that asks no more ends it.
 */
export class Hearing {
  readonly #stop = new AbortController()
  readonly #onEnd: () => void
  #events: RemoteEvent[] = []
  #failure: Error = new Refusal('Asking was stopped.')
  #isOver = false
  #wake: () => void = () => undefined
  #gone: ReturnType<typeof setTimeout> | undefined

  /** @param onEnd all was heard, or nobody hears any more */
  constructor(begin: (signal: AbortSignal) => AsyncIterable<RemoteEvent>, onEnd: () => void) {
    this.#onEnd = onEnd
    this.#expect()
    void this.#run(begin(this.#stop.signal))
  }

  /** What has come; empty when that takes long. @throws why there is no more */
  async next(): Promise<readonly RemoteEvent[]> {
    this.#expect()
    if (this.#events.length === 0 && !this.#isOver) await this.#sign()
    const events = this.#events
    this.#events = []
    if (events.length > 0) {
      if (events.at(-1)?.type === 'end') this.leave()
      return events
    }
    if (this.#isOver) {
      this.leave()
      throw this.#failure
    }
    return events
  }

  leave(): void {
    clearTimeout(this.#gone)
    this.#stop.abort()
    this.#onEnd()
  }

  async #run(answer: AsyncIterable<RemoteEvent>): Promise<void> {
    try {
      for await (const event of answer) {
        this.#events.push(event)
        this.#wake()
      }
    } catch (error) {
      if (error instanceof Error && !this.#stop.signal.aborted) this.#failure = error
    }
    this.#isOver = true
    this.#wake()
  }

  #sign(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, WAIT_MILLISECONDS)
      timer.unref()
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  #expect(): void {
    clearTimeout(this.#gone)
    this.#gone = setTimeout(() => this.leave(), GONE_MILLISECONDS)
    this.#gone.unref()
  }
}
