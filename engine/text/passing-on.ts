import { isRecord } from '../formats/json.ts'
import type { Bias } from './sampler.ts'
import type { Tokenizer } from './tokenizer.ts'

/** Ours, in generation_config.json; other programs pass over them. */
const AFTER = 'passes_on_after'
const BY = 'passes_on_by'
const FINDS = 'finds_with'
const DECLINES = 'declines_with'

/** What a model says before it passes on words that were looked up, not being sure of them. */
export interface Opening {
  /** none for most models */
  readonly tokens: readonly number[]
  /** those of its first sentence: all that is said where there is nothing to pass on */
  readonly alone: readonly number[]
  /** what is said before words that say most of what is asked; none for most models */
  readonly finding: readonly number[]
  /** what it says where documents have nothing of what is asked; none for most models */
  readonly declining: readonly number[]
  /** how much the logit of the first is raised, in nats, where an answer begins that documents were searched for */
  readonly bias: Bias
}

export function openingOf(generationConfig: unknown, tokenizer: Pick<Tokenizer, 'encode'>): Opening {
  const config = isRecord(generationConfig) ? generationConfig : {}
  const wordsOf = (key: string) => (typeof config[key] === 'string' ? config[key] : '')
  const opening = wordsOf(AFTER)
  const by = config[BY]
  const tokens = tokenizer.encode(opening)
  const alone = tokenizer.encode(/^[^.!?]*[.!?]/.exec(opening)?.[0] ?? '')
  const [first] = tokens
  const isRaised = first !== undefined && typeof by === 'number' && Number.isFinite(by) && by !== 0
  const [finding, declining] = [tokenizer.encode(wordsOf(FINDS)), tokenizer.encode(wordsOf(DECLINES))]
  return {
    tokens,
    alone,
    finding,
    declining,
    bias: { nats: new Map(isRaised ? [[first, by]] : []), tokens: 1 },
  }
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

  /**
   * @param opening none where the words come whatever the model would say
   * @param words with the token that ends the turn
   */
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
