import { saysWhatIsNow } from './correcting.ts'
import type { Found } from './found.ts'
import { asksForName, asksWhatIs, givesName, saysWhatIs, subjectOf, THE_USER } from './terms.ts'

/**
 * Sentences this near to the best are as good: of those the latest source counts, which may correct the others, and in it
 * the shortest, which says least beside it.
 */
const AS_GOOD = 0.95

/**
 * Sentences that say something of a question, best first: of the same worth what gives a name where one is asked for, what adds
 * something to the question before "The Duchess!", then the latest first, and where somebody asks who Dinah is, what says it
 * first before what names her. What the user said, of what they ask of themselves, comes before what a document says, which is
 * then left out.
 *
 * @param subject the terms of the question
 */
export function inOrder(about: readonly Found[], question: string, subject: readonly string[]): Found[] {
  const [best] = about.toSorted((a, b) => b.worth - a.worth)
  if (!best) return []
  const isOwn = ({ name }: Found) => subject.includes(THE_USER) && name === ''
  const isAsGood = ({ source, share, worth, quote }: Found) =>
    share >= AS_GOOD * best.share &&
    (worth >= AS_GOOD * best.worth || (source > best.source && saysWhatIsNow(quote)))
  const rank = (found: Found) => (isAsGood(found) ? best : found).worth
  const naming = new Set(asksForName(question) ? about.filter(({ quote }) => givesName(quote)) : [])
  const asked = new Set(subject)
  const adding = new Set(about.filter(({ quote }) => subjectOf(quote).some((term) => !asked.has(term))))
  const asksWhat = asksWhatIs(question)
  const saying = new Map(asksWhat ? about.map((found) => [found, saysWhatIs(subject, found.quote)]) : [])
  const sorted = about.toSorted(
    (a, b) =>
      rank(b) - rank(a) ||
      Number(isOwn(b)) - Number(isOwn(a)) ||
      Number(naming.has(b)) - Number(naming.has(a)) ||
      Number(adding.has(b)) - Number(adding.has(a)) ||
      b.source - a.source ||
      (saying.get(b) ?? 0) - (saying.get(a) ?? 0) ||
      (saying.get(a) === 2 ? a.start - b.start : 0) ||
      a.quote.length - b.quote.length,
  )
  return sorted[0] && isOwn(sorted[0]) ? sorted.filter(isOwn) : sorted
}
