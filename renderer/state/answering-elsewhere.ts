import { m } from '#messages'
import type { Writer } from '../../electron/entries.ts'
import { EngineError } from '../../engine/errors.ts'
import { asHeard } from '../../engine/memory/heard.ts'
import type { ChatMessage, ConversationOptions, GenerationRequest } from '../../engine/protocol.ts'
import { asCompletionMessages, type SecondEngine } from '../../engine/second/second-engine.ts'
import type { Place } from './answering.ts'
import type { Keeping } from './keeping.svelte.ts'
import type { Reply } from './reply.svelte.ts'
import type { Spoken } from './spoken.svelte.ts'

/** What an answer of a server elsewhere is written with, and who hears of it. */
interface Desk {
  /** `null` where there is no shell to ask it */
  readonly second: SecondEngine | null
  readonly writer: Writer
  readonly options: ConversationOptions
  readonly keeping: Keeping
  readonly spoken: Spoken
}

/**
 * Write the question down, send all of the conversation with it, and write the answer as it comes. The memory on this
 * computer stays as it was.
 *
 * @throws {EngineError} one sentence; what was written until then is in `reply`
 */
export async function answerElsewhere(
  { second, writer, options, keeping, spoken }: Desk,
  { message, sampling, maxNewTokens }: GenerationRequest,
  place: Place,
  reply: Reply,
  signal: AbortSignal,
): Promise<void> {
  const messages = asCompletionMessages(toSend(keeping, options, message))
  const question = { text: message, lookedUp: [], options, model: writer.model, by: writer, ...place }
  reply.by = writer
  // On the disk before anything leaves.
  reply.node = await keeping.ask(question)
  if (!second) throw new EngineError({ code: 'second-engine', sentence: m.window_no_shell() })
  const temperature = sampling.temperature ?? null
  let pieces = 0
  try {
    for await (const event of second.complete({ messages, temperature, maxNewTokens }, signal)) {
      if (event.type === 'end') reply.apply(event)
      else {
        reply.apply({ ...event, newTokens: ++pieces })
        keeping.push(event.text)
        spoken.push(event.text)
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error
    reply.cancel()
  }
  if (reply.busy) throw new EngineError({ code: 'internal', message: 'the answer ended without an end' })
}

/** How many characters go along with a question, which is not counted. */
export function charactersSent(keeping: Keeping, options: ConversationOptions): number {
  return toSend(keeping, options, '').reduce((sum, { content }) => sum + content.length, 0)
}

/** All that was said and read on the way, and the question. */
function toSend(keeping: Keeping, { system }: ConversationOptions, message: string): ChatMessage[] {
  return [
    ...(system === '' ? [] : [{ role: 'system', content: system } as const]),
    ...keeping.way.flatMap((node) => asHeard(node, '')),
    { role: 'user', content: message },
  ]
}
