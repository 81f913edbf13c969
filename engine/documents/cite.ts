import type { Found } from './found.ts'
import type { PassageIndex } from './search.ts'
import { asksForMore } from './asking.ts'
import { deniedTerms, subjectOf, termsOf } from './terms.ts'

/** What an answer rests on: the sentences that say it, or none of what was read does. */
export interface Support {
  readonly cited: readonly Found[]
  readonly supported: boolean
}

const MOST_CITED = 3
/** Of what the best sentence says of the question, a cited one says so much. Measured in DECISIONS.md. */
const NEARLY = 0.9
const LOOKED_AT = 5
/** "You have not told me" is no claim, though a story may say "have I not told you?" */
const CLAIMS_NOTHING =
  /(?<!\p{L})you (?:have not|haven['’]t|did not|didn['’]t) (?:told|tell) me|^\W*i (?:do not|don['’]t) (?:know|remember|find)(?!\p{L})/iu
/** It says that it does not know. */
export function claimsNothing(answer: string): boolean {
  return passedOn(answer) === null && CLAIMS_NOTHING.test(answer)
}

const NOTHING: Support = { cited: [], supported: false }
/** An answer that says each of its words so often goes round in circles, and claims nothing. */
const TOO_OFTEN = 16

/** Where words stand. */
export type Place = Pick<Found, 'source' | 'start' | 'end'>

/** All that stands around what was found, it among it. */
export function placeAround({ source, around }: Found): Place {
  return { source, ...around }
}

/** Two places have words in common. */
export function overlap(a: Place, b: Place): boolean {
  return a.source === b.source && a.start < b.end && b.start < a.end
}

/** What is said before words that were looked up, where Pocket does not answer itself. */
const PASSES_ON = /^\W*(?:I am not sure\W+I find only this|I find this(?=:))\W*/iu

/** The words that an answer only passes on, not being sure of them; `null` for any other answer. */
export function passedOn(answer: string): string | null {
  return PASSES_ON.test(answer) ? answer.replace(PASSES_ON, '') : null
}

/**
 * The sentences that an answer's words are found in. What the answer adds to the question, each word of it, must stand in
 * one sentence that says nearly as much of what is asked as any: a name that is nowhere is never cited, and neither is
 * one that stands with something else or that is denied there.
 *
 * @param lookedUp what was put back into the window for this answer
 */
export function cite(
  index: PassageIndex,
  question: string,
  answer: string,
  lookedUp: readonly Found[],
): Support {
  const asked = new Set(subjectOf(question))
  const passed = passedOn(answer)
  if (claimsNothing(answer)) return NOTHING
  const words = passed ?? answer
  const said = subjectOf(words)
  const added = said.filter((term) => !asked.has(term))
  // "Alice found on the table." names nothing that she found.
  const claimed = added.length > 0 || (passed === null && asksForMore(question)) ? added : said
  const circles = termsOf(words).length >= TOO_OFTEN * Math.max(1, said.length)
  if (claimed.length === 0 || circles) return NOTHING
  const asking = index.lookUp(question, LOOKED_AT)
  // What is looked up may be a part of a sentence, which is cited whole.
  const candidates = [...asking, ...lookedUp, ...index.lookUp(words, LOOKED_AT)]
  const enough = NEARLY * (asking[0]?.share ?? 0)
  const denied = new Set([...deniedTerms(question), ...deniedTerms(words)])
  const cited: Found[] = []
  for (const found of candidates) {
    const there = new Set(termsOf(found.quote))
    const deniedThere = deniedTerms(found.quote)
    const says = (term: string) => there.has(term) && deniedThere.has(term) === denied.has(term)
    const about = [...asked].some((term) => there.has(term)) || asked.size === 0
    const isNew = cited.every((each) => !overlap(each, found))
    const answers = index.shareOf(question, found) >= enough && claimed.every(says)
    if (isNew && about && answers) cited.push(found)
  }
  return { cited: cited.slice(0, MOST_CITED), supported: cited.length > 0 }
}
