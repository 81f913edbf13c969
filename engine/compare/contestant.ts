import type { ChatMessage, GenerationEvent, GenerationRequest } from '../protocol.ts'

type End = Extract<GenerationEvent, { type: 'end' }>

/** What an answer says as it comes; of memory nothing, which is told by `memory`. */
export type ContestantEvent = Exclude<GenerationEvent, End> | Omit<End, 'memory'>

/** What a contestant holds at the moment. */
export interface ContestantMemory {
  /** tokens; estimated where another engine counts them, and only when it is asked */
  readonly position: number
  /** bytes of context memory; `null` where nobody can tell them, as on another machine */
  readonly stateBytes: number | null
}

/** How a contestant answers after its conversation was closed and opened again. */
export interface Reopened {
  readonly text: string
  /** from opening to the first token, reading the question included */
  readonly firstTokenMs: number
  /** of the tokens after the first; `null` where the answer was too short to tell */
  readonly msPerToken: number | null
}

/**
 * One side of a comparison, whatever it is that answers: a memory of our own engine, or a second engine. One call at a
 * time; a call that fails throws an `EngineError`, and the other sides go on.
 */
export interface Contestant {
  readonly name: string
  readonly memory: ContestantMemory
  /** `true` where nothing is read before it is asked, and then all of it: hearing takes no time there */
  readonly readsWhenAsked?: boolean
  /** Bytes it may hold at once while it takes in so many tokens more; `null` where nobody can tell. */
  bytesFor(tokens: number): number | null
  /** Take messages into memory as they stand. */
  hear(messages: readonly ChatMessage[], signal: AbortSignal): Promise<void>
  answer(request: GenerationRequest, signal: AbortSignal): AsyncGenerator<ContestantEvent>
  /** Close, open again and answer, and be as before: nothing of that answer is remembered. */
  reopen(request: GenerationRequest, signal: AbortSignal): Promise<Reopened>
  close(): Promise<void>
}
