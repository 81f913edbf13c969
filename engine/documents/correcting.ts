import { isSomebody } from './kindred.ts'
import { subjectOf, termsOf, THE_USER } from './terms.ts'

/** What a sentence has that says what is so from now on. */
const CORRECTS =
  /(?<!\p{L})(?:actually|now|instead|meanwhile|correction|jetzt|nun|inzwischen|stattdessen)(?!\p{L})/iu
/** What adds to what was said, or takes back without saying what is so. */
const LEAVES =
  /(?<!\p{L})(?:too|also|as well|another|no longer|any ?more|not|never|auch|ebenfalls|noch|nicht|kein\p{L}*)(?!\p{L})|n['’]t(?!\p{L})/iu
const ASKS_BEFORE =
  /(?<!\p{L})(?:before|earlier|(?<!my )first|former(?:ly)?|previous(?:ly)?|original(?:ly)?|used to|once|(?<!how )old|ex|früher\p{L}*|zuerst|vorher|ursprünglich|ehemal\p{L}*)(?!\p{L})/iu

/** "The fee is now 30 euros." says that something else was so before. */
export function saysWhatIsNow(sentence: string): boolean {
  return CORRECTS.test(sentence)
}

interface Said {
  readonly quote: string
  /** how much of what is asked it says: 0 to 1 */
  readonly share: number
}

/**
 * Of sentences in the order they were said, those that a later one does not correct: "Actually, I live in Oslo now." says
 * as much of what is asked as "I live in Bergen.", more than half of its words, that it is so now, and something new. All
 * of them where it is asked what was before. What a person corrects in other words is not seen.
 */
export function uncorrected<T extends Said>(question: string, said: readonly T[]): readonly T[] {
  if (ASKS_BEFORE.test(question)) return said
  const asked = subjectOf(question)
  return said.filter((each, i) => !said.slice(i + 1).some((later) => corrects(asked, later, each)))
}

function corrects(asked: readonly string[], later: Said, earlier: Said): boolean {
  if (!saysWhatIsNow(later.quote) || LEAVES.test(later.quote) || later.share < earlier.share) return false
  const before = termsOf(earlier.quote)
  const after = new Set(termsOf(later.quote))
  const isSaidAgain = (term: string) => after.has(term)
  const matter = asked.filter((term) => term !== THE_USER && before.includes(term))
  return (
    matter.length > 0 &&
    matter.every(isSaidAgain) &&
    before.filter(isSaidAgain).length > before.length / 2 &&
    ![...after].some((term) => isSomebody(term) && !before.includes(term)) &&
    subjectOf(later.quote).some((term) => !asked.includes(term) && !before.includes(term))
  )
}
