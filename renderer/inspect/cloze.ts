/** Words of the conversation that the model may still know. */
export interface Source {
  readonly text: string
  /** said by the user, of himself, and not a document */
  readonly said: boolean
}

/** A sentence with a word left out. */
export interface Cloze {
  /** up to the word, as an answer would say it */
  readonly begin: string
  readonly word: string
  /** where it stands: its sentence, and the one before and after */
  readonly passage: string
}

const SHORTEST = 3
const LONGEST = 30
const PERSONS: Readonly<Record<string, string>> = {
  my: 'your',
  i: 'you',
  "i'm": "you're",
  am: 'are',
  me: 'you',
  mine: 'yours',
  myself: 'yourself',
}

/** Up to `count` of them, spread over everything that was said and read. */
export function clozes(sources: readonly Source[], count: number): readonly Cloze[] {
  const all = sources.flatMap((source) => {
    const sentences = source.text.split(/(?<=[.!?])\s+|\n+/)
    return sentences.flatMap((sentence, at) =>
      gapsOf(source, sentence).map((gap) => ({ ...gap, sentences, at })),
    )
  })
  const length = Math.min(count, all.length)
  return Array.from({ length }, (_, i) => all[Math.floor(((i + 0.5) * all.length) / length)])
    .filter((one) => one !== undefined)
    .map(({ begin, word, sentences, at }) => {
      const around = sentences.slice(Math.max(0, at - 1), at + 2)
      return { begin, word, passage: around.join(' ').trim() }
    })
}

/** Whether an answer that goes on from `begin` begins with the word. */
export function isRecalled({ word }: Pick<Cloze, 'word'>, answer: string): boolean {
  return bare(answer).startsWith(bare(word))
}

function gapsOf({ said }: Source, sentence: string): readonly Omit<Cloze, 'passage'>[] {
  const words = sentence.trim().split(/\s+/)
  if (sentence.includes('?') || words.length < SHORTEST || words.length > LONGEST) return []
  const at = gap(words)
  if (at === null) return []
  const before = words.slice(0, at)
  const begin = (said ? before.map(turned) : before).join(' ')
  const word = strip(words[at] ?? '')
  return [{ begin: begin.charAt(0).toUpperCase() + begin.slice(1), word }]
}

/** The last name or number, else the longest word of the second half; there must be words before it. */
function gap(words: readonly string[]): number | null {
  const isTelling = (word: string) => /^\p{Lu}\p{L}|\d/u.test(strip(word))
  const named = words.findLastIndex((word, at) => at >= 2 && isTelling(word) && !(strip(word) in PERSONS))
  if (named >= 0) return named
  let best: number | null = null
  for (const [at, word] of words.entries()) {
    const length = strip(word).length
    if (at < Math.max(2, words.length / 2) || length < 4) continue
    if (best === null || length > strip(words[best] ?? '').length) best = at
  }
  return best
}

/** The model answers in the second person. */
function turned(word: string): string {
  const other = PERSONS[word.toLowerCase()]
  if (other === undefined) return word
  return word !== 'I' && /^\p{Lu}/u.test(word) ? other.charAt(0).toUpperCase() + other.slice(1) : other
}

function strip(word: string): string {
  return word.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '')
}

function bare(text: string): string {
  return text.toLowerCase().replace(/^[^\p{L}\p{N}]+/u, '')
}
