import type { TranscriptNode } from '../../electron/transcript.ts'
import { exactTokens } from '../../engine/documents/looking.ts'
import { carryOut, groundsOf, wholeTaskOf } from '../../engine/documents/whole-task.ts'
import { EngineError } from '../../engine/errors.ts'
import type {
  ConversationOptions,
  GenerationRequest,
  LookedToken,
  MemoryReport,
} from '../../engine/protocol.ts'
import type { ChatEngine, ConversationHandle } from './engine.ts'
import type { Keeping } from './keeping.svelte.ts'
import { inSteps, type LookingUp } from './looking-up.ts'
import type { Reply } from './reply.svelte.ts'
import type { Spoken } from './spoken.svelte.ts'
import { asideOf, copyMemory } from './take-up.ts'

/** Where a question is asked: in the place of one that is there already, or beside the conversation. */
export interface Place {
  readonly again: TranscriptNode | null
  readonly aside: boolean
}

/** Who looks inside while answers are written. */
export interface Onlooker {
  /** another answer begins */
  begins(): void
  sees(tokens: readonly LookedToken[]): void
  /** something else is to be done: what is being found out for it stops */
  yields(): void
}

/** What an answer is written with, and who hears of it. */
interface Desk {
  readonly engine: ChatEngine
  readonly handle: ConversationHandle
  readonly options: ConversationOptions
  readonly keeping: Keeping
  readonly looking: LookingUp
  readonly spoken: Spoken
  readonly onlooker: Onlooker | null
}

/**
 * Look up what the question asks for, write the question down, and write the answer as it comes: the model's, or for
 * what takes all of a document that of code, alone or with the model part by part. Resolves with the memory after it;
 * `null` for what was asked aside, of which nothing stays.
 *
 * @throws {EngineError} whatever the engine throws; what was written until then is in `reply`
 */
export async function writeAnswer(
  { engine, handle, options, keeping, looking, spoken, onlooker }: Desk,
  request: GenerationRequest,
  place: Place,
  reply: Reply,
  signal: AbortSignal,
): Promise<MemoryReport | null> {
  const { message } = request
  const { way } = keeping
  const documents = way.filter(({ kind }) => kind === 'document')
  const window = exactTokens(options, engine.info.windows)
  const task = await inSteps(wholeTaskOf(message, documents, window), signal)
  const found = task
    ? null
    : await looking.find(message, place.again, way, engine, handle.memory, signal, keeping)
  const lookedUp = found?.lookedUp ?? []
  // On the disk before the first token.
  const question = { text: message, lookedUp, options, model: engine.info.modelName, ...place }
  reply.node = await keeping.ask(question)
  reply.grounds = { lookedUp, cited: [], inDocument: null, nearest: [] }
  const beside = place.aside ? await copyMemory(engine, options, handle) : null
  let memory: MemoryReport | null = null
  try {
    if (onlooker) await (beside ?? handle).inspect(true)
    onlooker?.begins()
    const writer = beside ?? handle
    const events = task
      ? carryOut(task, writer, message, asideOf(engine, options, writer), signal)
      : writer.generate({ ...request, ...found?.request }, signal)
    for await (const event of events) {
      reply.apply(event)
      if (event.type === 'delta') {
        keeping.push(event.text)
        spoken.push(event.text)
        if (event.looked) onlooker?.sees(event.looked)
      }
      if (event.type === 'end') memory = event.memory
    }
  } finally {
    void beside?.close().catch(() => undefined)
  }
  if (reply.busy) throw new EngineError({ code: 'internal', message: 'the answer ended without an end' })
  if (found) reply.grounds = found.grounds(reply.text)
  else if (task) reply.grounds = { lookedUp, ...groundsOf(task) }
  return beside ? null : memory
}
