import { type DocumentPage, pageAt } from './document.ts'

/** How often words stand in a text. Code counts them: a model would guess. */
export interface Count {
  readonly words: string
  readonly times: number
  /** how many of the pages they stand on */
  readonly onPages: number
  /** 1-based, of the first time; 0 for none */
  readonly firstPage: number
}

/** A name that a text has, by how it is written. */
export type NameCount = Pick<Count, 'words' | 'times' | 'firstPage'>

type Pages = readonly Pick<DocumentPage, 'start'>[]

const QUOTES = `["“”'‘’«»]?`
const OF_THE_WORD = `(?:(?:the )?(?:word|words|name|phrase|term) )?`
const IN_IT = `(?: (?:in|on) (?:it|this|the (?:text|book|document|story|file|novel|page)s?))?`
const ASKED = [
  `how (?:many times|often) (?:does|do|did|is|are|was|were|has|have|can) ${OF_THE_WORD}${QUOTES}(.+?)${QUOTES} (?:occurs?|appears?|come up|shows? up|stands?|mentioned|used|named|written|found|said|been)\\b.*`,
  `how many (?:occurrences|mentions|times) (?:of|is|are) ${OF_THE_WORD}${QUOTES}(.+?)${QUOTES}(?: (?:are|is) there)?(?: mentioned| used| named)?${IN_IT}`,
  `count (?:the |all |all the )?(?:occurrences of |mentions of |how often )?${OF_THE_WORD}${QUOTES}(.+?)${QUOTES}${IN_IT}`,
].map((pattern) => new RegExp(`^\\s*(?:please )?${pattern}\\s*[.?!]*\\s*$`, 'iu'))
/** More words than this without quotes are a question about something else. */
const MOST_WORDS = 5
const ASKS_FOR_PEOPLE =
  /^\s*(?:please )?(?:list|name|give me|show|who are)(?: me)?(?: all)?(?: of)?(?: the)? (?:people|persons|characters|names)\b.*$/iu

/** The words that a message wants counted; `null` where it asks something else. */
export function wordsToCount(message: string): string | null {
  for (const pattern of ASKED) {
    const words = pattern.exec(message)?.[1]?.trim() ?? ''
    if (words !== '' && words.split(/\s+/).length <= MOST_WORDS) return words
  }
  return null
}

/** It wants to know who is in a document. */
export function asksForPeople(message: string): boolean {
  return ASKS_FOR_PEOPLE.test(message)
}

/** Whole words, capitals and small letters alike, over any breaks of lines. */
export function countWords(text: string, pages: Pages, words: string): Count {
  const escaped = words
    .trim()
    .split(/\s+/)
    .map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/['’]/g, "['’]"))
    .join('\\s+')
  const found = [...text.matchAll(new RegExp(`(?<![\\p{L}\\p{N}])${escaped}(?![\\p{L}\\p{N}])`, 'giu'))]
  const on = found.map(({ index }) => pageAt({ pages }, index))
  return { words, times: found.length, onPages: new Set(on).size, firstPage: on[0] ?? 0 }
}

const NAME = /(?<=[\p{L}\p{N},;’'”"—-] )(\p{Lu}[\p{Ll}’'-]+(?: \p{Lu}[\p{Ll}’'-]+)*)/gu
/** Written with a capital without being anybody. */
const NOBODY = new Set(
  `I Mr Mrs Miss Ms Dr Sir Lord Lady Prince Princess Count Countess King Queen Captain Monday Tuesday Wednesday Thursday
  Friday Saturday Sunday January February March April May June July August September October November December God Chapter
  English French German Russian American Yes No Oh Well But And The A An He She It They We You My His Her What Why How When
  Where Who If In On At To For Not That This There Then So Now Come Good Let`.split(/\s+/),
)
const SHOWN_TIMES = 2

/**
 * Who is named in a text, most often first: words with a capital inside sentences, where nothing but a name has one. Code
 * finds them by how they are written, so places are among them.
 */
export function namesIn(text: string, pages: Pages, most: number): NameCount[] {
  const found = new Map<string, { times: number; first: number }>()
  for (const { 0: name, index } of text.matchAll(NAME)) {
    const words = name
      .replace(/['’]s?$/, '')
      .split(' ')
      .filter((word) => !NOBODY.has(word))
      .join(' ')
    if (words === '') continue
    const before = found.get(words)
    found.set(words, { times: (before?.times ?? 0) + 1, first: before?.first ?? index })
  }
  return [...found]
    .filter(([, { times }]) => times >= SHOWN_TIMES)
    .sort(([, a], [, b]) => b.times - a.times || a.first - b.first)
    .slice(0, most)
    .map(([words, { times, first }]) => ({ words, times, firstPage: pageAt({ pages }, first) }))
}

/** A sentence with figures, and who counted. */
export function describeCount(
  { words, times, onPages, firstPage }: Count,
  name: string,
  pages: number,
): string {
  const counted = 'Counted by code, not by the model.'
  if (times === 0) return `“${words}” does not stand in ${name}. ${counted}`
  const often = times === 1 ? 'once' : `${times.toLocaleString('en')} times`
  return `“${words}” stands ${often} in ${name}, on ${onPages} of ${pages} pages, first on page ${firstPage}. ${counted}`
}

/** A list, and who found it. */
export function describeNames(names: readonly NameCount[], name: string): string {
  if (names.length === 0) return `No names were found in ${name}. Code looked for them, not the model.`
  const lines = names.map(
    ({ words, times, firstPage }) =>
      `- ${words}: ${times.toLocaleString('en')} times, first on page ${firstPage}`,
  )
  return `Names in ${name}, found by code from how they are written, not by the model; places are among them:\n\n${lines.join('\n')}`
}
