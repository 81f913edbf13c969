import type { ChatMessage, GenerationEvent, MemoryReport, ReadEvent } from '../protocol.ts'

/** The part of a conversation that hears. */
export interface Hearer {
  readonly memory: MemoryReport
  rehear(messages: readonly ChatMessage[], signal: AbortSignal): AsyncGenerator<ReadEvent>
}

/** A piece of an answer, and what it cost a model. */
export interface Written {
  readonly text: string
  readonly newTokens: number
  readonly milliseconds: number
}

/**
 * An answer that the conversation did not write itself, with the events of one that it did; as far as it was told it is
 * in memory afterwards.
 *
 * @throws {EngineError} what the engine throws
 */
export async function* tell(
  conversation: Hearer,
  message: string,
  answer: AsyncIterable<Written> | Iterable<Written>,
  signal: AbortSignal,
): AsyncGenerator<GenerationEvent, void> {
  let told = ''
  let newTokens = 0
  let milliseconds = 0
  let heard = { tokens: 0, milliseconds: 0 }
  try {
    for await (const piece of answer) {
      told += piece.text
      newTokens += piece.newTokens
      milliseconds += piece.milliseconds
      yield { type: 'delta', text: piece.text, newTokens }
    }
  } finally {
    const said = [
      { role: 'user', content: message },
      ...(told === '' ? [] : [{ role: 'assistant', content: told } as const]),
    ] as const
    for await (const event of conversation.rehear(said, signal)) if (event.type === 'read') heard = event
  }
  yield { type: 'prefilled', tokens: heard.tokens, milliseconds: heard.milliseconds }
  const { memory } = conversation
  yield { type: 'end', finishReason: signal.aborted ? 'abort' : 'stop', newTokens, milliseconds, memory }
}
