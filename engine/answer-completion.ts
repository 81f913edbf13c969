import type { ChatCompletion, ChatCompletionChunk, ChatCompletionRequestBase } from '@mlc-ai/web-llm'
import type { ChatCompletions } from './chat-completions.ts'
import { EngineError, type EngineFailure } from './errors.ts'

/** A request that was not answered, as a server says it. */
export interface CompletionFailure {
  readonly status: number
  /** one sentence */
  readonly message: string
}

/**
 * The chunks of an answer, or the whole of it as one object, as the request asks for.
 *
 * @param request may come from a network: nothing about it is taken for granted
 * @throws {EngineError} as `ChatCompletions` throws it
 */
export async function* answerCompletion(
  completions: ChatCompletions,
  request: unknown,
  signal: AbortSignal,
): AsyncGenerator<ChatCompletionChunk | ChatCompletion, void> {
  const answer = await completions.chatCompletion(request as ChatCompletionRequestBase, { signal })
  if (Symbol.asyncIterator in answer) yield* answer
  else yield answer
}

/** What is the request's fault, or the moment's; all else is ours, 500. */
const STATUS: Partial<Record<EngineFailure['code'], number>> = {
  'bad-request': 400,
  'empty-prompt': 400,
  'chat-too-large': 400,
  busy: 503,
  'device-lost': 503,
  'out-of-memory': 503,
}

export function describeCompletionFailure(error: unknown): CompletionFailure {
  if (!(error instanceof EngineError)) return { status: 500, message: 'The model failed.' }
  return { status: STATUS[error.failure.code] ?? 500, message: error.message }
}
