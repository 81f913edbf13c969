import { THE_USER } from './terms.ts'

/** In a short document a word is not rare because few passages have it: what stands nowhere would weigh most. */
const FEWEST_PASSAGES = 20

/** How rare the terms of some passages are. */
export class TermWeights {
  #passages = 0
  /** in how many passages a term stands */
  readonly #frequency = new Map<string, number>()

  /** @param terms of one passage */
  add(terms: Iterable<string>): void {
    this.#passages++
    for (const term of new Set(terms)) this.#frequency.set(term, this.frequencyOf(term) + 1)
  }

  frequencyOf(term: string): number {
    return this.#frequency.get(term) ?? 0
  }

  /** Rare terms weigh more, as in BM25: ln(1 + (N − n + ½) / (n + ½)) for n of N passages. */
  weightOf(term: string): number {
    const frequency = this.frequencyOf(term)
    const weight = term === THE_USER ? 0.5 : 1
    const passages = Math.max(this.#passages, FEWEST_PASSAGES)
    return weight * Math.log(1 + (passages - frequency + 0.5) / (frequency + 0.5))
  }
}
