import type { ChatFile } from '../../electron/chat-file.ts'
import { Refusal } from '../../electron/conversations.ts'
import type { ChapterEnd, DocumentMemory } from '../../electron/document-bridge.ts'
import { TranscriptBuilder } from '../../electron/transcript.ts'
import { wasRead } from '../../electron/was-read.ts'
import { pagesOfText } from '../../engine/documents/paging.ts'
import { CommandError, type World } from '../command.ts'
import { formatCount } from '../format.ts'

/** The end of what is remembered: a page, or a chapter by its number or words of its title. */
export type AsOf = { readonly page: number } | { readonly chapter: string }

/**
 * A conversation that has read a document, as it was after that page or chapter, or the nearest saved page before its end.
 *
 * @throws {CommandError} there is no such memory, or it has not come so far
 */
export async function chatOfMemory(
  name: string,
  asOf: AsOf | null,
  { openDocuments, stderr }: Pick<World, 'openDocuments' | 'stderr'>,
): Promise<ChatFile> {
  const memories = openDocuments()
  try {
    const memory = await memories.find(name)
    const { saved, pages, options, model, file, notes } = memory
    const chapter = asOf !== null && 'chapter' in asOf ? chapterOf(memory, asOf.chapter) : null
    const end = chapter?.page ?? (asOf !== null && 'page' in asOf ? asOf.page : pages)
    const page = saved.findLast((each) => each <= end)
    if (page === undefined)
      throw new CommandError(
        saved.length === 0
          ? `Nothing of "${name}" has been read yet; \`plateau read\` goes on with it.`
          : `The first page of "${name}" whose memory is saved is ${saved[0] ?? 0}.`,
      )
    const where = chapter ? `“${chapter.title}”, ` : ''
    if (chapter || page < pages)
      stderr.write(`As of ${where}page ${formatCount(page)} of ${formatCount(pages)}.\n`)
    const text = await memories.text(name)
    const read = text.slice(0, pagesOfText(text)[page]?.start ?? text.length)
    const builder = new TranscriptBuilder()
    const time = Date.now()
    builder.apply({ type: 'opened', created: time, model, options })
    const known = wasRead({ notes, ...(page === saved.at(-1) ? { tokens: memory.tokens } : {}) })
    builder.apply({ type: 'document', node: 1, parent: null, name: file, text: read, time, ...known })
    return { builder, snapshot: await memories.load(name, page), whole: true }
  } catch (error) {
    if (error instanceof Refusal) throw new CommandError(error.message)
    throw error
  }
}

const MOST_LISTED = 12

/** @throws {CommandError} it has no such chapter */
function chapterOf({ name, chapters = [] }: DocumentMemory, asked: string): ChapterEnd {
  if (chapters.length === 0)
    throw new CommandError(`No chapters are known of "${name}"; --page N begins after a page of it.`)
  const words = asked.trim().toLowerCase()
  const found = /^\d+$/.test(words)
    ? chapters[Number(words) - 1]
    : chapters.find(({ title }) => title.toLowerCase().includes(words))
  if (found) return found
  const listed = chapters.slice(0, MOST_LISTED).map(({ title }, i) => `${i + 1} ${title}`)
  const more = chapters.length > MOST_LISTED ? ` and ${chapters.length - MOST_LISTED} more` : ''
  throw new CommandError(`"${name}" has no chapter "${asked}"; it has: ${listed.join(' · ')}${more}.`)
}
