import type { Next, SavedState, Sequence } from '../../engine/model/sequence.ts'
import type { Candidates } from '../../engine/text/sampler.ts'
import type { Tokenizer } from '../../engine/text/tokenizer.ts'

/** The end-of-turn token of the byte tokenizer. */
export const END = 256

/** Bytes are tokens, and one more ends the turn: small enough to read a failing test by eye. */
export const byteTokenizer: Tokenizer = {
  vocabSize: 257,
  endOfTurn: END,
  encode: (text) => [...new TextEncoder().encode(text)],
  encodePieces: (pieces) => pieces.flatMap(({ text }) => [...new TextEncoder().encode(text)]),
  bytes: (token) => (token === END ? new Uint8Array() : Uint8Array.of(token)),
  endsOfTurn: [END],
  isEndOfTurn: (token) => token === END,
}

/**
 * A model that says `script` token by token, whatever it reads, and writes down what it was given. With `readsAhead` what
 * it says next is read at once, where the caller goes on.
 */
export class ScriptedSequence implements Sequence {
  readonly readsAhead: boolean
  isAhead = false
  position = 0
  readonly stateBytes = 1000
  readonly tokens = ''
  readonly read: number[] = []
  disposed = false
  readonly #script: readonly number[]
  #said = 0
  failAt = Infinity

  constructor(script: readonly number[], readsAhead = false) {
    this.#script = script
    this.readsAhead = readsAhead
  }

  prefill(tokens: readonly number[], _wanted?: number): Promise<Candidates> {
    return this.#take(tokens)
  }

  async decode(token: number, _wanted: number, { goOn = false }: Next = {}): Promise<Candidates> {
    this.#said++
    if (this.isAhead && this.read.at(-1) !== token) throw new Error('another token than the one read ahead')
    const candidates = await this.#take(this.isAhead ? [] : [token])
    if (this.isAhead) this.position++
    const next = candidates.ids[0]!
    this.isAhead = this.readsAhead && goOn && next !== END
    if (this.isAhead) this.read.push(next)
    return candidates
  }

  save(): Promise<SavedState> {
    return Promise.resolve({ position: this.position, bytes: new Uint8Array(), slots: [] })
  }

  inspect(): Promise<void> {
    return Promise.resolve()
  }

  attention(): Promise<null> {
    return Promise.resolve(null)
  }

  slotWrites(): Promise<null> {
    return Promise.resolve(null)
  }

  dispose(): void {
    this.disposed = true
  }

  async #take(tokens: readonly number[]): Promise<Candidates> {
    if (this.position + tokens.length > this.failAt) throw new Error('the model failed')
    this.read.push(...tokens)
    this.position += tokens.length
    await Promise.resolve()
    return {
      ids: Uint32Array.of(this.#script[this.#said] ?? END),
      logits: Float32Array.of(1),
      count: 1,
    }
  }
}
