import { isRecord } from '../formats/json.ts'

/** Ours, in generation_config.json; other programs pass over it. */
const FIELD = 'passes_on_after'

/** What a model says before it passes on words that were looked up, not being sure of them; empty for most models. */
export function openingOf(generationConfig: unknown): string {
  const opening = isRecord(generationConfig) ? generationConfig[FIELD] : undefined
  return typeof opening === 'string' ? opening : ''
}

/**
 * An answer that begins with an opening goes on with certain words, exactly, and ends with them: the model chooses to pass
 * them on, and does not copy them token by token, which a small one gets wrong. It reads them as its own.
 */
export class PassingOn {
  readonly #opening: readonly number[]
  readonly #words: readonly number[]
  #accepted = 0
  #isOn = true

  /** @param words with the token that ends the turn */
  constructor(opening: readonly number[], words: readonly number[]) {
    this.#opening = opening
    this.#words = words
  }

  /** The token that must come now; `undefined` where the model chooses. */
  get next(): number | undefined {
    return this.#isOn ? this.#words[this.#accepted - this.#opening.length] : undefined
  }

  /** A token was said, from the first of the answer on. */
  accept(token: number): void {
    const at = this.#accepted++
    if (at < this.#opening.length && token !== this.#opening[at]) this.#isOn = false
  }
}
