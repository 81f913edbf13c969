import { uptime } from 'node:os'
import { type Disk, diskCode, removeIfThere, writeAll } from './disk.ts'

/** The end of the line shows that it is whole. */
const HOLDER = /^([0-9]+)\n$/

/**
 * One writer for a conversation, among all programs of this user: a file that holds the writer's process id. A lock
 * whose process is gone, or that is older than the machine's last start, is no lock.
 *
 * @returns false when another program has it
 */
export async function takeLock(disk: Disk, path: string, now: number): Promise<boolean> {
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      const file = await disk.open(path, 'create')
      try {
        await writeAll(file, new TextEncoder().encode(`${process.pid}\n`))
      } finally {
        await file.close()
      }
      return true
    } catch (error) {
      if (diskCode(error) !== 'EEXIST') throw error
    }
    if (await isHeld(disk, path, now)) return false
    await removeIfThere(disk, path)
  }
  return false
}

/** Another program that runs has it. */
export async function isHeld(disk: Disk, path: string, now: number): Promise<boolean> {
  try {
    const { modified } = await disk.stat(path)
    if (modified < now - uptime() * 1000) return false
    const [, digits] = HOLDER.exec(new TextDecoder().decode(await disk.read(path))) ?? []
    const holder = Number(digits)
    return holder !== process.pid && isRunning(holder)
  } catch (error) {
    if (diskCode(error) === 'ENOENT') return false
    throw error
  }
}

function isRunning(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // It runs, and belongs to someone else.
    return diskCode(error) === 'EPERM'
  }
}
