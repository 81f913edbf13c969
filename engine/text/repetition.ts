/** What comes again is at most so long, in tokens: a long sentence or two. */
const LONGEST_PERIOD = 64
/** A matrix of zeros or a table of empty rows that was asked for is shorter than this. */
const TOKENS = 256
/** Of prose nobody asks for so much of the same; lists of `null` and empty cells have no two words that differ. */
const TOKENS_OF_PROSE = 64
const TIMES = 8

const BLANK = 0x20
const CASE = 0x20
const [A, Z] = [0x61, 0x7a]

/** A token that is a blank and letters, or a part of one in another script. */
export function isWord(bytes: Uint8Array): boolean {
  if (bytes.length < 2 || bytes[0] !== BLANK) return false
  for (let i = 1; i < bytes.length; i++) {
    const byte = bytes[i] ?? 0
    const isLetter = byte >= 0x80 || ((byte | CASE) >= A && (byte | CASE) <= Z)
    if (!isLetter) return false
  }
  return true
}

/**
 * Sees when a text goes round in circles: its last n tokens are one piece of p tokens over and over,
 *
 *     x_i = x_(i−p)  for the last n − p of them,  1 <= p <= 64,  n >= max(256, 8 p)
 *
 * and n >= max(64, 8 p) where two words in the piece differ, as in "for the prizes for the prizes".
 *
 * A greedy model that has come to this does not leave it again: what it reads is what it said.
 *
 * Cost: 64 comparisons a token; nothing is allocated after construction.
 */
export class Repetition {
  readonly #recent = new Int32Array(LONGEST_PERIOD).fill(-1)
  /** for each period, how many tokens on end were the one so far before them */
  readonly #same = new Int32Array(LONGEST_PERIOD + 1)
  /** the word that was said last, and how many tokens ago it came after another one */
  #word = -1
  #sinceOther = Infinity
  #accepted = 0

  /**
   * A token was said; whether with it the text goes round in circles.
   *
   * @param isWord it is a blank and letters
   */
  accept(token: number, isWord: boolean): boolean {
    let circles = false
    this.#sinceOther++
    if (isWord && token !== this.#word) {
      if (this.#word >= 0) this.#sinceOther = 0
      this.#word = token
    }
    for (let period = 1; period <= LONGEST_PERIOD; period++) {
      const before = this.#recent[(this.#accepted + LONGEST_PERIOD - period) % LONGEST_PERIOD]
      const same = before === token ? (this.#same[period] ?? 0) + 1 : 0
      this.#same[period] = same
      const enough = this.#sinceOther < period ? TOKENS_OF_PROSE : TOKENS
      circles ||= same + period >= Math.max(enough, TIMES * period)
    }
    this.#recent[this.#accepted++ % LONGEST_PERIOD] = token
    return circles
  }
}
