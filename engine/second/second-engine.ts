import type { ChatMessage } from '../protocol.ts'

/** One message as OpenAI's protocol has it. */
export interface CompletionMessage {
  readonly role: 'system' | 'user' | 'assistant'
  readonly content: string
}

export interface CompletionQuestion {
  /** the whole conversation: the engine remembers nothing of it */
  readonly messages: readonly CompletionMessage[]
  /** 0 is greedy; `null` leaves it to the engine */
  readonly temperature: number | null
  readonly maxNewTokens: number
}

/** Any number of `delta`, then one `end`. */
export type CompletionEvent =
  | { readonly type: 'delta'; readonly text: string }
  | {
      readonly type: 'end'
      readonly finishReason: 'stop' | 'length'
      /** of the whole conversation; `null` where it is not told */
      readonly promptTokens: number | null
      readonly newTokens: number
      /** from the first piece to the end */
      readonly milliseconds: number
    }

/** An engine that is not ours: a server elsewhere, WebLLM. It is sent the whole conversation each time. */
export interface SecondEngine {
  /** @throws {EngineError} also when `signal` ends it */
  complete(question: CompletionQuestion, signal: AbortSignal): AsyncGenerator<CompletionEvent, void>
}

/**
 * A conversation as any chat template takes it: documents are the user's words, and neighbours of one role are one
 * message, because many templates want user and assistant in turns.
 */
export function asCompletionMessages(messages: readonly ChatMessage[]): CompletionMessage[] {
  const merged: CompletionMessage[] = []
  for (const { role, content } of messages) {
    const said: CompletionMessage =
      role === 'document' ? { role: 'user', content: `Document:\n\n${content}` } : { role, content }
    const last = merged.at(-1)
    if (last?.role === said.role)
      merged[merged.length - 1] = { role: said.role, content: `${last.content}\n\n${said.content}` }
    else merged.push(said)
  }
  return merged
}
