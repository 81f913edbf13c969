/** What comes again is at most so long, in tokens: a long sentence or two. */
const LONGEST_PERIOD = 64
/** A matrix of zeros or a table of empty rows that was asked for is shorter than this. */
const TOKENS = 256
const TIMES = 8

/**
 * Sees when a text goes round in circles: its last n tokens are one piece of p tokens over and over,
 *
 *     x_i = x_(i−p)  for the last n − p of them,  1 <= p <= 64,  n >= max(256, 8 p)
 *
 * A greedy model that has come to this does not leave it again: what it reads is what it said.
 *
 * Cost: 64 comparisons a token; nothing is allocated after construction.
 */
export class Repetition {
  readonly #recent = new Int32Array(LONGEST_PERIOD).fill(-1)
  /** for each period, how many tokens on end were the one so far before them */
  readonly #same = new Int32Array(LONGEST_PERIOD + 1)
  #accepted = 0

  /** A token was said; whether with it the text goes round in circles. */
  accept(token: number): boolean {
    let circles = false
    for (let period = 1; period <= LONGEST_PERIOD; period++) {
      const before = this.#recent[(this.#accepted + LONGEST_PERIOD - period) % LONGEST_PERIOD]
      const same = before === token ? (this.#same[period] ?? 0) + 1 : 0
      this.#same[period] = same
      circles ||= same + period >= Math.max(TOKENS, TIMES * period)
    }
    this.#recent[this.#accepted++ % LONGEST_PERIOD] = token
    return circles
  }
}
