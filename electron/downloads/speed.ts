/** What is older says nothing about the network now. */
const WINDOW_MILLISECONDS = 5000

/** Bytes per second over the last seconds. */
export class Speed {
  readonly #now: () => number
  #marks: { readonly time: number; readonly bytes: number }[] = []

  constructor(now: () => number) {
    this.#now = now
  }

  /** The speed, now that so many bytes are here; 0 until there is something to measure. */
  at(bytes: number): number {
    const time = this.#now()
    const last = this.#marks.at(-1)
    // A hundred marks are enough.
    if (last === undefined || time - last.time >= WINDOW_MILLISECONDS / 100) this.#marks.push({ time, bytes })
    // One mark from before stays, or a slow network would never have two.
    while ((this.#marks[1]?.time ?? time) <= time - WINDOW_MILLISECONDS) this.#marks.shift()
    const first = this.#marks[0]
    if (first === undefined || time === first.time) return 0
    return Math.max(0, ((bytes - first.bytes) * 1000) / (time - first.time))
  }
}
