/** A seeded source of uniform numbers with 53 random bits: the same seed gives the same numbers everywhere. */
export class Random {
  #a: number
  #b: number
  #c = 0
  #counter = 1

  /** @param seed integer in [0, 2^53) */
  constructor(seed: number) {
    this.#a = seed >>> 0
    this.#b = Math.floor(seed / 2 ** 32)
    // Twelve rounds let every bit of the seed reach every bit of the state.
    for (let i = 0; i < 12; i++) this.#word()
  }

  /** Uniform in [0, 1), a multiple of 2^-53. */
  next(): number {
    const high = this.#word() >>> 5
    const low = this.#word() >>> 6
    return (high * 2 ** 26 + low) / 2 ** 53
  }

  /** sfc32, from Chris Doty-Humphrey's PractRand: 128 bits of state, 32 of them a counter. */
  #word(): number {
    const sum = (this.#a + this.#b + this.#counter) >>> 0
    this.#a = (this.#b ^ (this.#b >>> 9)) >>> 0
    this.#b = (this.#c + (this.#c << 3)) >>> 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) >>> 0
    this.#counter = (this.#counter + 1) >>> 0
    return sum
  }
}

/** A seed nobody chose, in [0, 2^53). */
export function drawSeed(): number {
  const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2))
  return (high >>> 11) * 2 ** 32 + low
}
