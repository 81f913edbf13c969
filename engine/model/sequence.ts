import type { Candidates, Draw } from '../text/sampler.ts'
import { WINDOW_ALL } from '../../kernels/attention-shape.ts'
import { EngineError } from '../errors.ts'
import type { TokenAttention } from '../inspect/token-attention.ts'
import type { ConversationOptions } from '../protocol.ts'
import { type ModelConfig } from './config.ts'
import { presetWindows } from './layer-windows.ts'

/**
 * One sequence on a model: its state (window KV, slots, position) and the two ways to extend it.
 * Prefill of n tokens and n decodes leave the same state. One call at a time.
 */
export interface Sequence {
  /** tokens read so far; the next token stands at this position */
  readonly position: number
  /** bytes of window KV, gates and slots: constant with NHA, growing with full attention */
  readonly stateBytes: number
  /**
   * Read tokens, at least one.
   * @param wanted how many of the largest logits after the last token to hand back: 1 for greedy, V for all
   */
  prefill(tokens: readonly number[], wanted: number, next?: Next): Promise<Candidates>
  /** Read one token. */
  decode(token: number, wanted: number, next?: Next): Promise<Candidates>
  /** What the last `decode` found has been read already; `position` does not count it yet. */
  readonly isAhead: boolean
  /** The state as it stands. A sequence made from it goes on bit for bit as this one would. */
  save(): Promise<SavedState>
  /**
   * From now on keep what attention does, or no longer: then it takes no dispatch and no byte.
   * @throws {EngineError} `out-of-memory`
   */
  inspect(open: boolean): Promise<void>
  /** Where the newest token looked; `null` when none has been read since `inspect(true)`. */
  attention(): Promise<TokenAttention | null>
  /** For each layer what each slot took at each token of the last prefill, of at most `chunkTokens`: f32 [T, H, M]. */
  slotWrites(): Promise<readonly Float32Array[] | null>
  dispose(): void
}

/** What will be done with what is found. */
export interface Next {
  /** it may be drawn here: the one candidate that is handed back is it */
  readonly draw?: Draw | null
  /** with which of the draw's numbers */
  readonly nth?: number
  /**
   * The caller will go on with it, unless it ends the turn. Where it is the only candidate, it may then be read ahead, and
   * nothing but its own `decode` may follow.
   */
  readonly goOn?: boolean
}

export interface SequenceOptions {
  /** W of each layer; WINDOW_ALL grows */
  readonly windows: readonly number[]
  /** false neither reads nor writes slots: window only */
  readonly slotsOn: boolean
}

/** A state as bytes, in the layout of the model that saved it: window KV, gates and slots, layer by layer. */
export interface SavedState {
  readonly position: number
  readonly bytes: Uint8Array<ArrayBuffer>
  /** views of `bytes`: keys and values of the slots of each layer that has any */
  readonly slots: readonly (Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>)[]
}

/** Token ids in, logits out; knows nothing of text. */
export interface Model {
  readonly config: ModelConfig
  readonly weightBytes: number
  readonly scratchBytes: number
  /** tokens that one submission of prefill reads; a caller that wants progress hands over this many at a time */
  readonly chunkTokens: number
  /**
   * @param saved go on from there; it must come from the same model and options
   * @throws {EngineError} `out-of-memory`, `chat-too-large`; `bad-request` when `saved` does not fit
   */
  createSequence(options: SequenceOptions, saved?: SavedState): Promise<Sequence>
  dispose(): void
}

/** What decides the memory of a conversation. */
export type MemoryOptions = Pick<ConversationOptions, 'attention' | 'window' | 'slotsOn'>

/**
 * The windows of a conversation. `full` opens every window; a number is used for every layer, a list has one for each,
 * except that a layer without slots always sees the current token; a preset stands for such a list; `null` keeps the
 * model's own.
 */
export function sequenceOptions(
  config: ModelConfig,
  { attention, window: chosen, slotsOn = true }: MemoryOptions,
): SequenceOptions {
  const window = typeof chosen === 'string' ? presetWindows(chosen, config.layers) : chosen
  if (attention === 'full') {
    return { windows: config.layerWindows.map(() => WINDOW_ALL), slotsOn: false }
  }
  if (window === null && slotsOn) return { windows: config.layerWindows, slotsOn }
  const windows = config.layerWindows.map((trained, i) =>
    Math.max(
      slotsOn && config.slotLayers[i] ? 0 : 1,
      (typeof window === 'number' ? window : window?.[i]) ?? trained,
    ),
  )
  return { windows, slotsOn }
}

/** @throws {EngineError} `bad-request` when a saved state has another size than the sequence it should go into */
export function checkSaved({ position, bytes }: SavedState, expectedBytes: number): void {
  if (Number.isInteger(position) && position >= 0 && bytes.byteLength === expectedBytes) return
  const reason = `the saved memory has ${bytes.byteLength} bytes and this model needs ${expectedBytes}`
  throw new EngineError({ code: 'bad-request', reason })
}
