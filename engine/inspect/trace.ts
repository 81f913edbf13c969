import type { Conversation } from '../conversation.ts'
import type { ChatMessage } from '../protocol.ts'
import { Lineage } from './lineage.ts'
import type { TraceEvent } from './memory-trace.ts'

/** Tokens of a piece, so long as there are no more than so many pieces of text. */
const PIECE = 48
const PIECES = 400
const CHARACTERS_PER_TOKEN = 3
/** Texts of tokens that are handed out: more than most windows. */
const NEWEST = 2048

/**
 * Read messages again into a spare conversation, and follow what each slot takes of each piece of them. Stopped, it ends
 * without a trace.
 *
 * @param spare a conversation of the same options with nothing in it; it is read into, and left open
 * @throws {EngineError} `busy`, `out-of-memory`, or what the model throws
 */
export async function* traceMemory(
  spare: Conversation,
  messages: readonly ChatMessage[],
  signal: AbortSignal,
): AsyncGenerator<TraceEvent, void> {
  await spare.inspect(true)
  const lineage = new Lineage(...spare.shape)
  const total = messages.reduce((sum, { content }) => sum + content.length, 1)
  const pieceTokens = Math.max(PIECE, Math.ceil(total / CHARACTERS_PER_TOKEN / PIECES))
  const pieces: { message: number; text: string; tokens: number }[] = []
  const newest: string[] = []
  let before = 0
  for (const [message, said] of messages.entries()) {
    let room = 0
    for await (const event of spare.rehear([said], signal)) {
      if (event.type !== 'reading') continue
      const { texts, writes } = await spare.taken()
      for (const text of texts) {
        if (room === 0) {
          lineage.begin()
          pieces.push({ message, text: '', tokens: 0 })
          room = pieceTokens
        }
        room--
        lineage.read(1)
        const piece = pieces.at(-1)
        if (piece) Object.assign(piece, { text: piece.text + text, tokens: piece.tokens + 1 })
      }
      newest.push(...texts)
      newest.splice(0, newest.length - NEWEST)
      lineage.add(spare.memory.position - texts.length, texts.length, writes)
      yield {
        type: 'tracing',
        share: (before + (said.content.length * event.tokens) / event.totalTokens) / total,
      }
    }
    before += said.content.length
    if (signal.aborted) return
  }
  const { position } = spare.memory
  const traced = pieces.map(({ message, text, tokens }, i) => {
    // A template's own word for who speaks is no word of the message.
    const role = new RegExp(`^\\s*${messages[message]?.role ?? ''}\\n`)
    return { message, text: text.replace(role, ''), tokens, retained: lineage.retained(i) }
  })
  yield { type: 'traced', trace: { position, pieces: traced, slots: lineage.slots, newest } }
}
