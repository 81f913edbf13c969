import { asksForRule, namesTheUser, saysYou } from './asking.ts'
import { isSomebody } from './kindred.ts'
import type { Span } from './passages.ts'
import { isSpoken } from './speech.ts'
import { termOf } from './terms.ts'

/** Words that lead to somebody and are nobody themselves, or are what somebody is to others too: a contract speaks of "the Employer". */
const ROLES = new Set(
  `next report married marry wedding anniversary verheiratet hochzeit boss chief manager employer colleague coworker partner
  doctor physician dentist arzt ärztin`
    .split(/\s+/)
    .map(termOf),
)
/** What is asked of a person with "my", and said of others in any story. */
const OF_A_PERSON = new Set(
  'birthday name age hobby job profession favourite favorite geburtstag alter beruf'.split(' ').map(termOf),
)

const MY = 'my|our|mein(?:e[mnrs]?)?|unser(?:e[mnrs]?)?'
const TWO_WORDS = '\\s+(\\p{L}+)(?:\\s+(\\p{L}+))?'
const THEIRS = new RegExp(`(?<!\\p{L})(?:${MY})${TWO_WORDS}`, 'giu')
const SAID_OF_THEIRS = new RegExp(`(?<!\\p{L})(?:${MY}|your|dein(?:e[mnrs]?)?)${TWO_WORDS}`, 'giu')

function termsAfter(whose: RegExp, text: string): string[] {
  return [...text.matchAll(whose)].flatMap(([, ...words]) => words.map((word?: string) => termOf(word ?? '')))
}

/**
 * What of theirs whoever speaks asks for: "brother" of "What is my little brother called?", "birthday" of "When is my
 * birthday?", nothing of "When is my rent due?" and "Who is her brother?"
 */
export function theirsIn(question: string): ReadonlySet<string> {
  const terms = termsAfter(THEIRS, question)
  return new Set(terms.filter((term) => (isSomebody(term) && !ROLES.has(term)) || OF_A_PERSON.has(term)))
}

/** "My brother came." and "Your brother came." say something of a brother of whoever says or reads it. */
function saysOfTheirs(sentence: string, theirs: ReadonlySet<string>): boolean {
  return termsAfter(SAID_OF_THEIRS, sentence).some((term) => theirs.has(term))
}

const OF_SELF =
  /(?<!\p{L})(?:(?:did|was|have|had|am) i|(?:habe?|hatte|war|bin) ich|do i (?:\p{L}+ly )?(?:live|work|earn|own|like|love|hate|prefer|play|drive|eat|drink|study|speak|wear|weigh|collect|call|know))(?!\p{L})/iu
/** "Where was I born?" and "Where do I live?" */
function asksOfSelf(question: string): boolean {
  return OF_SELF.test(question)
}

/**
 * Whether what stands in a document may be meant: of what somebody asks of themselves that is what whoever wrote it says of
 * themselves or of whoever reads it, and not what somebody says in a story. Anything, of all else.
 */
export function meansWhoAsks(
  question: string,
  isOfDocuments: boolean,
): (text: string, span: Span) => boolean {
  const isRule = isOfDocuments && asksForRule(question)
  const theirs = isRule ? new Set<string>() : theirsIn(question)
  const isOfSelf = !isRule && asksOfSelf(question)
  if (theirs.size === 0 && !isOfSelf) return () => true
  return (text, span) => {
    const sentence = text.slice(span.start, span.end)
    const saysOfThem = theirs.size === 0 || saysOfTheirs(sentence, theirs)
    const saysOfThemselves = !isOfSelf || namesTheUser(sentence) || saysYou(sentence)
    return saysOfThem && saysOfThemselves && !isSpoken(text, span)
  }
}
