import { subjectOf, termsOf } from './terms.ts'

/** What a sentence has that says what is so from now on. */
const CORRECTS =
  /(?<!\p{L})(?:actually|now|instead|no longer|any ?more|meanwhile|correction|changed|jetzt|nun|inzwischen|stattdessen|nicht mehr)(?!\p{L})/iu
const ASKS_BEFORE =
  /(?<!\p{L})(?:before|earlier|first|formerly|previous(?:ly)?|original(?:ly)?|used to|once|old|früher|zuerst|vorher|ursprünglich|alte[rnsm]?)(?!\p{L})/iu

/**
 * Of sentences in the order they were said, those that a later one does not correct: "Actually, I live in Oslo now." says
 * more than half of what "I live in Bergen." says, all of it that is asked for, and that it is so now. All of them where
 * it is asked what was before.
 */
export function uncorrected<T extends { readonly quote: string }>(
  question: string,
  said: readonly T[],
): readonly T[] {
  if (ASKS_BEFORE.test(question)) return said
  const asked = subjectOf(question)
  return said.filter(
    (each, i) => !said.slice(i + 1).some((later) => corrects(asked, later.quote, each.quote)),
  )
}

function corrects(asked: readonly string[], later: string, earlier: string): boolean {
  if (!CORRECTS.test(later)) return false
  const said = termsOf(earlier)
  const there = new Set(termsOf(later))
  const isSaidAgain = (term: string) => there.has(term)
  return (
    said.filter(isSaidAgain).length > said.length / 2 &&
    asked.filter((term) => said.includes(term)).every(isSaidAgain)
  )
}
