import { readFile, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { type DocumentText, LARGEST_FILE } from '../../engine/documents/document.ts'
import { describeDocument, DocumentError } from '../../engine/documents/failure.ts'
import { describeNote } from '../../engine/documents/notes.ts'
import { CommandError, Interrupted, type World } from '../command.ts'
import { formatPages } from '../format.ts'
import { reasonOf } from '../model-folder.ts'
import { Progress } from '../progress.ts'

/**
 * The text of a file of any type that documents have, and on stderr what was left out of it.
 *
 * @throws {CommandError} one sentence
 * @throws {Interrupted}
 */
export async function readDocument(
  path: string,
  { stderr, interrupted, extract }: Pick<World, 'stderr' | 'interrupted' | 'extract'>,
): Promise<DocumentText> {
  const name = basename(path)
  let bytes
  try {
    const { size } = await stat(path)
    if (size > LARGEST_FILE)
      throw new CommandError(describeDocument({ code: 'too-large', bytes: size, limit: LARGEST_FILE }, path))
    bytes = new Uint8Array(await readFile(path))
  } catch (error) {
    if (error instanceof CommandError) throw error
    throw new CommandError(`The file ${path} could not be read: ${reasonOf(error)}.`)
  }
  const progress = stderr.isTTY ? new Progress(stderr, `Opening ${name}`) : null
  try {
    const onPage = (done: number, total: number) => progress?.show(done, total, formatPages(done))
    const document = await extract({ name, bytes }, onPage, interrupted)
    progress?.clear()
    for (const note of document.notes) stderr.write(`${name}: ${describeNote(note)}\n`)
    return document
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error
    if (error.failure.code === 'stopped') throw new Interrupted()
    throw new CommandError(describeDocument(error.failure, path))
  } finally {
    progress?.clear()
  }
}
