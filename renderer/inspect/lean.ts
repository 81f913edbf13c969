import type { LookedToken } from '../../engine/protocol.ts'

/** Tokens that make a word, with the space before it. */
export interface Word {
  readonly text: string
  readonly tokens: readonly LookedToken[]
}

/** Where some tokens leaned: the mean of them. */
export interface Lean {
  /** [L, Q, 3]: slots, sinks, window */
  readonly shares: Float32Array
  /** [L, H, M] */
  readonly slots: Float32Array
  /** sinks, then the window, oldest first: words, and the share on each, the mean of all layers and heads */
  readonly places: readonly { readonly text: string; readonly share: number; readonly sink: boolean }[]
}

/** A token that begins with a space or a line begins a word, and so does one of nothing but signs. */
export function wordsOf(tokens: readonly LookedToken[]): readonly Word[] {
  const words: { text: string; tokens: LookedToken[] }[] = []
  for (const token of tokens) {
    const last = words.at(-1)
    if (last && !beginsWord(token.text)) {
      last.text += token.text
      last.tokens.push(token)
    } else words.push({ text: token.text, tokens: [token] })
  }
  return words
}

/** Stands for text that nobody has kept, and for a token that is no text but ends or begins a turn. */
const [UNKNOWN, MARK] = ['\u2026', '\u25c7']

/** @param textAt what stands at a position; `null` where that is not known */
export function leanOf(tokens: readonly LookedToken[], textAt: (position: number) => string | null): Lean {
  const attentions = tokens.map(({ attention }) => attention)
  const sinks = mean(attentions.map((each) => each.sinks))
  const byPosition = new Map<number, number>()
  for (const { position, window } of attentions) {
    for (const [i, share] of window.entries()) {
      const at = position - (window.length - 1 - i)
      byPosition.set(at, (byPosition.get(at) ?? 0) + share / attentions.length)
    }
  }
  const places: { text: string; share: number; sink: boolean }[] = []
  const add = (position: number, share: number, sink: boolean): void => {
    const text = (textAt(position) ?? UNKNOWN) || MARK
    const last = places.at(-1)
    const isWord = last !== undefined && last.text !== UNKNOWN && last.text !== MARK
    const isSame = text === UNKNOWN ? last?.text === text : isWord && text !== MARK && !beginsWord(text)
    if (last?.sink === sink && isSame)
      Object.assign(last, { text: isWord ? last.text + text : text, share: last.share + share })
    else places.push({ text, share, sink })
  }
  for (const [position, share] of sinks.entries()) if (share > 0) add(position, share, true)
  for (const [position, share] of [...byPosition].sort(([a], [b]) => a - b)) add(position, share, false)
  return {
    shares: mean(attentions.map((each) => each.shares)),
    slots: mean(attentions.map((each) => each.slots)),
    places,
  }
}

/** The mean of all layers and heads: slots, sinks, window. */
export function totals(shares: Float32Array): readonly [slots: number, sinks: number, window: number] {
  const heads = Math.max(1, shares.length / 3)
  const part = (kind: number): number =>
    shares.reduce((sum, share, i) => (i % 3 === kind ? sum + share / heads : sum), 0)
  return [part(0), part(1), part(2)]
}

/** Full stops and the like stand alone: they look at the word, not where it came from. */
function beginsWord(text: string): boolean {
  return /^\s|^[\p{P}\p{S}]+$/u.test(text)
}

function mean(all: readonly Float32Array[]): Float32Array {
  const sum = new Float32Array(all[0]?.length ?? 0)
  for (const each of all) for (const [i, value] of each.entries()) sum[i] = (sum[i] ?? 0) + value / all.length
  return sum
}
