import { EngineError, type EngineFailure } from '../../engine/errors.ts'
import type { TraceEvent } from '../../engine/inspect/memory-trace.ts'
import type {
  ChatMessage,
  ConversationOptions,
  EngineInfo,
  GenerationEvent,
  GenerationRequest,
  LoadProgress,
  MemoryReport,
  ReadEvent,
} from '../../engine/protocol.ts'

/** What the window needs of an open conversation; a scripted one stands in for it in tests. */
export interface ConversationHandle {
  readonly memory: MemoryReport
  generate(request: GenerationRequest, signal: AbortSignal): AsyncGenerator<GenerationEvent>
  read(name: string, text: string, signal: AbortSignal): AsyncGenerator<ReadEvent>
  rehear(messages: readonly ChatMessage[], signal: AbortSignal): AsyncGenerator<ReadEvent>
  snapshot(): Promise<Uint8Array<ArrayBuffer>>
  inspect(open: boolean): Promise<void>
  close(): Promise<void>
}

/** What the window needs of the engine: `EngineClient` has it, and so has the scripted one. */
export interface ChatEngine {
  readonly info: EngineInfo
  readonly lost: Promise<EngineFailure>
  open(options: ConversationOptions): Promise<ConversationHandle>
  /** `null` when the snapshot does not fit */
  restore(options: ConversationOptions, snapshot: Uint8Array<ArrayBuffer>): Promise<ConversationHandle | null>
  trace(
    options: ConversationOptions,
    messages: readonly ChatMessage[],
    signal: AbortSignal,
  ): AsyncGenerator<TraceEvent, void>
  dispose(): void
}

/** @param model `POCKET`, or a model of the library */
export type LoadEngine = (
  onProgress: (progress: LoadProgress) => void,
  forceCpu: boolean,
  model: string,
) => Promise<ChatEngine>

/** The button that helps after a failure. */
export type Remedy = 'reload' | 'gpu-check' | 'new-chat' | 'retry'

export function remedyFor(failure: EngineFailure): Remedy {
  switch (failure.code) {
    case 'no-webgpu':
      return 'gpu-check'
    case 'out-of-memory':
      return failure.owner === 'conversation memory' ? 'new-chat' : 'reload'
    case 'chat-too-large':
      return 'new-chat'
    case 'empty-prompt':
    case 'bad-request':
    case 'busy':
    case 'second-engine':
    case 'webllm':
      return 'retry'
    case 'device-lost':
    case 'missing-file':
    case 'bad-file':
    case 'unsupported-file':
    case 'bad-hash':
    case 'bad-weights':
    case 'unknown-architecture':
    case 'no-chat-template':
    case 'bad-chat-template':
    case 'bad-logits':
    case 'internal':
      return 'reload'
    default:
      return failure satisfies never
  }
}

/** The promise's value, or a rejection as soon as the signal aborts; the promise itself goes on unheard. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      reject(new EngineError({ code: 'bad-request', reason: 'it was stopped' }))
    }
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort)
    promise.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', onAbort)
    })
  })
}
