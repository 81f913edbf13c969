import { stat } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import type { DocumentText } from '../../engine/documents/document.ts'
import { CommandError, type World } from '../command.ts'
import { readDocument } from './file.ts'

/** A file that is followed is looked at this often. */
const LOOK_MILLISECONDS = 500

/**
 * The document each time that its file has grown, until Ctrl-C: each is the one before with more at its end.
 *
 * @throws {CommandError} the file is gone
 */
export async function* follow(file: string, world: World): AsyncGenerator<DocumentText> {
  const { interrupted } = world
  let seen = await sizeOf(file)
  const ended = () =>
    delay(LOOK_MILLISECONDS, false, { signal: interrupted }).catch(() => interrupted.aborted)
  while (!(await ended())) {
    const size = await sizeOf(file)
    if (size === seen) continue
    seen = size
    yield await readDocument(file, world)
  }
}

async function sizeOf(file: string): Promise<string> {
  try {
    const { size, mtimeMs } = await stat(file)
    return `${size} ${mtimeMs}`
  } catch {
    throw new CommandError(`The file ${file} is not there any more.`)
  }
}
