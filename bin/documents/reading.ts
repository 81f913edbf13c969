import type { DocumentMemory } from '../../electron/document-bridge.ts'
import type { DocumentMemories } from '../../electron/documents.ts'
import type { Entry } from '../../electron/entries.ts'
import { wasRead } from '../../electron/was-read.ts'
import { chapterEnds } from '../../engine/documents/chapters.ts'
import { type DocumentText } from '../../engine/documents/document.ts'
import { describeNote, type DocumentNote } from '../../engine/documents/notes.ts'
import { readPages } from '../../engine/documents/reading.ts'
import { SnapshotError } from '../../engine/memory/snapshot.ts'
import {
  type CommandConversation,
  type CommandEngine,
  CommandError,
  Interrupted,
  type World,
} from '../command.ts'
import { formatCount, formatPages } from '../format.ts'
import { Progress } from '../progress.ts'

export interface TextFile {
  readonly name: string
  readonly text: string
  readonly notes?: readonly DocumentNote[]
}

type DocumentEntry = Extract<Entry, { type: 'document' }>

const OPTIONS = { attention: 'nha', window: null, system: '' } as const

/**
 * Read a document into a memory of its own, from the last state of it that was kept.
 *
 * @throws {CommandError} the name is another memory's, or another model began it
 * @throws {Interrupted} reading goes on from the last state the next time
 */
export async function readWhole(
  engine: CommandEngine,
  memories: DocumentMemories,
  document: DocumentText,
  name: string,
  { stderr, interrupted }: World,
): Promise<DocumentMemory> {
  const about = { name, file: document.name, model: engine.info.modelName, options: OPTIONS }
  const { text, pages } = document
  const chapters = chapterEnds(text, pages, document.chapters)
  const notes = document.notes.map(describeNote)
  const told = { pages: pages.length, characters: text.length, chapters, notes }
  let memory = await memories.begin({ ...about, ...told }, text)
  const from = memory.saved.at(-1) ?? 0
  if (from === memory.pages) return memory
  const conversation = await reader(engine, from === 0 ? null : await memories.load(name, from))
  const progress = new Progress(stderr, `Reading ${name}`)
  try {
    const reading = readPages(
      conversation,
      { ...document, ends: memory.chapters ?? [] },
      from,
      async (page, { position: tokens, stateBytes }, bytes) => {
        memory = await memories.save(name, page, { tokens, stateBytes }, bytes)
      },
      interrupted,
    )
    for await (const { page, done, total, pagesPerSecond } of reading) {
      const pace = pagesPerSecond > 0 ? ` · ${pagesPerSecond.toFixed(1)} pages/s` : ''
      progress.show(done, total, `${formatCount(page)} of ${formatPages(memory.pages)}${pace}`)
      await new Promise(setImmediate)
    }
  } finally {
    progress.clear()
    conversation.dispose()
  }
  if (!interrupted.aborted) return memory
  const kept = memory.saved.at(-1) ?? 0
  // All of it may have been read when Ctrl-C came.
  if (kept < memory.pages)
    stderr.write(
      `Paused at page ${formatCount(kept)} of ${formatCount(memory.pages)}; the same command goes on.\n`,
    )
  throw new Interrupted()
}

/** A fresh conversation, or one that has read the first pages. */
async function reader(engine: CommandEngine, state: Uint8Array | null): Promise<CommandConversation> {
  if (!state) return engine.open(OPTIONS)
  try {
    return await engine.restore(OPTIONS, state)
  } catch (error) {
    if (!(error instanceof SnapshotError)) throw error
    throw new CommandError(
      `The memory was begun with another model: ${error.message}; delete it with --delete, or give another name with --as.`,
    )
  }
}

/** Take one document into the conversation's memory, with a progress bar on stderr; what is written down of it. */
export async function readIntoMemory(
  conversation: CommandConversation,
  { name, text, notes = [] }: TextFile,
  { stderr, interrupted }: Pick<World, 'stderr' | 'interrupted'>,
): Promise<Omit<DocumentEntry, 'node' | 'parent' | 'time'>> {
  const before = conversation.memory.position
  const progress = new Progress(stderr, `Reading ${name}`)
  try {
    for await (const event of conversation.read(name, text, interrupted)) {
      if (event.type === 'reading')
        progress.show(event.tokens, event.totalTokens, `${formatCount(event.tokens)} tokens`)
      await new Promise(setImmediate)
    }
  } finally {
    progress.clear()
  }
  const { memory } = conversation
  const tokens = memory.position - before
  return { type: 'document', name, text, memory, ...wasRead({ tokens, notes: notes.map(describeNote) }) }
}
