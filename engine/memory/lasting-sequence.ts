import { EngineError, type EngineFailure, toFailure } from '../errors.ts'
import type { Next, SavedState, Sequence } from '../model/sequence.ts'
import type { TokenAttention } from '../inspect/token-attention.ts'
import type { Candidates } from '../text/sampler.ts'
import { hashTokens, NO_TOKENS } from './token-hash.ts'

/**
 * A new sequence from a saved state (or from nothing) on a GPU that works.
 *
 * @param attempt how often the same work has failed before: 0 the first time
 * @throws {EngineError} there is no such GPU to be had, or it has been tried often enough
 */
export type Rebuild = (
  failure: EngineFailure,
  saved: SavedState | undefined,
  attempt: number,
) => Promise<Sequence>

interface Call {
  readonly kind: 'prefill' | 'decode'
  readonly tokens: readonly number[]
}

/** What `createComputePipelineAsync` rejects with, in browsers and in Dawn for Node. */
const PIPELINE_ERRORS = new Set(['GPUPipelineError', 'OperationError'])
/** A state larger than this is not kept beside the GPU: after a loss its tokens are read again from the beginning. */
const LARGEST_KEPT = 2 ** 28
/** Tokens after which the state is kept, so that a loss repeats no more than these. */
const KEEP_AFTER = 4096

/**
 * A sequence that outlives its GPU: the last kept state and the calls since then are here, and after a loss they are
 * repeated exactly as they were, so that the state comes back bit for bit and the caller never sees the loss.
 */
export class LastingSequence implements Sequence {
  #sequence: Sequence
  /** tokens that were read and told to the caller */
  #position: number
  /** why `#sequence` does not hold them */
  #failure: EngineFailure | null = null
  readonly #rebuild: Rebuild | null
  #kept: SavedState | undefined
  /** where it was kept last, or there was no room for it */
  #keptAt: number
  #calls: Call[] = []
  #hash: string
  /** what has been read since the inspector opened and nobody has taken; `null` while it is closed */
  #watched: number[] | null = null
  #disposed = false

  constructor(sequence: Sequence, rebuild: Rebuild | null, saved?: { state: SavedState; tokens: string }) {
    this.#sequence = sequence
    this.#position = sequence.position
    this.#rebuild = rebuild
    this.#kept = saved?.state
    this.#keptAt = saved?.state.position ?? 0
    this.#hash = saved?.tokens ?? NO_TOKENS
  }

  get position(): number {
    return this.#position
  }

  get stateBytes(): number {
    return this.#sequence.stateBytes
  }

  /** hash of all tokens read so far */
  get tokens(): string {
    return this.#hash
  }

  prefill(tokens: readonly number[], wanted: number, next: Next = {}): Promise<Candidates> {
    return this.#read({ kind: 'prefill', tokens }, wanted, next)
  }

  decode(token: number, wanted: number, next: Next = {}): Promise<Candidates> {
    return this.#read({ kind: 'decode', tokens: [token] }, wanted, next)
  }

  get isAhead(): boolean {
    return this.#sequence.isAhead
  }

  async save(): Promise<SavedState> {
    const state = await this.#surviving(() => this.#open.save())
    this.#hold(state)
    return state
  }

  async inspect(open: boolean): Promise<void> {
    await this.#surviving(() => this.#open.inspect(open))
    this.#watched = open ? (this.#watched ?? []) : null
  }

  attention(): Promise<TokenAttention | null> {
    return this.#watched ? this.#surviving(() => this.#open.attention()) : Promise.resolve(null)
  }

  slotWrites(): Promise<readonly Float32Array[] | null> {
    return this.#watched ? this.#surviving(() => this.#open.slotWrites()) : Promise.resolve(null)
  }

  /** The tokens that have been read since the inspector opened, once. */
  takeWatched(): number[] {
    return this.#watched?.splice(0) ?? []
  }

  /** For good: every call fails from now on, and no loss brings the sequence back. */
  dispose(): void {
    this.#disposed = true
    this.#sequence.dispose()
  }

  /** @throws {EngineError} `bad-request` once it is disposed of */
  get #open(): Sequence {
    if (this.#disposed) throw new EngineError({ code: 'bad-request', reason: 'this conversation is closed' })
    return this.#sequence
  }

  async #read(call: Call, wanted: number, next: Next): Promise<Candidates> {
    const keeps = this.#keepsAfter(call.tokens.length)
    // What is ahead is in the state, and not in what is kept beside it.
    const how = keeps ? { ...next, goOn: false } : next
    const candidates = await this.#surviving(() => perform(this.#open, call, wanted, how))
    this.#position += call.tokens.length
    this.#calls.push(call)
    this.#watched?.push(...call.tokens)
    this.#hash = hashTokens(this.#hash, call.tokens)
    if (keeps) await this.#keep()
    return candidates
  }

  async #keep(): Promise<void> {
    this.#keptAt = this.#position
    try {
      this.#hold(await this.#open.save())
    } catch {
      // It only spares time: the tokens are read all the same, and a loss shows in the next call.
    }
  }

  #hold(state: SavedState): void {
    if (state.bytes.length > LARGEST_KEPT) return
    this.#kept = state
    this.#keptAt = state.position
    this.#calls = []
  }

  /** Whether the state is kept when so many tokens more have been read. */
  #keepsAfter(tokens: number): boolean {
    const since = this.#position + tokens - this.#keptAt
    return this.#rebuild !== null && since >= KEEP_AFTER && this.stateBytes <= LARGEST_KEPT
  }

  /**
   * The work, again on a rebuilt sequence after each loss; `rebuild` decides when there have been too many.
   *
   * @throws {EngineError} `out-of-memory` the second time: another GPU has no more room, and those beside this one go on
   */
  async #surviving<T>(work: () => Promise<T>): Promise<T> {
    let attempt = 0
    let refusals = 0
    for (;;) {
      if (this.#failure && this.#rebuild) {
        const lost = this.#open
        this.#sequence = await this.#rebuild(this.#failure, this.#kept, attempt++)
        lost.dispose()
        // Closed while it was on its way.
        if (this.#disposed) this.#sequence.dispose()
      }
      try {
        if (this.#failure) {
          if (this.#watched) await this.#open.inspect(true)
          for (const call of this.#calls) await perform(this.#open, call, 1)
          this.#failure = null
        }
        return await work()
      } catch (error) {
        if (!this.#rebuild || !isLoss(error)) throw error
        const isLast = hasNoRoom(error) && refusals++ > 0
        // Refused before it read anything, the sequence holds what it held.
        const isWhole = isLast && this.#failure === null && this.#sequence.position === this.#position
        if (!isWhole) this.#failure = toFailure(error)
        if (isLast) throw error
      }
    }
  }
}

function perform(
  sequence: Sequence,
  { kind, tokens }: Call,
  wanted: number,
  next: Next = {},
): Promise<Candidates> {
  const [first] = tokens
  return kind === 'decode' && first !== undefined
    ? sequence.decode(first, wanted, next)
    : sequence.prefill(tokens, wanted, next)
}

/** What a new GPU may help against: a loss, a NaN, no room at the moment, a pipeline that was not made. */
function isLoss(error: unknown): boolean {
  if (!(error instanceof EngineError)) return error instanceof Error && PIPELINE_ERRORS.has(error.name)
  const { code } = error.failure
  return code === 'device-lost' || code === 'bad-logits' || hasNoRoom(error)
}

function hasNoRoom(error: unknown): boolean {
  return toFailure(error).code === 'out-of-memory'
}
