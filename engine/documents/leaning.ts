import { passedOn } from './cite.ts'
import { deniedTerms, subjectOf, termsOf } from './terms.ts'

/** How much of an answer stands in words that were looked up for it. */
export interface Leaning {
  /** words that the answer adds to the question */
  readonly words: number
  /** those of them that stand in what was looked up */
  readonly lookedUp: number
}

const NOTHING: Leaning = { words: 0, lookedUp: 0 }
/** An answer that says it has none. */
const DECLINES =
  /^\W*(?:you (?:have not|haven['’]t|did not|didn['’]t|never) (?:told|tell|said|say|mention)|i (?:do not|don['’]t|cannot|can['’]t|could not|couldn['’]t) (?:know|say|tell|find|remember)|i am not sure|i have no|there is no(?:thing)? (?:in|about)|(?:that|this|it) (?:is not|isn['’]t) (?:in|mentioned|said|known)|the (?:document|text|book|letter|file) (?:does not|doesn['’]t)|not (?:found|mentioned)|ich (?:weiß|kann|habe) .*\bnicht|das (?:steht|haben|hast) .*\bnicht)/iu

/**
 * By string match, so it says where the words may come from and not where they do: what was looked up may have been in
 * memory too. Nothing of an answer that declines, or that says what is denied there; nor of one that neither a document says
 * nor what was looked up: that it was in memory is not known.
 */
export function leaningOf(
  question: string,
  answer: string,
  lookedUp: readonly { readonly quote: string }[],
  inDocument: boolean | null,
): Leaning {
  if (DECLINES.test(answer) || passedOn(answer) !== null) return NOTHING
  const asked = new Set(termsOf(question))
  const said = subjectOf(answer).filter((term) => !asked.has(term))
  const denied = new Set([...deniedTerms(question), ...deniedTerms(answer)])
  const there = lookedUp.map(({ quote }) => [new Set(termsOf(quote)), deniedTerms(quote)] as const)
  const found = said.filter((term) => there.some(([terms]) => terms.has(term)))
  // "You like it." says nothing of where it comes from beside "I do not like it."
  const isSame = (term: string) =>
    there.some(([terms, not]) => terms.has(term) && not.has(term) === denied.has(term))
  if (!found.every(isSame)) return NOTHING
  return found.length === 0 && inDocument === false ? NOTHING : { words: said.length, lookedUp: found.length }
}

/** One line, small under an answer; empty where the answer adds nothing to the question. */
export function describeLeaning({ words, lookedUp }: Leaning): string {
  if (words === 0) return ''
  if (lookedUp === 0) return 'All of it from memory.'
  if (lookedUp === words) return 'All its words stand in what was looked up.'
  return `${lookedUp} of its ${words} words stand in what was looked up; the rest is from memory.`
}
