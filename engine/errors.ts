import { describeWebllm, type WebllmFailure } from './webllm/words.ts'

/** Everything that can stop the engine, as data: it crosses a worker boundary, so it is never a class. */
export type EngineFailure =
  | { readonly code: 'no-webgpu'; readonly hint: string }
  | { readonly code: 'device-lost'; readonly reason: string; readonly message: string }
  | { readonly code: 'out-of-memory'; readonly wantedBytes: number; readonly owner: string }
  /** one buffer of its memory is larger than any that the device can bind: no other moment helps, and no new load */
  | { readonly code: 'chat-too-large'; readonly wantedBytes: number; readonly mostBytes: number }
  | { readonly code: 'missing-file'; readonly file: string; readonly reason: string }
  | { readonly code: 'bad-file'; readonly file: string; readonly reason: string }
  | { readonly code: 'unsupported-file'; readonly file: string; readonly reason: string }
  | { readonly code: 'bad-hash'; readonly file: string; readonly expected: string; readonly found: string }
  | {
      readonly code: 'bad-weights'
      readonly tensor: string
      readonly expected: string
      readonly found: string
    }
  | { readonly code: 'unknown-architecture'; readonly found: string; readonly supported: readonly string[] }
  | { readonly code: 'no-chat-template' }
  | { readonly code: 'bad-chat-template'; readonly reason: string }
  | { readonly code: 'bad-logits'; readonly position: number }
  | { readonly code: 'empty-prompt' }
  | { readonly code: 'bad-request'; readonly reason: string }
  | { readonly code: 'busy' }
  /** an engine that is not ours: a server elsewhere */
  | { readonly code: 'second-engine'; readonly sentence: string }
  | { readonly code: 'webllm'; readonly failure: WebllmFailure }
  | { readonly code: 'internal'; readonly message: string }

/** Thrown inside the engine; the worker and the command line turn it into words with `describe`. */
export class EngineError extends Error {
  override readonly name = 'EngineError'
  readonly failure: EngineFailure

  constructor(failure: EngineFailure, options?: ErrorOptions) {
    super(describe(failure), options)
    this.failure = failure
  }
}

/** One English sentence: what happened, with the numbers, and what to do about it. */
export function describe(failure: EngineFailure): string {
  switch (failure.code) {
    case 'no-webgpu':
      return `No GPU can be used here: ${failure.hint}`
    case 'device-lost':
      return `The GPU stopped (${failure.reason}): ${failure.message.replace(/\.$/, '') || 'no reason given'}; load the model again to go on.`
    case 'out-of-memory':
      return `The GPU has no room for ${failure.wantedBytes} bytes of ${failure.owner}; close other programs or pick a smaller model.`
    case 'chat-too-large':
      return `This chat has become too large for the GPU: its memory needs ${failure.wantedBytes} bytes in one piece, and the GPU takes ${failure.mostBytes}; start a new chat: with Native Hybrid Attention its memory does not grow.`
    case 'missing-file':
      return `The model's file ${failure.file} could not be read: ${failure.reason}.`
    case 'bad-file':
      return `The model's file ${failure.file} is damaged: ${failure.reason}; get it again.`
    case 'unsupported-file':
      return `The model's file ${failure.file} cannot be used here: ${failure.reason}.`
    case 'bad-hash':
      return `The model's file ${failure.file} is not the one expected (SHA-256 ${failure.found}, expected ${failure.expected}); get it again.`
    case 'bad-weights':
      return `The weights do not fit the model: ${failure.tensor} should be ${failure.expected} and is ${failure.found}.`
    case 'unknown-architecture':
      return `Models of type "${failure.found}" cannot run here; these can: ${failure.supported.join(', ')}.`
    case 'no-chat-template':
      return 'The model has no chat template in tokenizer_config.json, so it cannot chat.'
    case 'bad-chat-template':
      return `The model's chat template cannot be used: ${failure.reason}.`
    case 'bad-logits':
      return `The GPU returned numbers that are not finite at position ${failure.position}; load the model again.`
    case 'empty-prompt':
      return 'There is nothing to answer: the prompt is empty.'
    case 'bad-request':
      return `That cannot be done: ${failure.reason}.`
    case 'busy':
      return 'The model is still answering; stop that answer first.'
    case 'second-engine':
      return failure.sentence
    case 'webllm':
      return describeWebllm(failure.failure)
    case 'internal':
      return `Something went wrong inside Plateau: ${failure.message}`
    default:
      return failure satisfies never
  }
}

/** Any thrown value as a failure that can cross the worker border. */
export function toFailure(error: unknown): EngineFailure {
  if (error instanceof EngineError) return error.failure
  return { code: 'internal', message: error instanceof Error ? error.message : String(error) }
}
