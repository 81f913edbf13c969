import { Refusal } from '../../electron/conversations.ts'
import type { DocumentMemory } from '../../electron/document-bridge.ts'
import type { DocumentMemories } from '../../electron/documents.ts'
import { parseOptions } from '../arguments.ts'
import { type Command, CommandError, Interrupted, UsageError, type World } from '../command.ts'
import { askEach, describeAnswer } from '../documents/answers.ts'
import { readDocument } from '../documents/file.ts'
import { follow, lookAt } from '../documents/growing-file.ts'
import { readWhole } from '../documents/reading.ts'
import { formatBytes, formatCount, formatPages } from '../format.ts'
import { POCKET } from '../root.ts'
import { WordWrap } from '../terminal-text.ts'

/** Reading it says why. */
const NOT_THERE = { size: 0, modified: 0 }
/** What there is to do with memories without a model. */
const WITHOUT_MODEL = /^--(list|delete|rename)(=|$)/

export const read: Command = {
  summary: 'read a document into a memory of its own, to be asked at any time',
  help: `plateau read FILE [options]

Reads all of a document (txt, md, html, pdf, docx or epub) into a memory that is kept on this machine under a name; its
size is the same for a letter and a novel. Ctrl-C pauses: the same command goes on from the last page that was saved,
also after a crash, and reads what a file has grown by. \`plateau chat --memory NAME\` begins a conversation there, with
nothing to read again.

  --as NAME           its name (default: that of the file)
  --model PATH        a model folder or a GGUF file (default: the built-in Pocket)
  --follow            go on while the file grows, as a log does, until Ctrl-C
  --ask QUESTION      ask every document that is read, a result for each; no FILE
  --in NAME           only this one, and any other that is named so
  --list              what there is, with sizes; no FILE
  --rename NAME       call it what --as says; no FILE
  --delete NAME       delete one; no FILE
  --json              print one JSON document
`,
  needsGpu: (args) => !args.some((arg) => WITHOUT_MODEL.test(arg)),
  async run(args, world) {
    const [file, rest] = args[0]?.startsWith('-') === false ? [args[0], args.slice(1)] : [null, args]
    const values = parseOptions('read', rest, {
      as: { type: 'string' },
      model: { type: 'string', default: POCKET },
      follow: { type: 'boolean', default: false },
      ask: { type: 'string' },
      in: { type: 'string', multiple: true, default: [] },
      list: { type: 'boolean', default: false },
      rename: { type: 'string' },
      delete: { type: 'string' },
      json: { type: 'boolean', default: false },
    })
    const memories = world.openDocuments()
    const print = (memory: DocumentMemory) =>
      world.stdout.write(values.json ? `${JSON.stringify(memory)}\n` : `${line(memory)}\n`)
    try {
      if (values.list) return await list(memories, values.json, world)
      if (values.delete !== undefined) {
        await memories.remove(values.delete)
        return 0
      }
      if (values.rename !== undefined) {
        if (values.as === undefined) throw new UsageError('Say the new name: --rename NAME --as NAME.')
        print(await memories.rename(values.rename, values.as))
        return 0
      }
      if (values.ask !== undefined) {
        await ask(memories, values.ask, values, world)
        return 0
      }
      if (file === null) throw new UsageError('Say which file: plateau read FILE.')
      await readFile(memories, file, values, world, print)
      return 0
    } catch (error) {
      if (error instanceof Refusal) throw new CommandError(error.message)
      throw error
    } finally {
      await memories.close()
    }
  },
}

async function list(memories: DocumentMemories, json: boolean, { stdout }: World): Promise<number> {
  const all = await memories.list()
  if (json) stdout.write(`${JSON.stringify(all)}\n`)
  else for (const memory of all) stdout.write(`${line(memory)}\n`)
  return 0
}

async function ask(
  memories: DocumentMemories,
  question: string,
  values: { readonly in: readonly string[]; readonly model: string; readonly json: boolean },
  world: World,
): Promise<void> {
  if (question.trim() === '') throw new UsageError('Say what to ask: plateau read --ask QUESTION.')
  const engine = await world.loadEngine(values.model, () => undefined)
  try {
    const answers = []
    for await (const answer of askEach(engine, memories, values.in, question, world)) {
      answers.push(answer)
      if (!values.json) new WordWrap(world.stdout).write(describeAnswer(answer))
    }
    if (values.json) world.stdout.write(`${JSON.stringify(answers)}\n`)
  } finally {
    engine.dispose()
  }
}

function line({ name, pages, saved, tokens, stateBytes, model }: DocumentMemory): string {
  const read = saved.at(-1) ?? 0
  const done = read === pages ? formatPages(pages) : `${formatCount(read)} of ${formatPages(pages)}`
  return `${name} · ${done} · ${formatCount(tokens)} tokens · ${formatBytes(stateBytes)} · ${model}`
}

async function readFile(
  memories: DocumentMemories,
  file: string,
  values: { readonly as?: string | undefined; readonly model: string; readonly follow: boolean },
  world: World,
  print: (memory: DocumentMemory) => void,
): Promise<void> {
  // What it grows by from here on is what it has grown by.
  const before = values.follow ? await lookAt(file).catch(() => NOT_THERE) : NOT_THERE
  const document = await readDocument(file, world)
  const name = values.as ?? document.name
  const engine = await world.loadEngine(values.model, () => undefined)
  try {
    print(await readWhole(engine, memories, document, name, world))
    if (!values.follow) return
    world.stderr.write(`Following ${file}; Ctrl-C ends it.\n`)
    for await (const grown of follow(file, before, document.text, world))
      print(await readWhole(engine, memories, grown, name, world))
    throw new Interrupted()
  } finally {
    engine.dispose()
  }
}
