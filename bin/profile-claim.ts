import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { nodeDisk, removeIfThere } from '../electron/disk.ts'
import { takeLock } from '../electron/lock.ts'
import { CommandError } from './command.ts'

/**
 * Claim the browser profile for this process: a second browser on it would hand its window to the first one and end.
 *
 * @throws {CommandError} another Plateau that is still running has it
 */
export async function claimProfile(folder: string): Promise<{ release: () => Promise<void> }> {
  const lock = join(folder, 'plateau.pid')
  await nodeDisk.makeFolder(folder)
  if (!(await takeLock(nodeDisk, lock, Date.now()))) {
    const owner = (await readFile(lock, 'utf8')).trim()
    throw new CommandError(`Plateau is open already (process ${owner}); close that window first.`)
  }
  return { release: () => removeIfThere(nodeDisk, lock) }
}
