import { passedOn } from './cite.ts'

/** A message, a document or a reply on the way to a question. */
interface Said {
  readonly kind: 'user' | 'document' | 'reply'
  readonly text: string
}

/** What a message asks, and how it was answered before. */
export interface Asked {
  readonly question: string
  /** it was asked right before */
  readonly isAgain: boolean
  /** how many of the answers to it only passed words on */
  readonly passedOn: number
}

/** "does it say" and "do you find" behind "What else"; "steht da" behind "Was noch". */
const IS_SAID =
  '(?: (?:do|does|did|can|could|is|was) (?:you|it|there|that|the \\p{L}+)(?: (?:say|find|know|see|tell))?| steht (?:da|dort|drin)| gibt es)?'
const FOR_ELSE = [
  '(?:what|where|(?:any|some)(?:thing|where)) else',
  '(?:is|was) there (?:any|some)thing else',
  '(?:(?:do|did|can|could) you (?:find|see|tell me) )(?:any|some)(?:thing|where) else',
  '(?:(?:tell|show|give) me )?(?:more|another(?: one| place)?)',
  '(?:try|look|search) (?:again|further|elsewhere)',
  "(?:(?:that|this|it)(?:['’]s| is) )?not (?:it|that|this|what i (?:asked|meant|mean)(?: for)?)(?: one)?",
  '(?:was|wo) (?:noch|sonst)(?: noch)?',
  '(?:(?:sonst )?noch )?(?:etwas|was)(?: anderes)?',
  '(?:zeig mir )?(?:noch )?(?:mehr|eine andere stelle)',
  '(?:das|es) (?:ist|war) es nicht',
].join('|')
/** "What else?", "Is there anything else?", "Show me more", "Try again" and "No, that's not it". */
const ASKS_FOR_ELSE = new RegExp(
  `^\\W*(?:(?:and|but|so|no|ok|okay|well|hm+|und|nein)\\W+)*(?:${FOR_ELSE})${IS_SAID}(?:\\W+(?:please|bitte))?\\W*$`,
  'iu',
)

/** It asks for what else there is, and names nothing itself. */
export function asksForElse(message: string): boolean {
  return ASKS_FOR_ELSE.test(message)
}

function isSame(a: string, b: string): boolean {
  const plain = (text: string) =>
    text
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]+/gu, ' ')
      .trim()
  return plain(a) === plain(b)
}

/**
 * The question that a message asks: the one before it where that asks for what else there is, or asks the same again.
 *
 * @param replies to this very message, on other branches
 */
export function askedOf(message: string, way: readonly Said[], replies: readonly string[] = []): Asked {
  let question = asksForElse(message) ? null : message
  const answers = [...replies]
  let isAgain = replies.length > 0
  let since: string[] = []
  for (const { kind, text } of way.toReversed()) {
    if (kind === 'document') break
    if (kind === 'reply') since.push(text)
    if (kind === 'reply' || asksForElse(text)) continue
    question ??= text
    if (!isSame(question, text)) break
    isAgain = true
    answers.push(...since)
    since = []
  }
  const unsure = answers.filter((text) => passedOn(text) !== null)
  return { question: question ?? message, isAgain, passedOn: unsure.length }
}
