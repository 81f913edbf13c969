import { stat } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { isBeginning } from '../../electron/documents.ts'
import type { DocumentText } from '../../engine/documents/document.ts'
import { CommandError, type World } from '../command.ts'
import { readDocument } from './file.ts'

/** A file that is followed is looked at this often. */
const LOOK_MILLISECONDS = 500

/** How a file was when it was looked at. */
interface Look {
  readonly size: number
  readonly modified: number
}

/**
 * The document each time that its file has grown, until Ctrl-C: each is the one before with more at its end. While
 * the file is shorter than what was read, or another one, as after a log rotation, it is waited for.
 *
 * @param before the file as it was before `text` was read from it, so that what came meanwhile is not passed over
 * @throws {CommandError} the file is gone
 */
export async function* follow(
  file: string,
  before: Look,
  text: string,
  world: World,
): AsyncGenerator<DocumentText> {
  const { interrupted, stderr } = world
  let [seen, read] = [before, before]
  let isSaid = false
  const wait = () => {
    if (!isSaid)
      stderr.write(
        `${file} no longer begins with what was read of it; waiting until it does. Another name, with --as, begins anew.\n`,
      )
    isSaid = true
  }
  const ended = () =>
    delay(LOOK_MILLISECONDS, false, { signal: interrupted }).catch(() => interrupted.aborted)
  while (!(await ended())) {
    const now = await lookAt(file)
    if (now.size === seen.size && now.modified === seen.modified) continue
    seen = now
    if (now.size < read.size) {
      wait()
      continue
    }
    const document = await readDocument(file, world)
    if (!isBeginning(text, document.text)) {
      wait()
      continue
    }
    const isLonger = document.text !== text
    ;[read, text, isSaid] = [now, document.text, false]
    if (isLonger) yield document
  }
}

/** @throws {CommandError} there is no such file */
export async function lookAt(file: string): Promise<Look> {
  try {
    const { size, mtimeMs } = await stat(file)
    return { size, modified: mtimeMs }
  } catch {
    throw new CommandError(`The file ${file} is not there any more.`)
  }
}
