const WORD = /[\p{L}\p{N}]+(?:['’][\p{L}]+)?/gu

/** What a question is made of, beside what it is about. */
const QUESTION_WORDS = new Set(
  `a an the of in on at to for from by with and or but if so as than then that this these those there here it its is are
  was were be been being am do does did done has have had having can could will would shall should may might must what
  who whom whose which when where why how tell me say said please about any some you your he she they him her them his
  their we us our one else document text book page story file according now again actually name called call`
    .split(/\s+/)
    .filter((word) => word !== ''),
)

/** The same in German, where a question has a word that only German has: "war" and "die" are words to look up in English. */
const GERMAN =
  /(?<!\p{L})(?:we[rnm]|wessen|wann|wie|wo|woher|wohin|welche[rsmn]?|warum|wieso|ist|sind|heißt|hieß|wurden?|wird|gibt|kann|können|darf|dürfen|muss|müssen|soll|sollen|brauch\p{L}*|bekomm\p{L}*|haben|habe|ein(?:e[mnrs]?)?|kein(?:e[mnrs]?)?|nicht|und)(?!\p{L})/iu
const GERMAN_QUESTION_WORDS = new Set(
  `der die das den dem des ein eine einen einem einer eines in im am an auf zu zum zur von vom für mit bei aus nach um und
  oder aber wenn so als denn dass dies diese dieser dieses hier da es ist sind war waren wird wurde wurden sein bin bist
  hat haben hatte hatten habe kann können konnte soll sollte muss darf was wer wem wen wessen welche welcher welches
  welchem welchen wann wo woher wohin wie warum wieso sag sage mir bitte über du dein deine er sie ihr ihre ihm ihn sich
  wir unser uns man dokument text buch seite datei laut jetzt noch heißt hieß heißen genannt`
    .split(/\s+/)
    .filter((word) => word !== ''),
)

/**
 * Forms of verbs that no ending makes, each to the first of its line: "What did he find?" and "He found a ring." Who moved
 * lives elsewhere now: without that the old place would be put back into the window, and answered.
 */
const FORMS = new Map(
  `be been,become became,come came coming,hate hating,love loving,like liking,bake baking,use using,begin began begun,bring brought,build built,buy bought,catch caught,choose chose chosen,
  cut,draw drew drawn,drink drank drunk,drive drove driven,eat ate eaten,fall fell fallen,feel felt,fight fought,find found,
  fly flew flown,forget forgot forgotten,get got gotten,give gave given giving,go went gone goes,grow grew grown,hear heard,hide hid hidden hiding,
  hold held,keep kept,know knew known,lead led,leave left,lend lent,lose lost losing,make made making,mean meant,meet met,pay paid,read,
  ride rode ridden riding,ring rang rung,run ran,see saw seen,sell sold,send sent,show shown,sing sang sung,sit sat,sleep slept,
  live living moved moving,belong own owns owned owning owner,speak spoke spoken,spend spent,stand stood,steal stole stolen,swim swam swum,take took taken taking,teach taught,think thought,
  throw threw thrown,wake woke woken waking,wear wore worn,win won,write wrote written,
  finden fand gefunden,gehen ging gegangen,kommen kam gekommen,nehmen nahm genommen,geben gab gegeben,sehen sah gesehen,
  schreiben schrieb geschrieben,bringen brachte gebracht,verkaufen verkaufte verkauft,kaufen kaufte gekauft,
  heißen heiße heißt hieß,wohnen wohne wohnst wohnt wohnte gezogen umgezogen,arbeiten arbeite arbeitest arbeitet arbeitete,beginnen begann begonnen,sterben starb gestorben`
    .split(/\s*,\s*/)
    .flatMap((line) => {
      const [first = '', ...others] = line.split(' ')
      return others.map((other) => [other, first] as const)
    }),
)

/** Whoever speaks: `I`, `me` and `my`, `ich`, `mir` and `mein` are one term, which says little. */
export const THE_USER = 'my'

/** The words of a text as they are looked up: small letters, and without their endings. */
export function termsOf(text: string): string[] {
  return (text.normalize('NFC').match(WORD) ?? []).map(remembered)
}

/** A book of 3 MB has some 20,000 different words, and 600,000 in all. */
const known = new Map<string, string>()
const MOST_KNOWN = 50_000

function remembered(word: string): string {
  let term = known.get(word)
  if (term !== undefined) return term
  term = termOf(word)
  if (known.size >= MOST_KNOWN) known.clear()
  known.set(word, term)
  return term
}

const ASKS_TO_REMEMBER =
  /^\W*(?:do|can|could|would|will) you (?:still )?(?:remember|know|recall|tell me)(?!\p{L})|^\W*wei(?:ß|ss)t du (?:noch)?(?!\p{L})/iu
const FOR_A_LIVING = /\bfor a living\b/gi
/** "What kind of car do I drive?" says nothing of a kind, which is a child in German. */
const KIND_OF = /\b(?:kind|sort|type)s? of\b/gi
/** "who made the cake?" of "Can you tell me who made the cake?" */
export function withoutAsking(question: string): string {
  return question.replace(ASKS_TO_REMEMBER, '')
}

/** "Where am I from?" and "What country do I come from?" */
const ENDS_IN_FROM = /\b(?:am i|i am|i come) from\W*$/i
const ASKS_WHO_SPEAKS = /\bwho (?:am i|i am)\b|\bwer (?:bin ich|ich bin)\b/i

/**
 * What a question asks for: its terms without the words of asking, each once. Those alone, where nothing else is left,
 * as in "What is my name?".
 */
export function subjectOf(question: string): string[] {
  const asked = withoutAsking(question.normalize('NFC')).replace(FOR_A_LIVING, 'job').replace(KIND_OF, '')
  const words = (asked.match(WORD) ?? []).map((word) => word.toLowerCase())
  const asking = GERMAN.test(question) ? GERMAN_QUESTION_WORDS : QUESTION_WORDS
  const about = words.filter((word) => !asking.has(word.replace(/['’]s$/, '')) && !/n['’]t$/.test(word))
  const weak = words.filter((word) => /^(?:name$|call|heiß|hieß)/.test(word))
  if (ASKS_WHO_SPEAKS.test(question)) weak.push('name')
  const from = ENDS_IN_FROM.test(question) ? ['from'] : []
  return [...new Set([...about, ...from, ...(about.length < 2 ? weak : [])].map(termOf))]
}

/** Words with a capital letter within a question, as names have them; none in German, where every noun has one. */
export function namesIn(question: string): Set<string> {
  if (GERMAN.test(question)) return new Set()
  const words = question.normalize('NFC').match(WORD) ?? []
  return new Set(words.filter((word, i) => i > 0 && /^\p{Lu}\p{Ll}/u.test(word)).map(termOf))
}

const ASKS_WHAT_IS = /\b(?:who|what)\s+(?:is|was|are|were)\b/i
const BEING = /^(?:is|was|are|were)$/i
const CALLED = /^(?:called|named)$/i
/** Before what somebody is, and not how: "the cat", and not "late". */
const BEFORE_WHAT = /^(?:an?|the|one|my|your|his|her|its|our|their|who|which)$/i

/** It asks who or what somebody is. */
export function asksWhatIs(question: string): boolean {
  return ASKS_WHAT_IS.test(question)
}

/**
 * Whether a sentence says who or what somebody is of whom it is asked, and does not only name them: 2 for "Dinah was the
 * cat", "a cat called Dinah" and "Dinah, the cat", 1 for "Dinah is late", else 0.
 */
export function saysWhatIs(subject: readonly string[], sentence: string): number {
  const words = [...sentence.normalize('NFC').matchAll(WORD)]
  const wordAt = (i: number) => words[i]?.[0] ?? ''
  return words.reduce((most, { 0: word, index }, i) => {
    if (!subject.includes(termOf(word))) return most
    const isBeing = BEING.test(wordAt(i + 1))
    const isBesides = /^,\s/.test(sentence.slice(index + word.length)) && BEFORE_WHAT.test(wordAt(i + 1))
    const says = CALLED.test(wordAt(i - 1)) || isBesides || (isBeing && BEFORE_WHAT.test(wordAt(i + 2)))
    return Math.max(most, says ? 2 : isBeing ? 1 : 0)
  }, 0)
}

const WHO_SPEAKS = /(?<!\p{L})(?:I['’]m|I am|[Cc]all me|[Ii]ch bin) \p{Lu}\p{Ll}/u

/** "I'm Rebecca." gives a name, without the word. */
export function saysWhoSpeaks(sentence: string): boolean {
  return WHO_SPEAKS.test(sentence)
}

/** What a sentence is about that gives a name. */
export const NAMING: readonly string[] = ['name', 'call']

const ASKS_FOR_NAME = /(?<!\p{L})(?:names?|named|called|heiß(?:t|en)|hieß(?:en)?|genannt)(?!\p{L})/iu

/** "What is my dog called?", and not "What does my dog eat?" */
export function asksForName(question: string): boolean {
  return ASKS_FOR_NAME.test(question)
}

/** "My dog is called Rex." and "My dog Rex snores.", and not "My dog snores." */
export function givesName(sentence: string): boolean {
  return ASKS_FOR_NAME.test(sentence) || saysWhoSpeaks(sentence) || namesIn(sentence).size > 0
}

const DENIES =
  /^(?:not|no|never|none|nobody|nothing|neither|nor|without|cannot|nicht|nie|niemals|kein\p{L}*|niemand|ohne|.*n['’]t)$/iu
/** Words after a word of denial that it denies: "was never really found". */
const DENIED = 3

/** The terms that a text denies: "The silver was never found" denies what it says of finding. */
export function deniedTerms(text: string): Set<string> {
  const words = text.normalize('NFC').match(WORD) ?? []
  return new Set(
    words.flatMap((word, i) => (DENIES.test(word) ? words.slice(i + 1, i + 1 + DENIED).map(termOf) : [])),
  )
}

/** They end as if inflected: "evening" is not "even". */
const WHOLE = new Set('evening herring earring stocking rating note noted notes means'.split(' '))
const ENDING = /(?:ing|ed)$/
/** There is none before the ending of "bring". */
const VOWEL = /[aeiouyäöü]/

/** "Vasíli" is asked for as "Vasili", and "naïve" as "naive"; what "ä" is in German is not "a". */
const ACCENTS = /(?<=\p{Script=Latin})[\u0300-\u0304\u0306\u0307\u030a-\u030c\u0327\u0328]+|(?<=[ei])\u0308/gu
/** "d'Artagnan", and not "d'you" */
const ELISION = /^[dl]'(?=\p{L}{4})/u

/** Strip what inflection adds in English; on other words it does little, and the same to text and question. */
export function termOf(word: string): string {
  const plain = word.toLowerCase().normalize('NFD').replace(ACCENTS, '').normalize('NFC').replace('’', "'")
  let stem = plain.replace(ELISION, '').replace(/'(?:s|m|d|t|ll|re|ve)$/, '')
  stem = FORMS.get(stem) ?? stem
  if (WHOLE.has(stem)) return stem
  if (/^(?:i|me|mine|ich|mich|mir|mein(?:e[rnms]?)?)$/.test(stem)) return THE_USER
  if (stem.length > 4) stem = stem.replace(/(?:ies|ied)$/, 'y')
  if (stem.length > 3) stem = stem.replace(/(?<!s)s$/, '')
  if (WHOLE.has(stem)) return stem
  if (stem.length > 4)
    stem = stem.replace(ENDING, (ending, at: number) => (VOWEL.test(stem.slice(0, at)) ? '' : ending))
  if (stem.length > 4) stem = stem.replace(/e$/, '')
  // "sitting" and "sit", "running" and "run"
  return stem.length > 3 ? stem.replace(/(\p{L})\1$/u, '$1') : stem
}
