import { type CompletionHost, CompletionRefusal } from './completion-host.ts'
import type { Errand, ErrandEnd } from './server-bridge.ts'

/** A window asks again after this long, so one that is gone is known soon. */
const ASK_MILLISECONDS = 20_000
/** A window that has not asked for so long is gone, and what it was doing with it. */
const GONE_MILLISECONDS = 3 * ASK_MILLISECONDS

interface Waiting {
  readonly window: number
  readonly take: (errand: Errand | null) => void
}

interface Running {
  /** the window that answers; `null` while none has taken it */
  window: number | null
  readonly pieces: string[]
  end: ErrandEnd | null
  wake: () => void
}

/**
 * What the shell wants of the window, where the engine is. The window asks for the next errand and waits for one; so
 * there is one way for both shells, and no channel into the window.
 */
export class Errands implements CompletionHost {
  readonly #now: () => number
  readonly #waiting: Waiting[] = []
  readonly #errands: { readonly errand: Errand; readonly window: number | null }[] = []
  readonly #running = new Map<number, Running>()
  readonly #heardOf = new Map<number, number>()
  #model = ''
  #nextId = 1

  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  /** Put it before the window that asks next, or before one alone. */
  give(errand: Errand, window: number | null = null): void {
    // The one that asked last: who asked long ago may have been reloaded since.
    const place = this.#waiting.findLastIndex((waiting) => window === null || waiting.window === window)
    const [waiting] = place < 0 ? [] : this.#waiting.splice(place, 1)
    if (waiting) this.#hand(waiting, errand)
    else this.#errands.push({ errand, window })
  }

  next(window: number, model: string): Promise<Errand | null> {
    this.#model = model
    this.#heardOf.set(window, this.#now())
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        const place = this.#waiting.indexOf(waiting)
        if (place >= 0) this.#waiting.splice(place, 1)
        resolve(null)
      }, ASK_MILLISECONDS)
      timer.unref()
      const waiting: Waiting = {
        window,
        take: (errand) => {
          clearTimeout(timer)
          resolve(errand)
        },
      }
      const place = this.#errands.findIndex((each) => each.window === null || each.window === window)
      const [kept] = place < 0 ? [] : this.#errands.splice(place, 1)
      if (kept) this.#hand(waiting, kept.errand)
      else this.#waiting.push(waiting)
    })
  }

  /** Pieces of an answer from the window; false when nobody waits for them. */
  answer(id: number, pieces: readonly string[], end: ErrandEnd | null): boolean {
    const running = this.#running.get(id)
    if (!running) return false
    running.pieces.push(...pieces)
    running.end = end
    running.wake()
    return true
  }

  model(): Promise<string> {
    return Promise.resolve(this.#model)
  }

  async *complete(request: object, signal: AbortSignal): AsyncGenerator<unknown, void> {
    if (!this.#isThere()) throw new CompletionRefusal(503, 'The window of Plateau is not open.')
    const id = this.#nextId++
    const running: Running = { window: null, pieces: [], end: null, wake: () => undefined }
    this.#running.set(id, running)
    const wake = () => running.wake()
    signal.addEventListener('abort', wake)
    const look = setInterval(wake, ASK_MILLISECONDS)
    look.unref()
    this.give({ type: 'answer', id, request })
    try {
      while (!signal.aborted) {
        const piece = running.pieces.shift()
        if (piece !== undefined) yield JSON.parse(piece) as unknown
        else if (running.end?.status === 200) return
        else if (running.end) throw new CompletionRefusal(running.end.status, running.end.message)
        else if (!this.#isThere(running.window))
          throw new CompletionRefusal(503, 'The window of Plateau was closed.')
        else await new Promise<void>((resolve) => (running.wake = resolve))
      }
    } finally {
      clearInterval(look)
      signal.removeEventListener('abort', wake)
      this.#running.delete(id)
      if (!running.end) this.#takeBack(id, running.window)
    }
  }

  /** Nobody waits for the answer: the window stops, or never begins. */
  #takeBack(id: number, window: number | null): void {
    const place = this.#errands.findIndex(({ errand }) => errand.type === 'answer' && errand.id === id)
    if (place >= 0) this.#errands.splice(place, 1)
    else if (window !== null) this.give({ type: 'stop', id }, window)
  }

  #hand({ window, take }: Waiting, errand: Errand): void {
    const running = errand.type === 'answer' ? this.#running.get(errand.id) : undefined
    if (running) running.window = window
    take(errand)
  }

  /** Whether a window, or any, has asked not long ago. */
  #isThere(window: number | null = null): boolean {
    const latest = window === null ? Math.max(...this.#heardOf.values()) : this.#heardOf.get(window)
    return latest !== undefined && this.#now() - latest < GONE_MILLISECONDS
  }
}
