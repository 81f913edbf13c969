/** Finds the first of some texts in a stream, and holds back what may be its beginning. */
export class StopStrings {
  readonly #stops: readonly string[]
  #held = ''

  /** @param stops none of them empty */
  constructor(stops: readonly string[]) {
    this.#stops = stops
  }

  /** What may be shown now, and whether a stop came right after it: nothing more is shown then. */
  push(text: string): { readonly text: string; readonly isStopped: boolean } {
    const all = this.#held + text
    const found = this.#stops.map((stop) => all.indexOf(stop)).filter((at) => at >= 0)
    if (found.length > 0) {
      this.#held = ''
      return { text: all.slice(0, Math.min(...found)), isStopped: true }
    }
    const held = Math.max(0, ...this.#stops.map((stop) => beginningAtEnd(all, stop)))
    this.#held = all.slice(all.length - held)
    return { text: all.slice(0, all.length - held), isStopped: false }
  }

  /** What was held back, now that nothing more comes. */
  end(): string {
    const rest = this.#held
    this.#held = ''
    return rest
  }
}

/** Length of the longest beginning of `stop`, short of all of it, that `text` ends with. */
function beginningAtEnd(text: string, stop: string): number {
  for (let length = Math.min(stop.length - 1, text.length); length > 0; length--) {
    if (text.endsWith(stop.slice(0, length))) return length
  }
  return 0
}
