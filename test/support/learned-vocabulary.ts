import { CHARACTER_OF_BYTE } from '../../engine/text/byte-map.ts'

export interface LearnedVocabulary {
  /** by what they stand for; the special tokens are not among them */
  readonly tokens: readonly string[]
  /** best first */
  readonly merges: readonly [string, string][]
}

/** Pairs that are merged between two counts: the ranks need not be those of real training, only some. */
const AT_ONCE = 64
/** Words that are tokens and that no merge makes: only `ignore_merges` finds them. */
const WHOLE_WORDS = 60
const WORDS = / ?\p{L}[\p{L}\p{M}]*| ?\p{N}{1,3}| ?[^\s\p{L}\p{N}]+|\s+/gu

/** Bytes, merges of them that this text has, and some whole words, as a byte-level vocabulary writes them. */
export function learnByteLevel(text: string, limit: number): LearnedVocabulary {
  const counts = count(text.match(WORDS) ?? [])
  const utf8 = new TextEncoder()
  const asBytes = (word: string) => Array.from(utf8.encode(word), (byte) => CHARACTER_OF_BYTE[byte]!)
  const words = [...counts].map(([word, times]) => ({
    symbols: asBytes(word),
    times,
  }))
  const merges = learn(words, limit)
  const tokens = [...CHARACTER_OF_BYTE, ...merges.map((pair) => pair.join(''))]
  const unmade = words.filter(({ symbols }) => symbols.length > 2).map(({ symbols }) => symbols.join(''))
  return {
    tokens: [...new Set([...tokens, ...unmade.slice(0, WHOLE_WORDS)])],
    merges,
  }
}

/** The characters that this text has more than once, and merges of them, with U+2581 for a blank. */
export function learnSentencePiece(text: string, limit: number): LearnedVocabulary {
  const marked = text.replaceAll(' ', '\u2581')
  const characters = [...count(Array.from(marked))].filter(
    ([character, times]) => times > 1 && character >= ' ',
  )
  const known = new Set(characters.map(([character]) => character))
  const words = [...count(marked.split(/(?=(?<!\u2581)\u2581)/))].flatMap(([word, times]) =>
    // What has no token is bytes, and no merge reaches over it.
    splitAt(Array.from(word), (character) => !known.has(character)).map((symbols) => ({ symbols, times })),
  )
  const merges = learn(words, limit)
  return { tokens: [...merges.map((pair) => pair.join('')), ...known], merges }
}

interface CountedWord {
  readonly symbols: string[]
  readonly times: number
}

/** The words are merged in place. */
function learn(words: readonly CountedWord[], limit: number): [string, string][] {
  const merges: [string, string][] = []
  const made = new Set<string>()
  while (merges.length < limit) {
    const pairs = new Map<string, number>()
    for (const { symbols, times } of words)
      for (let i = 0; i + 1 < symbols.length; i++) {
        const pair = `${symbols[i]}\n${symbols[i + 1]}`
        pairs.set(pair, (pairs.get(pair) ?? 0) + times)
      }
    const best = [...pairs]
      .sort(([, a], [, b]) => b - a)
      .map(([pair]) => pair.split('\n') as [string, string])
      .filter(([left, right]) => !made.has(left + right))
      .slice(0, Math.min(AT_ONCE, limit - merges.length))
    if (best.length === 0) return merges
    for (const [left, right] of best) {
      if (made.has(left + right)) continue
      made.add(left + right)
      merges.push([left, right])
      for (const { symbols } of words)
        for (let i = symbols.indexOf(left); i !== -1; i = symbols.indexOf(left, i + 1))
          if (symbols[i + 1] === right) symbols.splice(i, 2, left + right)
    }
  }
  return merges
}

function count(parts: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const part of parts) counts.set(part, (counts.get(part) ?? 0) + 1)
  return counts
}

function splitAt(symbols: readonly string[], isBreak: (symbol: string) => boolean): string[][] {
  const parts: string[][] = [[]]
  for (const symbol of symbols) {
    if (isBreak(symbol)) parts.push([])
    else parts.at(-1)?.push(symbol)
  }
  return parts.filter((part) => part.length > 0)
}
