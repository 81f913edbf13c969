import { uptime } from 'node:os'
import { type Disk, diskCode, isRunning, removeIfThere, writeAll } from './disk.ts'

/** The end of the line shows that it is whole. */
const HOLDER = /^([0-9]+)\n$/

/**
 * One holder for a conversation, a document memory or a browser's profile, among all programs of this user: a file
 * with the holder's process id. A lock whose process is gone, or that is older than the machine's last start, is no lock.
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

/** Locks that this program has, each until it lets go of it or has not asked for it in so long. */
export class HeldLocks {
  readonly #disk: Disk
  readonly #idleMilliseconds: number
  readonly #held = new Map<string, NodeJS.Timeout>()

  constructor(disk: Disk, idleMilliseconds: number) {
    this.#disk = disk
    this.#idleMilliseconds = idleMilliseconds
  }

  has(path: string): boolean {
    return this.#held.has(path)
  }

  /** @returns false when another program has it */
  async take(path: string): Promise<boolean> {
    const before = this.#held.get(path)
    if (!before && !(await takeLock(this.#disk, path, Date.now()))) return false
    clearTimeout(before)
    this.#held.set(path, setTimeout(() => void this.letGo(path), this.#idleMilliseconds).unref())
    return true
  }

  async letGo(path: string): Promise<void> {
    const timer = this.#held.get(path)
    if (!timer) return
    clearTimeout(timer)
    this.#held.delete(path)
    // One that stays is no lock once this process is gone.
    await removeIfThere(this.#disk, path).catch(() => undefined)
  }

  async letGoOfAll(): Promise<void> {
    for (const path of [...this.#held.keys()]) await this.letGo(path)
  }
}
