import { Random } from '../text/random.ts'

/** Of the sequences at first: their window is all but gone, so that nothing is learned but through the slots. */
const DROPPED = 0.5
/** The widest window of such a sequence. */
const DROPPED_WINDOW = 16
/** The narrowest window of the others; none is wider than the model's own. */
const NARROWEST = 32
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

/** Learning rate: up over 20 steps, then down along a cosine to a tenth. */
export function stepRate(step: number, steps: number, highest: number): number {
  const warm = Math.min(1, (step + 1) / 20)
  return highest * warm * (0.1 + 0.9 * 0.5 * (1 + Math.cos((Math.PI * step) / steps)))
}

/** Random numbers of one step that do not depend on how many steps this process has made. */
export function stepRandom(seed: number, step: number): Random {
  return new Random((seed * 1_000_003 + step) % 2 ** 53)
}
