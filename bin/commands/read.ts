import { Refusal } from '../../electron/conversations.ts'
import type { DocumentMemories, DocumentMemory } from '../../electron/documents.ts'
import { type DocumentText, pageText } from '../../engine/documents/document.ts'
import { SnapshotError } from '../../engine/memory/snapshot.ts'
import { parseOptions } from '../arguments.ts'
import { type Command, CommandError, Interrupted, UsageError, type World } from '../command.ts'
import { readDocument } from '../documents.ts'
import { formatBytes, formatCount } from '../format.ts'
import { Progress } from '../progress.ts'
import { POCKET } from '../root.ts'

/** A crash costs at most this much reading. */
const SAVE_MILLISECONDS = 10_000

export const read: Command = {
  summary: 'read a document into a memory of its own, to be asked at any time',
  help: `plateau read FILE [options]

Reads all of a document (txt, md, html, pdf, docx or epub) into a memory that is kept on this machine under a name; its
size is the same for a letter and a novel. Ctrl-C pauses: the same command goes on from the last page that was saved,
also after a crash. \`plateau chat --memory NAME\` begins a conversation there, with nothing to read again.

  --as NAME           its name (default: that of the file)
  --model PATH        a model folder or a GGUF file (default: the built-in Pocket)
  --list              what there is, with sizes; no FILE
  --delete NAME       delete one; no FILE
  --json              print one JSON document
`,
  async run(args, world) {
    const [file, rest] = args[0]?.startsWith('-') === false ? [args[0], args.slice(1)] : [null, args]
    const values = parseOptions('read', rest, {
      as: { type: 'string' },
      model: { type: 'string', default: POCKET },
      list: { type: 'boolean', default: false },
      delete: { type: 'string' },
      json: { type: 'boolean', default: false },
    })
    const memories = world.openDocuments()
    try {
      if (values.list) return await list(memories, values.json, world)
      if (values.delete !== undefined) {
        await memories.remove(values.delete)
        return 0
      }
      if (file === null) throw new UsageError('Say which file: plateau read FILE.')
      const document = await readDocument(file, world)
      const memory = await readWhole(memories, document, values.as ?? document.name, values.model, world)
      world.stdout.write(values.json ? `${JSON.stringify(memory)}\n` : `${line(memory)}\n`)
      return 0
    } catch (error) {
      if (error instanceof Refusal) throw new CommandError(error.message)
      throw error
    }
  },
}

async function list(memories: DocumentMemories, json: boolean, { stdout }: World): Promise<number> {
  const all = await memories.list()
  if (json) stdout.write(`${JSON.stringify(all)}\n`)
  else for (const memory of all) stdout.write(`${line(memory)}\n`)
  return 0
}

function line({ name, pages, saved, tokens, stateBytes, model }: DocumentMemory): string {
  const read = saved.at(-1) ?? 0
  const done =
    read === pages ? `${formatCount(pages)} pages` : `${formatCount(read)} of ${formatCount(pages)} pages`
  return `${name} · ${done} · ${formatCount(tokens)} tokens · ${formatBytes(stateBytes)} · ${model}`
}

/** Page by page, each a message of its own, so that where it goes on after a crash makes no difference. */
async function readWhole(
  memories: DocumentMemories,
  document: DocumentText,
  name: string,
  model: string,
  world: World,
): Promise<DocumentMemory> {
  const { stderr, interrupted } = world
  const engine = await world.loadEngine(model, () => undefined)
  try {
    const options = { attention: 'nha', window: null, system: '' } as const
    const fresh: DocumentMemory = {
      name,
      file: document.name,
      pages: document.pages.length,
      characters: document.text.length,
      model: engine.info.modelName,
      options,
      saved: [],
      tokens: 0,
      stateBytes: 0,
    }
    let memory = await memories.begin(fresh, document.text)
    const from = memory.saved.at(-1) ?? 0
    if (from === memory.pages) return memory
    const begun =
      from > 0 ? await engine.restore(options, await memories.load(name, from)).catch(misfit) : null
    const conversation = begun ?? (await engine.open(options))
    const progress = new Progress(stderr, `Reading ${name}`)
    try {
      let savedAt = performance.now()
      const start = savedAt
      for (let page = from + 1; page <= memory.pages; page++) {
        const text = pageText(document, page)
        const reading = text.trim() === '' ? null : conversation.read(name, text, interrupted)
        while (reading && !(await reading.next()).done) await new Promise(setImmediate)
        // A page that was stopped half-way is read again from its beginning.
        if (interrupted.aborted) throw new Interrupted()
        const now = performance.now()
        const pace = ((page - from) * 1000) / (now - start)
        const words = `${formatCount(page)} of ${formatCount(memory.pages)} pages · ${pace.toFixed(1)} pages/s`
        progress.show(page - from, memory.pages - from, words)
        if (page < memory.pages && now - savedAt < SAVE_MILLISECONDS) continue
        const { position, stateBytes } = conversation.memory
        memory = await memories.save(
          { ...memory, tokens: position, stateBytes },
          page,
          await conversation.snapshot(),
        )
        savedAt = performance.now()
      }
      return memory
    } finally {
      progress.clear()
      conversation.dispose()
    }
  } finally {
    engine.dispose()
  }
}

/** @throws {CommandError} the saved state is another model's */
function misfit(error: unknown): never {
  if (!(error instanceof SnapshotError)) throw error
  throw new CommandError(
    `The memory was begun with another model: ${error.message}; delete it with --delete, or give another name with --as.`,
  )
}
