import { termsOf } from './terms.ts'

/** A part of a text, by its characters. */
export interface Densest {
  readonly from: number
  readonly to: number
}

/** Words that say what another says, each with how much of it: 0 to 1. */
export type CloseTo = (term: string) => Iterable<readonly [close: string, says: number]>

/** What the message before named says so much of it. */
const BEFORE = 0.8

/** What a question asks for: its terms by weight, and the words of a text that say them. */
export class Asked {
  readonly #weights: ReadonlyMap<string, number>
  readonly #all: number
  /** for a term of a text, the terms that it says and how much of each */
  readonly #says = new Map<string, Map<string, number>>()

  /** @param closeTo other words that say a term; none where only the term itself does */
  constructor(subject: readonly string[], weightOf: (term: string) => number, closeTo: CloseTo = () => []) {
    this.#weights = new Map(subject.map((term) => [term, weightOf(term)]))
    this.#all = [...this.#weights.values()].reduce((sum, weight) => sum + weight, 0)
    for (const term of this.#weights.keys()) {
      this.#add(term, term, 1)
      for (const [close, says] of closeTo(term)) this.#add(close, term, says)
    }
  }

  /** Every term that says something of it, with the most that it says of one. */
  get terms(): ReadonlyMap<string, number> {
    return new Map([...this.#says].map(([term, said]) => [term, Math.max(...said.values())]))
  }

  /**
   * How much of what is asked these terms say together, by weight: 0 to 1.
   *
   * @param before terms of what they go on from
   */
  shareOf(terms: Iterable<string>, before: readonly string[] = []): number {
    if (this.#all === 0) return 0
    const met = new Map<string, number>()
    for (const term of terms)
      for (const [asked, says] of this.#says.get(term) ?? [])
        if (says > (met.get(asked) ?? 0)) met.set(asked, says)
    for (const term of before)
      if (this.#weights.has(term)) met.set(term, Math.max(BEFORE, met.get(term) ?? 0))
    let share = 0
    for (const [asked, says] of met) share += says * (this.#weights.get(asked) ?? 0)
    return share / this.#all
  }

  /** The same of each piece of a text together with those after it up to its last. */
  sharesOf(pieces: readonly (readonly string[])[], last: readonly number[]): number[] {
    return last.map((end, i) => {
      const there: string[] = []
      for (let each = i; each <= end; each++) for (const term of pieces[each] ?? []) there.push(term)
      return there.length === 0 ? 0 : this.shareOf(there)
    })
  }

  /** Those of them that say something of it. */
  saying(terms: readonly string[]): string[] {
    return terms.filter((term) => this.#says.has(term))
  }

  /** The stretch of whole words, of at most `length` characters, that has most of what is asked. */
  densest(text: string, length: number): Densest {
    const words = [...text.matchAll(/\S+/g)].map(({ 0: word, index }) => ({
      from: index,
      to: index + word.length,
      weight: termsOf(word).reduce((sum, term) => sum + this.shareOf([term]), 0),
    }))
    let best = { first: 0, last: 0, weight: -1 }
    for (const [first, { from, weight: own }] of words.entries()) {
      if (own === 0) continue
      let weight = 0
      for (let last = first; last < words.length && (words[last]?.to ?? 0) - from <= length; last++) {
        weight += words[last]?.weight ?? 0
        if (weight > best.weight) best = { first, last, weight }
      }
    }
    // What room is left is shared by both sides.
    let { first, last } = best
    const fits = (from: number, to: number) =>
      (words[to]?.to ?? Infinity) - (words[from]?.from ?? 0) <= length
    for (let grown = true; grown;) {
      grown = false
      if (fits(first, last + 1)) [last, grown] = [last + 1, true]
      if (first > 0 && fits(first - 1, last)) [first, grown] = [first - 1, true]
    }
    return { from: words[first]?.from ?? 0, to: words[last]?.to ?? 0 }
  }

  #add(term: string, asked: string, says: number): void {
    const said = this.#says.get(term) ?? new Map<string, number>()
    said.set(asked, Math.max(says, said.get(asked) ?? 0))
    this.#says.set(term, said)
  }
}
