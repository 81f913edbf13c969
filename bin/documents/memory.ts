import type { ChatFile } from '../../electron/chat-file.ts'
import { Refusal } from '../../electron/conversations.ts'
import { TranscriptBuilder } from '../../electron/transcript.ts'
import { pagesOfText } from '../../engine/documents/paging.ts'
import { CommandError, type World } from '../command.ts'
import { formatCount } from '../format.ts'

/**
 * A conversation that has read a document, as it was after `asOf` or the nearest saved page before it.
 *
 * @throws {CommandError} there is no such memory, or it has not come so far
 */
export async function chatOfMemory(
  name: string,
  asOf: number | null,
  { openDocuments, stderr }: Pick<World, 'openDocuments' | 'stderr'>,
): Promise<ChatFile> {
  const memories = openDocuments()
  try {
    const { saved, pages, options, model, file } = await memories.find(name)
    const page = saved.findLast((each) => asOf === null || each <= asOf)
    if (page === undefined)
      throw new CommandError(
        saved.length === 0
          ? `Nothing of "${name}" has been read yet; \`plateau read\` goes on with it.`
          : `The first page of "${name}" whose memory is saved is ${saved[0] ?? 0}.`,
      )
    if (page < pages) stderr.write(`As of page ${formatCount(page)} of ${formatCount(pages)}.\n`)
    const text = await memories.text(name)
    const read = text.slice(0, pagesOfText(text)[page]?.start ?? text.length)
    const builder = new TranscriptBuilder()
    const time = Date.now()
    builder.apply({ type: 'opened', created: time, model, options })
    builder.apply({ type: 'document', node: 1, parent: null, name: file, text: read, time })
    return { builder, snapshot: await memories.load(name, page), whole: true }
  } catch (error) {
    if (error instanceof Refusal) throw new CommandError(error.message)
    throw error
  }
}
