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
  `I Mr Mrs Miss Ms Mister Dr Doctor Doktor Professor Uncle Aunt Onkel Tante Frau Herr Herrn Madame Monsieur Sir Lord Lady Prince Princess Count Countess King Queen Captain Monday Tuesday Wednesday Thursday
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

/** In a text of a few pages somebody may be named once; in a longer one what stands once is mostly no name. */
const SHORT_CHARACTERS = 10_000
const TITLES =
  'Mr|Mrs|Ms|Miss|Mister|Dr|Doctor|Sir|Lord|Lady|Aunt|Uncle|Captain|Professor|Father|Sister|Brother|Madame|Monsieur|Herrn?|Frau|Onkel|Tante|Doktor'
/** What people do and things hardly ever. */
const DOES =
  'said|says|asked|asks|replied|answered|cried|shouted|whispered|murmured|called|told|thought|knew|wanted|hoped|loved|liked|hated|wondered|remembered|forgot|smiled|laughed|grinned|nodded|shrugged|sighed|wept|frowned|listened|lived|decided|promised|sagte|fragte|antwortete|rief|flüsterte|dachte|wusste|wollte|hoffte|liebte|lachte|lächelte|nickte|seufzte|weinte|wohnte|lebte|erzählte'
const WORDS = `\\p{Lu}[\\p{Ll}’'-]+(?: \\p{Lu}[\\p{Ll}’'-]+)*`
/** What more a person does at the beginning of a sentence, where English has no other noun without an article. */
const IS =
  'is|was|has|had|works|worked|walked|sat|stood|ran|wrote|took|gave|looked|opened|closed|helped|believes|believed|wants|writes|keeps|kept|baked|sang|arbeitet|arbeitete|schrieb|wohnt|lebt'
/** A name wherever it stands, and in German too: behind a title, beside what people do, in a list, as a signature. */
const PERSON = new RegExp(
  [
    `(?<=(?<!\\p{L})(?:${TITLES})\\.? |(?<!\\p{L})(?:${DOES}) )${WORDS}`,
    `(?<!\\p{L})${WORDS}(?= (?:${DOES}|${IS})(?!\\p{L}))`,
    `(?<=\\p{L}: )${WORDS}(?=,| and | und )`,
    `(?<!\\p{L})\\p{Lu}\\p{Ll}+(?=['’]s \\p{Ll})`,
    `(?=\\p{Lu})(?<=\\n\\s*)${WORDS}(?=\\s*$)`,
  ].join('|'),
  'gu',
)
/** Begins a sentence without being anybody. */
const NO_PERSON = new Set(
  `Nobody Nothing Somebody Someone Something Everybody Everyone Everything Anybody Anyone None One Two Three Both All Some Many
  Most Few Each Others Other Another People Children Men Women Money Time Dinner Breakfast Lunch Supper Rain Snow Night Morning
  Evening Winter Summer Spring Autumn Today Tomorrow Tonight Yesterday Here Outside Inside Everywhere Life Love Death War Peace
  Work Home School Silence Darkness Between Once Never Always Only Such Who Whoever These Those Their Our Your
  Niemand Nichts Jemand Etwas Jeder Alle Alles Man Er Sie Es Wir Ihr Ich Du Das Dies Dort Hier Da Dann Heute Morgen Gestern
  Abend Nacht Mutter Vater`.split(/\s+/),
)
const BEGINS_WITH_ARTICLE = /^(?:The|An?|Der|Die|Das|Den|Dem|Eine?[rnms]?) /u
const ARTICLE = /(?<!\p{L})(?:the|a|an)$/iu
const GERMAN_WORD = /(?<!\p{L})(?:der|die|das|und|nicht|ein|eine|ist|war)(?!\p{L})/giu
const ENGLISH_WORD = /(?<!\p{L})(?:the|and|of|to|was|is|it)(?!\p{L})/giu

/**
 * Who is named in a text, most often first: words with a capital inside sentences, where nothing but a name has one. Code
 * finds them by how they are written, so places are among them.
 */
export function namesIn(text: string, pages: Pages, most: number): NameCount[] {
  if (text.length <= SHORT_CHARACTERS) return namesInShort(text, pages).slice(0, most)
  const found = new Map<string, { times: number; first: number; asNoun: number }>()
  for (const { 0: name, index } of text.matchAll(NAME)) {
    const words = namePart(name)
    if (words === '') continue
    const before = found.get(words)
    found.set(words, {
      times: (before?.times ?? 0) + 1,
      first: before?.first ?? index,
      asNoun: (before?.asNoun ?? 0) + Number(isNoun(text, index)),
    })
  }
  return [...found]
    .filter(([, { times, asNoun }]) => times >= SHOWN_TIMES && asNoun < SHARE_OF_NOUN * times)
    .sort(([, a], [, b]) => b.times - a.times || a.first - b.first)
    .slice(0, most)
    .map(([words, { times, first }]) => ({ words, times, firstPage: pageAt({ pages }, first) }))
}

/** The same of a few pages, where once is enough; of German nouns only for one that does what people do. */
function namesInShort(wrapped: string, pages: Pages): NameCount[] {
  const text = wrapped.replace(/(?<!\n[ \t]*)\r?\n(?![ \t]*\r?\n)/g, (line) => ' '.repeat(line.length))
  const small = new Set(text.match(/(?<![\p{L}’'-])\p{Ll}[\p{Ll}’'-]*/gu))
  const isGerman = (text.match(GERMAN_WORD)?.length ?? 0) > (text.match(ENGLISH_WORD)?.length ?? 0)
  const found = new Map<string, { inside: number; asNoun: number; isPerson: boolean }>()
  const see = (name: string, index: number, isPerson: boolean) => {
    const words = namePart(name)
    if (
      words === '' ||
      words.split(' ').every((word) => small.has(word.toLowerCase()) || NO_PERSON.has(word))
    )
      return
    const before = found.get(words) ?? { inside: 0, asNoun: 0, isPerson: false }
    const asNoun =
      BEGINS_WITH_ARTICLE.test(name) ||
      isNoun(text, index) ||
      ARTICLE.test(text.slice(Math.max(0, index - 4), index).trimEnd())
    found.set(words, {
      inside: before.inside + Number(!isPerson),
      asNoun: before.asNoun + Number(!isPerson && asNoun),
      isPerson: before.isPerson || (isPerson && !asNoun),
    })
  }
  for (const { 0: name, index } of text.matchAll(NAME)) see(name, index, false)
  for (const { 0: name, index } of text.matchAll(PERSON)) see(name, index, true)
  const named = [...found].filter(
    ([, { inside, asNoun, isPerson }]) =>
      isPerson || (asNoun < Math.max(1, SHARE_OF_NOUN * inside) && inside >= (isGerman ? SHOWN_TIMES : 1)),
  )
  const all = new Set(named.map(([words]) => words))
  return named
    .filter(([words]) => !words.includes(' ') || !words.split(' ').some((part) => all.has(part)))
    .map(([words]) => countWords(text, pages, words))
    .sort(
      (a, b) =>
        b.times - a.times || a.firstPage - b.firstPage || text.indexOf(a.words) - text.indexOf(b.words),
    )
    .map(({ words, times, firstPage }) => ({ words, times, firstPage }))
}

/** Without what no name has: a title, the end of a possessive. */
function namePart(name: string): string {
  return name
    .replace(/['’]s?$/, '')
    .split(' ')
    .filter((word) => !NOBODY.has(word))
    .join(' ')
}

function isNoun(text: string, index: number): boolean {
  return GERMAN_ARTICLE.test(text.slice(Math.max(0, index - LONGEST_ARTICLE), index))
}
