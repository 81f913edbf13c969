import type { ChatCompletionFinishReason } from '@mlc-ai/web-llm'
import type { EngineFailure } from './errors.ts'
import type { TokenAttention } from './inspect/token-attention.ts'
import type { TraceEvent } from './inspect/memory-trace.ts'
import type { WindowPreset } from './model/layer-windows.ts'

export type Role = 'system' | 'user' | 'assistant' | 'document'

export interface ChatMessage {
  readonly role: Role
  readonly content: string
}

/**
 * How a reply ended, in OpenAI's words: end of turn, token limit, or stopped by the user; and in one of ours: it went
 * round in circles.
 */
export type FinishReason = Extract<ChatCompletionFinishReason, 'stop' | 'length' | 'abort'> | 'loop'

export interface Sampling {
  /** 0 is greedy */
  readonly temperature: number
  /** keep the k likeliest tokens; 0 keeps all */
  readonly topK: number
  /** keep the smallest set of tokens whose probability reaches this; 1 keeps all */
  readonly topP: number
  /** drop tokens less likely than this share of the likeliest; 0 drops none */
  readonly minP: number
  /** divides positive and multiplies negative logits of recent tokens; 1 is off */
  readonly repetitionPenalty: number
  /** same seed, same device, same text; `null` draws one */
  readonly seed: number | null
}

export type Attention = 'nha' | 'full'

export interface ConversationOptions {
  /** `full` is the same code with a window that grows and no slots in use */
  readonly attention: Attention
  /** tokens kept exactly, by every layer or by each its own, or a preset; `null` is the model's own choice */
  readonly window: number | readonly number[] | WindowPreset | null
  /** `false` leaves only the window, to measure what the slots add; they are on unless this says so */
  readonly slotsOn?: boolean
  /** system prompt; empty for none */
  readonly system: string
}

/** What was looked up for a message before it is answered. */
export interface LookedUpRequest {
  /** words put back into the window just before the message: looked up, not said */
  readonly passage?: string
  /** the same and what stands around it, for an answer that only passes it on */
  readonly passedOn?: string
  /** all of them stand in documents, or would: a small model makes more of those than they say */
  readonly ofDocuments?: boolean
  /** a small model passes them on, whatever it would make of them: no sentence says nearly all that is asked, or it is asked again */
  readonly isPassedOn?: boolean
  /** and they say most of what is asked */
  readonly isLikely?: boolean
  /** what it asks for was looked up and not found: what the model remembers of it is doubtful */
  readonly unfound?: boolean
  /** a small model says so, whatever it would make up: nothing like it was told, and it is not of the program itself */
  readonly isDeclined?: boolean
}

export interface GenerationRequest extends LookedUpRequest {
  readonly message: string
  /** words that the answer begins with, given to the model: it goes on from there */
  readonly begin?: string
  /** what is left out comes from the model's own defaults */
  readonly sampling: Partial<Sampling>
  readonly maxNewTokens: number
}

/** Where a conversation stands: what the memory meter shows. */
export interface MemoryReport {
  /** tokens in memory */
  readonly position: number
  /** bytes of this conversation's state, from the ledger */
  readonly stateBytes: number
  /** hash of all token ids in memory */
  readonly tokens: string
}

/** A new token, and where the model looked before it said it. */
export interface LookedToken {
  readonly text: string
  /** what has been read since the token before it, as text; the last stands at `attention.position` */
  readonly read: readonly string[]
  readonly attention: TokenAttention
}

export type GenerationEvent =
  | { readonly type: 'prefilling'; readonly tokens: number; readonly totalTokens: number }
  | { readonly type: 'prefilled'; readonly tokens: number; readonly milliseconds: number }
  | {
      readonly type: 'delta'
      readonly text: string
      readonly newTokens: number
      /** while the inspector is open: the tokens since the last delta */
      readonly looked?: readonly LookedToken[]
    }
  | {
      readonly type: 'end'
      readonly finishReason: FinishReason
      readonly newTokens: number
      /** time spent in decode, from the first new token to the last */
      readonly milliseconds: number
      readonly memory: MemoryReport
    }

export type ReadEvent =
  | { readonly type: 'reading'; readonly tokens: number; readonly totalTokens: number }
  | {
      readonly type: 'read'
      readonly tokens: number
      readonly milliseconds: number
      readonly memory: MemoryReport
    }

/** What the browser or Dawn says about the GPU: the GPU check page and `plateau doctor`. */
export interface GpuReport {
  readonly available: boolean
  /** one sentence when not available: what is missing and what to do */
  readonly hint: string
  readonly vendor: string
  readonly architecture: string
  readonly description: string
  /** a software adapter */
  readonly isFallback: boolean
  readonly features: readonly string[]
  readonly limits: Readonly<Record<string, number>>
}

export interface EngineInfo {
  readonly modelName: string
  /** `cpu` is the reference, announced in `notice` */
  readonly backend: 'webgpu' | 'cpu'
  /** one sentence the user must see, or empty */
  readonly notice: string
  readonly gpu: GpuReport
  readonly weightBytes: number
  readonly scratchBytes: number
  /** window of each layer as the model was trained */
  readonly windows: readonly number[]
  readonly slots: number
  readonly sampling: Sampling
}

export interface LoadProgress {
  readonly phase: 'download' | 'upload' | 'compile'
  readonly loaded: number
  readonly total: number
}

/** Renderer to worker. `id` names one call; `conversation` one open conversation. */
export type ToWorker =
  | { readonly type: 'load'; readonly id: number; readonly modelUrl: string; readonly forceCpu: boolean }
  | {
      readonly type: 'open'
      readonly id: number
      readonly options: ConversationOptions
      /** begin from here; refused when it does not fit */
      readonly snapshot: Uint8Array<ArrayBuffer> | null
    }
  | {
      readonly type: 'generate'
      readonly id: number
      readonly conversation: number
      readonly request: GenerationRequest
    }
  | {
      readonly type: 'read'
      readonly id: number
      readonly conversation: number
      readonly name: string
      readonly text: string
    }
  | {
      readonly type: 'rehear'
      readonly id: number
      readonly conversation: number
      readonly messages: readonly ChatMessage[]
    }
  | { readonly type: 'snapshot'; readonly id: number; readonly conversation: number }
  /** tell with each new token where the model looked, or no longer */
  | { readonly type: 'inspect'; readonly id: number; readonly conversation: number; readonly open: boolean }
  /** read messages again, beside every conversation, and say what is left of them */
  | {
      readonly type: 'trace'
      readonly id: number
      readonly options: ConversationOptions
      readonly messages: readonly ChatMessage[]
    }
  | { readonly type: 'close'; readonly id: number; readonly conversation: number }
  | { readonly type: 'stop'; readonly id: number }

export type EngineEvent = GenerationEvent | ReadEvent | TraceEvent

/** Worker to renderer. Every call gets its events, then exactly one `done` or `failed`. */
export type FromWorker =
  | { readonly type: 'progress'; readonly id: number; readonly progress: LoadProgress }
  | { readonly type: 'event'; readonly id: number; readonly event: EngineEvent }
  | { readonly type: 'done'; readonly id: number; readonly result: WorkerResult }
  | { readonly type: 'failed'; readonly id: number; readonly failure: EngineFailure }
  | { readonly type: 'lost'; readonly failure: EngineFailure }

export type WorkerResult =
  | { readonly type: 'loaded'; readonly info: EngineInfo }
  | { readonly type: 'opened'; readonly conversation: number; readonly memory: MemoryReport }
  | { readonly type: 'snapshot'; readonly bytes: Uint8Array<ArrayBuffer> }
  /** a snapshot that does not belong to this model and these options, or is damaged */
  | { readonly type: 'unfit'; readonly reason: string }
  | { readonly type: 'finished' }
