import type { Dispatch } from '../../kernels/kernel.ts'
import type { EngineFailure } from '../errors.ts'
import type { ModelConfig } from './config.ts'
import type { KernelCache } from './kernel-cache.ts'
import type { ChunkScratch, TokenScratch } from './layer.ts'
import type { Ledger } from './ledger.ts'
import type { LogitsReader } from './logits-reader.ts'
import type { PacedQueue } from './paced-queue.ts'
import type { ModelWeights } from './weights.ts'

/** Buffers of a model that every sequence works in, one call at a time. */
export interface ModelScratch {
  readonly decode: TokenScratch
  readonly prefill: ChunkScratch
  /** f32 [V] */
  readonly logits: GPUBuffer
  /** uniform u32 [16] */
  readonly endsOfTurn: GPUBuffer
}

/** What stands before the first layer and after the last, bound. */
export interface Ends {
  readonly embedOne: Dispatch
  readonly embedMany: Dispatch
  /** weighs the decode set's residual for the first layer's norm: after embedOne */
  readonly weighFirst: Dispatch
  /** weighs it for the final norm, where no layer of decode has done so */
  readonly weighLast: Dispatch
  /** final norm and head, on what was weighed */
  readonly head: Dispatch
}

/** By layer: where prefill also leaves what the layer's first norm gives, f32 [CHUNK, C]. */
export type Taps = ReadonlyMap<number, GPUBuffer>

/** What makes the token that was found the one that the next step reads. */
export interface Feed {
  /** tokens that end a turn: they are not read */
  readonly ends: readonly number[]
  readonly dispatch: Dispatch
}

/** What the sequences of one model share. */
export interface Parts {
  readonly ledger: Ledger
  readonly config: ModelConfig
  readonly weights: ModelWeights
  readonly cache: KernelCache
  readonly scratch: ModelScratch
  readonly ends: Ends
  readonly reader: LogitsReader
  /** for prefill, which may take long */
  readonly queue: PacedQueue
  readonly lost: Promise<EngineFailure>
  /** what `lost` has resolved to: asked for each token, and who waits for a promise is kept until it is settled */
  readonly fate: { readonly failure: EngineFailure | null }
  /** `null` where no token is read ahead */
  readonly feed: Feed | null
  /** the sequence that ran last: scratch holds what it left */
  readonly newest: { sequence: object | null }
}
