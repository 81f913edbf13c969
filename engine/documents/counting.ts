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
/** German writes all nouns with a capital; what often stands behind one of these is a noun, and hardly ever a name. */
const GERMAN_ARTICLE =
  /(?<!\p{L})(?:der|die|das|dem|den|des|ein|eine|einen|einem|einer|eines|im|zum|zur|vom|beim|ins|kein|keine|keinen) $/iu
const LONGEST_ARTICLE = 8
/** A name stands behind one less often. */
const SHARE_OF_NOUN = 0.2

/**
 * Who is named in a text, most often first: words with a capital inside sentences, where nothing but a name has one. Code
 * finds them by how they are written, so places are among them.
 */
export function namesIn(text: string, pages: Pages, most: number): NameCount[] {
  const found = new Map<string, { times: number; first: number; asNoun: number }>()
  for (const { 0: name, index } of text.matchAll(NAME)) {
    const words = name
      .replace(/['’]s?$/, '')
      .split(' ')
      .filter((word) => !NOBODY.has(word))
      .join(' ')
    if (words === '') continue
    const before = found.get(words)
    const isNoun = GERMAN_ARTICLE.test(text.slice(Math.max(0, index - LONGEST_ARTICLE), index))
    found.set(words, {
      times: (before?.times ?? 0) + 1,
      first: before?.first ?? index,
      asNoun: (before?.asNoun ?? 0) + Number(isNoun),
    })
  }
  return [...found]
    .filter(([, { times, asNoun }]) => times >= SHOWN_TIMES && asNoun < SHARE_OF_NOUN * times)
    .sort(([, a], [, b]) => b.times - a.times || a.first - b.first)
    .slice(0, most)
    .map(([words, { times, first }]) => ({ words, times, firstPage: pageAt({ pages }, first) }))
}
