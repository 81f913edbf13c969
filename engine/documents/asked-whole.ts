/** What takes all of a document to answer, and the language it was asked in: the answer is in that. */
export type AskedWhole = (
  { readonly task: 'count'; readonly words: string } | { readonly task: 'people' | 'summary' }
) & { readonly language: Language }

export type Language = 'en' | 'de'

/** Stands for a document's name in a message. */
const THE_DOCUMENT = 'it'

const QUOTES = `["“”„'‘’«»]?`

const OF_THE_WORD = `(?:(?:the )?(?:word|words|name|phrase|term) )?`
const IN_IT = `(?: (?:in|on) (?:it|this|the (?:text|book|document|story|file|novel|page)s?))?`
const SUM_UP = `(?:summari[sz]e|sum up|outline|(?:give|write|make)(?: me)? an? (?:short |brief )?(?:summary|outline|overview) of)`
const WHOLE = `(?:it|this|that|all(?: of it)?|(?:the|this) (?:whole |entire )?(?:text|book|document|story|letter|file|novel))`

const DAS_WORT = `(?:(?:das |der |den |die )?(?:Wort|Wörter|Namen?|Ausdruck|Begriff) )?`
const DARIN = `(?: (?:darin|dort|hier|(?:in|im|auf) .+?))?`
const DEN_TEXT = `(?:Text|Buch|Dokument|Brief|Roman|Geschichte|Datei|Erzählung)(?:e?s)?`
const ALLES = `(?:${THE_DOCUMENT}|es|das|dies|ihn|sie|alles|(?:das|den|die|der|dem|des|diese[snmr]?) (?:(?:ganze|gesamte)[nmsr]? )?${DEN_TEXT})`
const KURZ = `(?: (?:kurz|bitte|mal|mir|für mich|in Kürze))*`

/** Characters; a longer message is about something else, and is not matched against patterns that would take long over it. */
const LONGEST = 500

const whole = (pattern: string) => new RegExp(`^\\s*${pattern}\\s*[.?!]*\\s*$`, 'iu')

/** The first group is what is counted. */
const COUNT: Readonly<Record<Language, readonly RegExp[]>> = {
  en: [
    `how (?:many times|often) (?:does|do|did|is|are|was|were|has|have|can) ${OF_THE_WORD}${QUOTES}(.+?)${QUOTES} (?:occurs?|appears?|come up|shows? up|stands?|mentioned|used|named|written|found|said|been)\\b.*`,
    `how many (?:occurrences|mentions|times) (?:of|is|are) ${OF_THE_WORD}${QUOTES}(.+?)${QUOTES}(?: (?:are|is) there)?(?: mentioned| used| named)?${IN_IT}`,
    `count (?:the |all |all the )?(?:occurrences of |mentions of |how often )?${OF_THE_WORD}${QUOTES}(.+?)${QUOTES}${IN_IT}`,
  ].map((pattern) => whole(`(?:please )?${pattern}`)),
  de: [
    `(?:wie (?:oft|häufig)|wie viele? ?male?) (?:kommt|kommen|taucht|tauchen) ${DAS_WORT}${QUOTES}(.+?)${QUOTES}${DARIN} (?:vor|auf)`,
    `(?:wie (?:oft|häufig)|wie viele? ?male?) (?:wird|werden|ist|sind) ${DAS_WORT}${QUOTES}(.+?)${QUOTES}${DARIN} (?:erwähnt|genannt|benutzt|verwendet|gebraucht|geschrieben|gesagt)`,
    `(?:wie (?:oft|häufig)|wie viele? ?male?) (?:steht|stehen|erscheint|erscheinen) ${DAS_WORT}${QUOTES}(.+?)${QUOTES}${DARIN}`,
    `zähle?,? (?:alle )?(?:Vorkommen von |wie oft )?${DAS_WORT}${QUOTES}(.+?)${QUOTES}${DARIN}(?: vorkommt| vorkommen| steht)?`,
  ].map((pattern) => whole(`(?:bitte )?${pattern}`)),
}
/** More words than this without quotes are a question about something else. */
const MOST_WORDS = 5

const PEOPLE: Readonly<Record<Language, readonly RegExp[]>> = {
  en: [
    /^\s*(?:please )?(?:list|name|give me|show|who are)(?: me)?(?: all)?(?: of)?(?: the)? (?:people|persons|characters|names)\b.*$/iu,
  ],
  de: [
    /^\s*(?:bitte )?(?:nenne?|liste|zeige?|gib|wer sind|welche)(?: mir)?(?: bitte)?(?: alle)?(?: die| der)? (?:Personen|Leute|Figuren|Charaktere|Menschen|Namen)\b.*$/iu,
    /^\s*wer (?:kommt|tritt)(?: alles)?(?: darin| hier| (?:in|im) .+)? (?:vor|auf)\s*\?*\s*$/iu,
  ],
}

const SUMMARY: Readonly<Record<Language, readonly RegExp[]>> = {
  en: [
    whole(
      `(?:please |can you |could you )*(?:${SUM_UP}(?: ${WHOLE})?|what is (?:the|this) (?:text|book|document|story|letter|file|novel) about)(?: for me| in short| please)?`,
    ),
  ],
  de: [
    `(?:bitte )?(?:fasse?|fassen Sie)${KURZ} ${ALLES}${KURZ} zusammen`,
    `(?:kannst du|könntest du|können Sie|könnten Sie)${KURZ} ${ALLES}${KURZ} zusammenfassen`,
    `(?:bitte )?(?:${ALLES}${KURZ} )?zusammenfassen`,
    `(?:bitte )?(?:(?:gib|schreibe?|mache?|erstelle?)(?: mir)?(?: bitte)? )?(?:eine )?(?:kurze )?Zusammenfassung(?: (?:von )?${ALLES})?(?: bitte)?`,
    `worum geht(?: es|['’]s)(?: (?:darin|hier|in ${ALLES}))?`,
    `wovon handelt ${ALLES}`,
  ].map(whole),
}

/**
 * What a message asks of all of a document; `null` for any other message.
 *
 * @param names of documents that the message may name
 */
export function askedOfWhole(message: string, names: readonly string[]): AskedWhole | null {
  if (message.length > LONGEST) return null
  const unnamed = names.reduce((words, name) => words.replaceAll(name, THE_DOCUMENT), message)
  for (const language of ['en', 'de'] as const) {
    const words = wordsToCount(message, language)
    if (words !== '') return { task: 'count', words, language }
    if (PEOPLE[language].some((pattern) => pattern.test(message))) return { task: 'people', language }
    if (SUMMARY[language].some((pattern) => pattern.test(unnamed))) return { task: 'summary', language }
  }
  return null
}

/** Empty where it asks for something else. */
function wordsToCount(message: string, language: Language): string {
  for (const pattern of COUNT[language]) {
    const words = pattern.exec(message)?.[1]?.trim() ?? ''
    if (words !== '' && words.split(/\s+/).length <= MOST_WORDS) return words
  }
  return ''
}
