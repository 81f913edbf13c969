/** Turns that can be gone back to at once in a temporary conversation, and what their states may take together. */
const MOST = 40
const MOST_BYTES = 2 ** 28

/** The states of a conversation that is written down nowhere: gone with the window. */
export class MemoryStates {
  readonly #states = new Map<number, Uint8Array<ArrayBuffer>>()

  get nodes(): readonly number[] {
    return [...this.#states.keys()]
  }

  /** The oldest make room; the newest stays, however large it is. */
  save(node: number, bytes: Uint8Array<ArrayBuffer>): void {
    this.#states.set(node, bytes)
    let total = [...this.#states.values()].reduce((sum, { length }) => sum + length, 0)
    for (const [oldest, { length }] of this.#states) {
      if (this.#states.size === 1 || (this.#states.size <= MOST && total <= MOST_BYTES)) break
      this.#states.delete(oldest)
      total -= length
    }
  }

  /** Empty when there is none. A copy: the engine takes what it is given. */
  load(node: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#states.get(node) ?? [])
  }
}
