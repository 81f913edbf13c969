import { Random } from '../text/random.ts'

/** Of the sequences at first: their window is all but gone, so that nothing is learned but through the slots. */
const DROPPED = 0.5
/** The widest window of such a sequence. */
const DROPPED_WINDOW = 16
/** The narrowest window of the others; none is wider than the model's own. */
const NARROWEST = 32
/** Share of the steps in which what was read is read again. */
const AGAIN = 0.7
/** Tokens of a stretch that is read again, least and most. */
const STRETCH = [4, 16] as const
/** Share of the steps after which no window is dropped. */
const ANNEALED = 0.8

/**
 * W of one step. A model whose window is always there learns to do without its slots: in half of the steps at first, and
 * fewer and fewer, the window is 0 to 16.
 *
 * @param progress share of all steps that are done
 */
export function stepWindow(random: Random, window: number, progress: number): number {
  const between = (least: number, most: number) => least + Math.floor(random.next() * (most - least + 1))
  const dropped = DROPPED * Math.max(0, 1 - progress / ANNEALED)
  if (random.next() < dropped) return between(0, Math.min(DROPPED_WINDOW, window))
  return between(Math.min(NARROWEST, window), window)
}

/**
 * What one step reads: a text, or half of it and then stretches of that half in another order. A model that can look back
 * foresees these well, and only by looking back: each of their tokens asks what left the window, where in plain text one
 * token in twenty does.
 */
export function stepText(random: Random, text: readonly (readonly number[])[]): readonly number[] {
  const tokens = text[Math.floor(random.next() * text.length)] ?? []
  return random.next() < AGAIN ? readAgain(random, tokens) : tokens
}

/** The first half of a text, and then its stretches in another order. */
export function readAgain(random: Random, tokens: readonly number[]): readonly number[] {
  const half = tokens.slice(0, tokens.length / 2)
  const stretches: (readonly number[])[] = []
  for (let at = 0; at < half.length; at += stretches.at(-1)?.length ?? 1) {
    const length = STRETCH[0] + Math.floor(random.next() * (STRETCH[1] - STRETCH[0] + 1))
    stretches.push(half.slice(at, at + length))
  }
  for (let i = stretches.length - 1; i > 0; i--) {
    const j = Math.floor(random.next() * (i + 1))
    const [a = [], b = []] = [stretches[i], stretches[j]]
    stretches[i] = b
    stretches[j] = a
  }
  return [...half, ...stretches.flat()]
}

/** Learning rate: up over 20 steps, then down along a cosine to a tenth. */
export function stepRate(step: number, steps: number, highest: number): number {
  const warm = Math.min(1, (step + 1) / 20)
  return highest * warm * (0.1 + 0.9 * 0.5 * (1 + Math.cos((Math.PI * step) / steps)))
}

/** Random numbers of one step that do not depend on how many steps this process has made. */
export function stepRandom(seed: number, step: number): Random {
  return new Random((seed * 1_000_003 + step) % 2 ** 53)
}
