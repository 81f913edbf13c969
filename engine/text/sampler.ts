import { EngineError } from '../errors.ts'
import type { Sampling } from '../protocol.ts'
import type { DrawSettings } from '../../kernels/draw-token.ts'
import { drawSeed, Random } from './random.ts'

/**
 * The largest `count` logits in any order, equal ones by lowest id, or all V in order of id. Only the first
 * `count` elements of the arrays are read.
 */
export interface Candidates {
  readonly ids: Uint32Array
  readonly logits: Float32Array
  readonly count: number
}

/** How a token is drawn, for whoever can do it where the logits are. */
export interface Draw extends DrawSettings {
  /** The n-th number, uniform in [0, 1), from 0; one of the last few again as often as wanted. */
  number(n: number): number
}

/** Numbers that may be asked for again: a token whose GPU was lost is drawn with the number it had. */
const KEPT_NUMBERS = 8

/** What is added to some logits. */
export interface Bias {
  /** by token */
  readonly nats: ReadonlyMap<number, number>
  /** for so many tokens of the answer, from the first one on */
  readonly tokens: number
}

const NO_BIAS: Bias = { nats: new Map(), tokens: 0 }

// llama.cpp's default for `repeat_last_n`.
const PENALTY_TOKENS = 64

/**
 * Draws the next token from logits x [V].
 *
 *     0. bias b         x_i ← x_i + b_i for the few tokens that have one
 *     1. penalty r      x_i ← x_i / r where x_i > 0, x_i · r where x_i <= 0, for i among the last 64 tokens
 *     2. temperature t  w_i = exp((x_i − max x) / t);  t = 0: the largest x_i, the lowest id among equals
 *     3. top-k          keep the k largest, lowest ids first among equals
 *     4. top-p          of these, keep the largest until their share of Σ w reaches p: at least one
 *     5. min-p          of these, keep those with w_i >= minP · max w
 *     6. draw           i with probability w_i / Σ w, in f64, from 53 random bits
 *
 * Source: the bias is OpenAI's `logit_bias`; the order is that of transformers' `GenerationMixin._get_logits_processor`, the home
 * of the defaults in generation_config.json (llama.cpp applies the temperature last); the penalty is CTRL's, arXiv 1909.05858.
 * Cost: O(count) to build a heap, O(log count) for each token kept; nothing is allocated after construction.
 *
 * @throws {EngineError} `bad-request`: a value out of its range
 */
export class Sampler {
  readonly #wanted: number
  readonly #vocabSize: number
  readonly #drawn: Draw | null
  readonly #sampling: Sampling
  readonly #bias: Bias
  readonly #random: Random
  // The newest numbers as a ring, how many have been made, and the next one's place.
  readonly #numbers = new Float64Array(KEPT_NUMBERS)
  #made = 0
  #nth = 0
  // The last tokens as a ring, and how often each token is in it.
  readonly #recent = new Int32Array(PENALTY_TOKENS).fill(-1)
  readonly #recentCount: Uint8Array
  #accepted = 0
  // A heap of candidates, the best first; what has been popped lies after it, in reverse order.
  readonly #ids: Uint32Array
  readonly #scores: Float64Array
  #heapSize = 0
  #count = 0
  #max = 0

  constructor(sampling: Sampling, vocabSize: number, bias: Bias = NO_BIAS) {
    checkSampling(sampling)
    this.#sampling = sampling
    this.#bias = bias
    this.#vocabSize = vocabSize
    this.#wanted = Math.min(countWanted(sampling), vocabSize)
    this.#random = new Random(sampling.seed ?? drawSeed())
    const isDrawn = sampling.temperature > 0 && sampling.topK > 0 && sampling.repetitionPenalty === 1
    this.#drawn = isDrawn ? { ...sampling, number: (n) => this.#number(n) } : null
    this.#recentCount = new Uint8Array(vocabSize)
    this.#ids = new Uint32Array(vocabSize)
    this.#scores = new Float64Array(vocabSize)
  }

  /** how many of the largest logits make `next` exact, as if it had seen all V */
  get wanted(): number {
    return this.#isBiased ? this.#vocabSize : this.#wanted
  }

  /** for who draws where the logits are; `null` where nothing is drawn, or not without the tokens before or a bias */
  get draw(): Draw | null {
    return this.#isBiased ? null : this.#drawn
  }

  get #isBiased(): boolean {
    return this.#bias.nats.size > 0 && this.#nth < this.#bias.tokens
  }

  /** A token was read or drawn: the repetition penalty counts it. */
  accept(token: number): void {
    const place = this.#accepted++ % PENALTY_TOKENS
    const leaving = this.#recent[place]!
    if (leaving >= 0) this.#recentCount[leaving]!--
    this.#recent[place] = token
    this.#recentCount[token]!++
  }

  /**
   * The next token, the only candidate where there is one; it is not accepted by this.
   *
   * @throws {EngineError} `bad-logits`, with the count of tokens accepted as position: a logit is NaN or +∞, or all are −∞
   */
  next(candidates: Candidates): number {
    const { temperature, topK } = this.#sampling
    this.#load(candidates)
    const nth = this.#nth++
    if (candidates.count === 1) return this.#ids[0]!
    if (temperature === 0) return this.#ids[this.#best()]!
    this.#heapify()
    const pool = topK === 0 ? candidates.count : Math.min(topK, candidates.count)
    return this.#draw(pool, this.#number(nth))
  }

  #number(n: number): number {
    if (n < this.#made - KEPT_NUMBERS) throw new Error(`number ${n} of ${this.#made} is not kept`)
    while (this.#made <= n) this.#numbers[this.#made++ % KEPT_NUMBERS] = this.#random.next()
    return this.#numbers[n % KEPT_NUMBERS]!
  }

  #load({ ids, logits, count }: Candidates): void {
    if (count < 1 || count > this.#ids.length) {
      throw new Error(`a sampler for ${this.#ids.length} tokens was given ${count} candidates`)
    }
    const { repetitionPenalty } = this.#sampling
    const isBiased = this.#isBiased
    let isFinite = false
    for (let i = 0; i < count; i++) {
      const id = ids[i]!
      let score = logits[i]!
      if (isBiased) score += this.#bias.nats.get(id) ?? 0
      if (!(score < Infinity)) this.#refuse()
      isFinite ||= score > -Infinity
      if (repetitionPenalty !== 1 && this.#recentCount[id]! > 0) {
        score = score > 0 ? score / repetitionPenalty : score * repetitionPenalty
      }
      this.#ids[i] = id
      this.#scores[i] = score
    }
    if (!isFinite) this.#refuse()
    this.#count = count
    this.#heapSize = count
  }

  #refuse(): never {
    throw new EngineError({ code: 'bad-logits', position: this.#accepted })
  }

  #best(): number {
    let best = 0
    for (let i = 1; i < this.#heapSize; i++) if (this.#isBefore(i, best)) best = i
    return best
  }

  /** Steps 2 to 6 over the `pool` best candidates, popped from the heap only as far as the draw needs them. */
  #draw(pool: number, number: number): number {
    const { topP, minP } = this.#sampling
    this.#max = this.#scores[0]!
    let total = 0
    if (pool < this.#count) {
      for (let rank = 0; rank < pool; rank++) total += this.#weight(this.#ranked(rank))
    } else {
      for (let i = 0; i < pool; i++) total += this.#weight(i)
    }

    let kept = pool
    let sum = total
    if (topP < 1 || minP > 0) {
      kept = 0
      sum = 0
      while (kept < pool && (kept === 0 || sum < topP * total)) {
        const weight = this.#weight(this.#ranked(kept))
        if (weight < minP) break
        sum += weight
        kept++
      }
    }

    const target = number * sum
    let passed = 0
    let rank = 0
    // `passed` may end a last bit below `sum`, which was added in another order: then the last one kept is drawn.
    while (rank < kept - 1 && (passed += this.#weight(this.#ranked(rank))) <= target) rank++
    return this.#ids[this.#ranked(rank)]!
  }

  #weight(index: number): number {
    return Math.exp((this.#scores[index]! - this.#max) / this.#sampling.temperature)
  }

  /** Where the candidate of this rank lies, popping as far as it. */
  #ranked(rank: number): number {
    const index = this.#count - 1 - rank
    while (this.#heapSize > index) this.#pop()
    return index
  }

  #heapify(): void {
    for (let i = (this.#heapSize >>> 1) - 1; i >= 0; i--) this.#siftDown(i)
  }

  #pop(): void {
    this.#swap(0, --this.#heapSize)
    this.#siftDown(0)
  }

  #siftDown(start: number): void {
    for (let parent = start; ;) {
      let best = parent
      const left = 2 * parent + 1
      const right = left + 1
      if (left < this.#heapSize && this.#isBefore(left, best)) best = left
      if (right < this.#heapSize && this.#isBefore(right, best)) best = right
      if (best === parent) return
      this.#swap(parent, best)
      parent = best
    }
  }

  /** Larger first; of equal ones the lowest id. */
  #isBefore(i: number, j: number): boolean {
    const first = this.#scores[i]!
    const second = this.#scores[j]!
    return first > second || (first === second && this.#ids[i]! < this.#ids[j]!)
  }

  #swap(i: number, j: number): void {
    const score = this.#scores[i]!
    const id = this.#ids[i]!
    this.#scores[i] = this.#scores[j]!
    this.#ids[i] = this.#ids[j]!
    this.#scores[j] = score
    this.#ids[j] = id
  }
}

/** A penalty of at least 1 only lowers: the k best are then among the k + 64 largest. */
function countWanted({ temperature, topK, repetitionPenalty }: Sampling): number {
  const kept = temperature === 0 ? 1 : topK
  if (kept === 0 || repetitionPenalty < 1) return Infinity
  return repetitionPenalty === 1 ? kept : kept + PENALTY_TOKENS
}

function checkSampling({ temperature, topK, topP, minP, repetitionPenalty, seed }: Sampling): void {
  const check = (isValid: boolean, name: string, range: string, value: number | null): void => {
    if (!isValid) {
      throw new EngineError({ code: 'bad-request', reason: `${name} must be ${range}, got ${value}` })
    }
  }
  check(temperature >= 0 && temperature < Infinity, 'temperature', 'at least 0', temperature)
  check(Number.isSafeInteger(topK) && topK >= 0, 'topK', 'a whole number, 0 for all', topK)
  check(topP > 0 && topP <= 1, 'topP', 'above 0 and at most 1', topP)
  check(minP >= 0 && minP <= 1, 'minP', 'between 0 and 1', minP)
  check(
    repetitionPenalty > 0 && repetitionPenalty < Infinity,
    'repetitionPenalty',
    'above 0',
    repetitionPenalty,
  )
  check(seed === null || (Number.isSafeInteger(seed) && seed >= 0), 'seed', 'a whole number or none', seed)
}
