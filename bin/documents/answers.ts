import type { DocumentMemories } from '../../electron/documents.ts'
import { describeGrounds, type Grounds } from '../../engine/documents/looking.ts'
import { type CommandEngine, CommandError, Interrupted, type World } from '../command.ts'
import { chatOfMemory } from './memory.ts'
import { KeptChat } from '../kept-chat.ts'
import type { Reply } from '../reply.ts'

const GENERATION = { sampling: { temperature: 0 }, maxNewTokens: 400 } as const

/** What one document says. */
export interface DocumentAnswer extends Grounds, Pick<Reply, 'text'> {
  readonly name: string
}

/**
 * The same question to several documents, each answered from its own memory; nothing is read again.
 *
 * @param names of memories; empty for all that are read to their end by this model
 * @throws {CommandError} there is none, or one that was named is another model's
 * @throws {Interrupted}
 */
export async function* askEach(
  engine: CommandEngine,
  memories: DocumentMemories,
  names: readonly string[],
  question: string,
  world: World,
): AsyncGenerator<DocumentAnswer> {
  const { modelName } = engine.info
  const all = await memories.list()
  const able = all.filter(({ model, saved, pages }) => model === modelName && saved.at(-1) === pages)
  const asked = names.length > 0 ? names : able.map(({ name }) => name)
  if (asked.length === 0)
    throw new CommandError(`No document was read to its end by ${modelName} yet: plateau read FILE.`)
  for (const name of asked) {
    const { model } = await memories.find(name)
    if (model !== modelName)
      throw new CommandError(`"${name}" was read by ${model}, not by ${modelName}; give that with --model.`)
    const { builder, snapshot } = await chatOfMemory(name, null, world)
    const { head } = builder.transcript
    const snapshots = {
      nodes: head === null ? [] : [head],
      load: () => Promise.resolve(snapshot ?? new Uint8Array()),
    }
    const chat = await KeptChat.takeUp(engine, builder, snapshots, null, world)
    try {
      const answer = await chat.ask({ message: question, ...GENERATION }, world, () => undefined)
      if (world.interrupted.aborted) throw new Interrupted()
      const { text, lookedUp, cited, inDocument, nearest, leaning } = answer
      yield { name, text, lookedUp, cited, inDocument, nearest, ...(leaning ? { leaning } : {}) }
    } finally {
      await chat.close()
    }
  }
}

/** The name, the answer, and what it rests on. */
export function describeAnswer(answer: DocumentAnswer): string {
  const grounds = describeGrounds(answer).map((line) => `  ${line}\n`)
  return `${answer.name}: ${answer.text}\n${grounds.join('')}`
}
