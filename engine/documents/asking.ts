import { namesIn, subjectOf, termOf, THE_USER, withoutAsking } from './terms.ts'

const ASKS =
  /\?|^\s*(what|who|whom|whose|which|when|where|why|how|tell|remind|name|list|show|explain|describe|find|give|does|do|did|is|are|was|were|can|could|has|have)\b/i

/** A message that wants to know something. */
export function asks(message: string): boolean {
  return ASKS.test(message)
}

const NAMES_THE_USER =
  /(?<!\p{L})(?:i|me|my|mine|we|us|our|ours|ich|mich|mir|mein\p{L}*|wir|uns|unser\p{L}*)(?!\p{L})/iu
/** It names whoever speaks. */
export function namesTheUser(message: string): boolean {
  return NAMES_THE_USER.test(message)
}

const ASKS_FOR_MORE =
  /^\W*(?:(?:who|whom|whose|what|which|where|when|why|how)|(?:we[rnm]|wessen|was|welche[rsmn]?|wo|woher|wohin|wann|warum|wie))(?!\p{L})/iu

/** It wants a word that it does not have: not one of those it names, and not yes or no. */
export function asksForMore(question: string): boolean {
  return ASKS_FOR_MORE.test(question) && !/ (?:or|oder) /i.test(question)
}

const ASKS_ONLY_WHO = /^\W*(?:and |so |but )?who(?:['’]s| (?:is|was|are|were))(?!\p{L})/iu

/** "Who is Dr. Livesey?", and not "Who is the doctor of the village?", which one sentence may answer. */
export function asksOnlyWho(question: string): boolean {
  const names = namesIn(question)
  return ASKS_ONLY_WHO.test(question) && subjectOf(question).every((term) => names.has(term))
}

const MAY = 'can|could|may|might|must|should'
const RULE = new RegExp(
  `(?<!\\p{L})(?:(?:${MAY})(?:n?['’]t|not)? (?:i|we|one|my|our)(?! ask)|do (?:i|we) (?:have to|need|pay|owe)|(?:am|are|is) (?:i|we|(?:my|our) \\p{L}+) allowed|(?:must|should) \\p{L}+|(?:kann|können|darf|dürfen|muss|müssen|soll|sollen|brauchen?|zahlen?|bezahlen?) (?:ich|wir|man|mein\\p{L}*|unser\\p{L}*))(?!\\p{L})`,
  'iu',
)
/** "Can I bring my dog in?" and "How long may my sister stay?": what may be done with it, whatever else is known of it. */
const RULE_FOR_OWN =
  /^\W*(?:(?:(?:how|wie) \p{L}+ (?:\p{L}+ )?)?(?:may|must|darf|muss)|(?:where|when|wo|wann) (?:may|darf)|(?:how \p{L}+ (?:\p{L}+ )?)?can|do (?:i|we) (?:have to|need|pay|owe)|(?:am|are|is) (?:i|we|(?:my|our) \p{L}+) allowed)(?:n?['’]t|not)? /iu
/** "What happens if I lose my key?", and not "Do you know if I like milk?" */
const IN_A_CASE =
  /(?<=\p{L})(?<!(?:me|know|sure|remember|recall|ask|asked|tell|told|say|said|wonder|weißt|sag|ob)),? (?:if|unless|wenn|falls) (?:i|we|my|our|ich|wir|mein\p{L}*|unser\p{L}*)(?!\p{L})|^\W*(?:if|unless|wenn|falls) (?:i|we|ich|wir) [^,]*, *(?!what|who|where|which)\p{L}|(?<!\p{L})(?:will|would|does) (?:it|this|that) cost (?:me|us)(?!\p{L})|(?<!\p{L})what(?:['’]s| is) wrong\W*$/iu
const POSSESSES = /(?<!\p{L})(?:my|our|(?:mein|unser)(?:e[mnrs]?)?)(?!\p{L})/iu

/** "What do I do when you are shut?" and "Who pays if you lose it?": anybody, or the model. */
const WHEN_YOU = /(?<=\p{L} )(?:if|when|before|after|until|unless|once|while) you(?:r(?=\s))?(?!\p{L})/giu

/** "What happens if I lose it?": those who read a handbook ask so, and those who chat. */
function asksOfCase(question: string): boolean {
  const asked = withoutAsking(question)
  return IN_A_CASE.test(asked) || asked.search(WHEN_YOU) >= 0
}

/**
 * What whoever reads may or must: "How many hens can I keep?" is answered by a document, though it says "I"; "Where can I
 * find my hens?" is not.
 */
export function asksForRule(question: string): boolean {
  const asked = withoutAsking(question)
  return IN_A_CASE.test(asked) || (RULE.test(asked) && (!POSSESSES.test(asked) || RULE_FOR_OWN.test(asked)))
}

const WAS =
  /(?<!\p{L})(?:(?:did|was|were|have|had|am) (?:i|my|we|our|you|your)|(?:habe?|hatte|war|bin) ich|(?:hast|hattest|warst|bist) du)(?!\p{L})/iu

/** "Why did I give up the piano?" and "Were you tired?": those who chat, and no rule for them. */
export function asksWhatWas(question: string): boolean {
  return WAS.test(question)
}

const SPEAKS_ALONE = /(?<!\p{L})(?:i|me|my|mine|ich|mich|mir|mein\p{L}*)(?!\p{L})/iu
/** "What were we talking about?" and "What shall we do tonight?": those who chat. */
const CHATS =
  /(?<!\p{L})(?:talk|speak|spoke|sp[eo]ken|discuss|chat|say|said|today|tonight|tomorrow|yesterday|heute|morgen|gestern|reden|sprechen|gesprochen)\p{L}*|(?<!\p{L})shall we(?!\p{L})/iu

/** "Why did we give up the late evenings?": those of a house or a club ask so of what they read. */
export function asksForMany(question: string): boolean {
  const asked = withoutAsking(question)
  return !SPEAKS_ALONE.test(asked) && !CHATS.test(asked)
}

const YOU = /(?<!\p{L})(?:you|your|yourself|du|dich|dir|dein(?:e[mnrs]?)?)(?!\p{L})/iu
/** "You are expected on Monday." */
export function saysYou(text: string): boolean {
  return YOU.test(text)
}

/** Anybody, or those of a house: "How old do you have to be?" and "When do you open?" */
const ANYBODY =
  /(?<=\p{L} )(?:(?:do|would|must|should) you (?:have to|need(?: to)?)|(?:on|with) you|(?:are|do) you (?:open|shut|closed?|sell|offer|charge|accept|deliver))(?!\p{L})/giu

/** "Who made you?" */
export function asksOfModel(question: string): boolean {
  return saysYou(question.replace(WHEN_YOU, '').replace(ANYBODY, ''))
}

export function termsIn(words: string): ReadonlySet<string> {
  return new Set(words.split(/\s+/).map(termOf))
}

/** Plateau: whatever was read, a small model knows what to say of it. */
const OF_PLATEAU = termsIn(
  `plateau pocket app program programm memory gedächtnis meter byte slot window fenster nha hybrid attention compare document
  private internet network wifi wi offline shortcut keyboard conversation chat message model state context token temperature
  seed cost graphics gpu webgpu computer stats reset look branch aside temporary export setting`,
)
/** What is said by the way, of nothing but these. */
const BY_THE_WAY = termsIn(
  `thing anything joke talk going really sure right true hello pardon sorry ready life know answer continue begin until long happen
  make mistake weather new forget remember lie normal okay feel sad happy bored lonely tired
  geht los neu alles klar stimmt das echt wirklich`,
)

/** Words of "Sure?" and "Alles klar?" */
const MOST_SMALL = 2

/** Any, and not the one that was read. */
const A_DOCUMENT = /\ban? (?:document|file|text|book)\b/i

function isByTheWay(subject: readonly string[]): boolean {
  return subject.every((term) => term === THE_USER || BY_THE_WAY.has(term))
}

/** "Hello?" and "Alles klar?", and not "Who lies?" */
export function isSmallTalk(message: string): boolean {
  const isShort = message.trim().split(/\s+/).length <= MOST_SMALL
  return isShort && !asksForMore(message) && isByTheWay(subjectOf(message))
}

/** "Is it normal if I feel sad?" and "What happens if you make a mistake?", which the rules of an exam may say. */
export function isTalkOfCase(message: string): boolean {
  return asksOfCase(message) && isByTheWay(subjectOf(message))
}

/** "What are slots?" and "How's it going?": a small model knows by itself what to say. */
export function asksWhatIsKnown(question: string): boolean {
  const subject = subjectOf(question)
  return isByTheWay(subject) || subject.some((term) => OF_PLATEAU.has(term)) || A_DOCUMENT.test(question)
}
