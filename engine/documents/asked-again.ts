import { passedOn } from './cite.ts'

/** A message, a document or a reply on the way to a question. */
interface Said {
  readonly kind: 'user' | 'document' | 'reply'
  readonly text: string
  /** how a reply ended, where that is known */
  readonly end?: string | null
}

/** What a message asks, and how it was answered right before. */
interface AskedAgain {
  readonly question: string
  /** there are answers to it, or more is asked for */
  readonly isAgain: boolean
  /** how many of them only passed words on */
  readonly passedOn: number
  /** the first was the model's own, and more was asked for */
  readonly isAnswered: boolean
}

const NO_WORD = '[^\\p{L}\\p{N}]'
const THE_TEXT = 'the (?:document|text|book|story|file|page)'
/** Behind "What else" and "Was noch". */
const THERE = `(?: (?:do|does|did|can|could|is|was) (?:you|it|there|that|${THE_TEXT})(?: (?:say|find|know|see|tell)(?: me)?)?| (?:is |was )?in (?:it|there|that|${THE_TEXT})| steht (?:da|dort|drin)| gibt es)?`
const FOR_ELSE = [
  `(?:what|where|(?:any|some)(?:thing|one|body|where)) else${THERE}|who else`,
  '(?:do|did|can|could) you (?:find|see|tell me) (?:any|some)(?:thing|one|body|where) else',
  '(?:is|was) there (?:(?:any|some)thing )?(?:else|more)',
  '(?:(?:tell|show|give) me )?(?:(?:any )?more|another(?: one| place)?|something else)',
  '(?:try|look|search) (?:again|further|elsewhere)|keep (?:looking|searching)',
  "(?:that|this|it)(?:(?:['’]s| is) (?:not|wrong)| isn['’]t)(?: (?:it|that|right|what i (?:asked|meant|mean)(?: for)?))?",
  'not (?:it|that|this)(?: one)?',
  `(?:was|wo|wer) (?:noch|sonst)(?: noch)?${THERE}|was(?: gibt es| steht (?:da|dort|drin)) (?:noch|sonst)(?: noch)?`,
  'gibt es (?:noch|sonst)(?: noch)? (?:mehr|etwas|was)|(?:sonst )?noch (?:etwas|was|mehr|mal|einmal)|etwas anderes',
  '(?:zeig mir )?(?:(?:noch )?mehr|(?:noch )?eine andere stelle)|such weiter|(?:(?:das|es) (?:ist|war) (?:es|das) |das )nicht',
].join('|')
const REMARK =
  '(?:ok|okay|i see|good|great|fine|all right|nice|(?:thanks|thank you|danke)(?: a lot| very much| sehr| schön)?|gut|aha|oh)'
/** "Thanks." between a question and "What else?" */
const ONLY_REMARKS = new RegExp(`^${NO_WORD}*(?:${REMARK}(?:${NO_WORD}+|$))+$`, 'iu')
/** "What else?", "Is there anything else?", "Show me more", "Try again" and "No, that's not it". */
const ASKS_FOR_ELSE = new RegExp(
  `^${NO_WORD}*(?:(?:(?:and|but|so|well|hm+|und|nein|${REMARK})${NO_WORD}+|no *[,.;:!–—-]${NO_WORD}*))*(?:${FOR_ELSE})(?:${NO_WORD}+(?:please|bitte))?${NO_WORD}*$`,
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

/** The words of answers that came to their end; where more is asked for, of those that were stopped while passing on too. */
function answersOf(replies: readonly Said[], isElse: boolean): string[] {
  const hasEnded = ({ end }: Said) => end !== 'abort' && end !== 'failed'
  return replies
    .filter((each) => each.text !== '' && (hasEnded(each) || (isElse && passedOn(each.text) !== null)))
    .map(({ text }) => text)
}

/** A message and the answers to it. */
interface Turn {
  readonly text: string
  readonly answers: readonly string[]
}

/** Since the last document was read, oldest first, but for mere remarks. */
function turnsOf(way: readonly Said[], isElse: boolean): Turn[] {
  const turns: { readonly text: string; readonly replies: Said[] }[] = []
  for (const said of way.slice(way.findLastIndex(({ kind }) => kind === 'document') + 1))
    if (said.kind === 'reply') turns.at(-1)?.replies.push(said)
    else turns.push({ text: said.text, replies: [] })
  const meaning = turns.filter(({ text }) => !ONLY_REMARKS.test(text))
  return meaning.map(({ text, replies }) => ({ text, answers: answersOf(replies, isElse) }))
}

/**
 * The question that a message asks: the one before it where that asks for what else there is, or asks the same again.
 *
 * @param replies to this very message, on other branches
 */
export function askedOf(message: string, way: readonly Said[], replies: readonly Said[] = []): AskedAgain {
  const isElse = asksForElse(message)
  const turns = turnsOf(way, isElse)
  const question = isElse ? (turns.findLast(({ text }) => !asksForElse(text))?.text ?? message) : message
  const other = turns.findLastIndex(({ text }) => !asksForElse(text) && !isSame(text, question))
  // What was asked for as something else belongs to the question before it.
  const from = turns.findIndex(({ text }, i) => i > other && isSame(text, question))
  const asked = from < 0 ? [] : turns.slice(from)
  const answers = [...asked.flatMap((turn) => turn.answers), ...answersOf(replies, isElse)]
  const isOwn = (text: string) => passedOn(text) === null
  const [first = [], next = message] = [asked[0]?.answers, asked[1]?.text]
  return {
    question,
    isAgain: answers.length > 0 || (isElse && asked.length > 0),
    passedOn: answers.filter((text) => !isOwn(text)).length,
    isAnswered: first.length > 0 && first.every(isOwn) && asksForElse(next),
  }
}
