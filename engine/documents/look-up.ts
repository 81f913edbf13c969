import { type Found, PassageIndex, type Source } from './search.ts'

/** Of what a question is about, so much must stand in one sentence, by weight; measured in DECISIONS.md. */
export const REFERS = 0.58
/** Characters of a token at least, over the tokenizers known: what is put back is rather too short. */
const TOKEN_CHARACTERS = 3
/** Of the window; the question and its answer need the rest. */
const WINDOW_SHARE = 0.6
/** A model with a long window is not told more than this either. */
const MOST_CHARACTERS = 1500
const MOST_SENTENCES = 5

const ASKS =
  /\?|^\s*(what|who|whom|whose|which|when|where|why|how|tell|remind|name|list|show|explain|describe|find|give|does|do|did|is|are|was|were|can|could|has|have)\b/i

/** Characters that may be put back into a window of so many tokens. */
export function roomIn(window: number): number {
  return Math.min(window * WINDOW_SHARE * TOKEN_CHARACTERS, MOST_CHARACTERS)
}

/** A message that wants to know something. */
export function asks(message: string): boolean {
  return ASKS.test(message)
}

/** Exact words from what a conversation has read, found again when a message asks for them. */
export class LookUp {
  readonly index = new PassageIndex()
  /** where the memory stood when each source had been read */
  readonly #readAt: number[] = []
  readonly #window: number
  readonly #budget: number

  /** @param window tokens that are exact anyway; `Infinity` for full attention, where nothing is ever looked up */
  constructor(window: number) {
    this.#window = window
    this.#budget = roomIn(window)
  }

  /** @param position of the memory, all of the source in it */
  add(source: Source, position: number): void {
    const steps = this.adding(source, position)
    while (!steps.next().done);
  }

  /** The same, a passage at a step. */
  *adding(source: Source, position: number): Generator<undefined> {
    this.#readAt.push(position)
    yield* this.index.adding(source)
  }

  /**
   * What is put back into the window before `message` is answered: the sentences that say what it asks for, the best
   * first, as long as they fit. Nothing for a message that asks nothing, or for words that the window still has.
   */
  find(message: string, position: number): Found[] {
    if (!asks(message)) return []
    const found: Found[] = []
    let room = this.#budget
    for (const each of this.index.lookUp(message, MOST_SENTENCES)) {
      if (each.share < REFERS) break
      if (this.#isExact(each, position)) return []
      const quote = found.length === 0 ? this.#cut(each, message) : each
      if (quote.quote.length > room) break
      found.push(quote)
      room -= quote.quote.length + 1
    }
    return found
  }

  /** All of the source lies within the window, counted from its end. */
  #isExact({ source, start }: Found, position: number): boolean {
    const end = this.#readAt[source] ?? 0
    const after = this.index.lengthOf(source) - start
    return position - end + after / TOKEN_CHARACTERS <= this.#window
  }

  /** A sentence too long for the window, cut down to words around those that are asked for. */
  #cut(found: Found, message: string): Found {
    if (found.quote.length <= this.#budget) return found
    const { from, to } = this.index.densest(found.quote, message, this.#budget)
    const quote = found.quote.slice(from, to)
    return { ...found, start: found.start + from, end: found.start + to, quote }
  }
}
