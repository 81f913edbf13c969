import type { ChatMessage, GenerationEvent, MemoryReport, ReadEvent } from '../protocol.ts'

/** The part of a conversation that hears. */
interface Hearer {
  readonly memory: MemoryReport
  rehear(messages: readonly ChatMessage[], signal: AbortSignal): AsyncGenerator<ReadEvent>
}

/**
 * An answer that the model did not write, with the events of one that it did; it is in memory as such.
 *
 * @throws {EngineError} what the engine throws
 */
export async function* tell(
  conversation: Hearer,
  message: string,
  answer: string,
  signal: AbortSignal,
): AsyncGenerator<GenerationEvent, void> {
  const said = [
    { role: 'user', content: message },
    { role: 'assistant', content: answer },
  ] as const
  for await (const event of conversation.rehear(said, signal))
    if (event.type === 'read')
      yield { type: 'prefilled', tokens: event.tokens, milliseconds: event.milliseconds }
  yield { type: 'delta', text: answer, newTokens: 0 }
  const { memory } = conversation
  const finishReason = signal.aborted ? 'abort' : 'stop'
  yield { type: 'end', finishReason, newTokens: 0, milliseconds: 0, memory }
}
