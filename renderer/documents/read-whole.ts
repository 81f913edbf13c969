import { EngineError } from '../../engine/errors.ts'
import type { MemoryReport } from '../../engine/protocol.ts'
import type { ConversationHandle } from '../state/engine.ts'
import type { Reply } from '../state/reply.svelte.ts'

/** A document as a conversation has it. */
export interface NamedText {
  readonly name: string
  readonly text: string
}

/**
 * Read a document into a conversation's memory; `progress` stands where its answer would.
 *
 * @throws {EngineError} what the engine throws, or it was stopped
 */
export async function readWhole(
  handle: ConversationHandle,
  { name, text }: NamedText,
  progress: Reply,
  signal: AbortSignal,
): Promise<MemoryReport> {
  for await (const event of handle.read(name, text, signal))
    if (event.type === 'reading') progress.apply({ ...event, type: 'prefilling' })
  if (signal.aborted) throw new EngineError({ code: 'bad-request', reason: 'it was stopped' })
  return handle.memory
}
