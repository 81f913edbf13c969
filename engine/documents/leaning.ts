import { subjectOf, termsOf } from './terms.ts'

/** How much of an answer stands in words that were looked up for it. */
export interface Leaning {
  /** words that the answer adds to the question */
  readonly words: number
  /** those of them that stand in what was looked up */
  readonly lookedUp: number
}

/**
 * By string match, so it says where the words may come from and not where they do: what was looked up may have been in
 * memory too.
 */
export function leaningOf(
  question: string,
  answer: string,
  lookedUp: readonly { readonly quote: string }[],
): Leaning {
  const asked = new Set(termsOf(question))
  const said = subjectOf(answer).filter((term) => !asked.has(term))
  const there = new Set(lookedUp.flatMap(({ quote }) => termsOf(quote)))
  return { words: said.length, lookedUp: said.filter((term) => there.has(term)).length }
}

/** One line, small under an answer; empty where the answer adds nothing to the question. */
export function describeLeaning({ words, lookedUp }: Leaning): string {
  if (words === 0) return ''
  if (lookedUp === 0) return 'All of it from memory.'
  if (lookedUp === words) return 'All its words stand in what was looked up.'
  return `${lookedUp} of its ${words} words stand in what was looked up; the rest is from memory.`
}
