import { join } from 'node:path'
import { JOURNAL } from './conversation-list.ts'
import { type Disk, listFolder, removeIfThere } from './disk.ts'

/** What is deleted can be taken back for this long, and is gone when a program starts after it. */
const TRASH_MILLISECONDS = 60 * 60 * 1000

/** Conversations that were deleted, with all their files but the saved states, which stay where they are. */
export class Trash {
  readonly #disk: Disk
  readonly #journals: string
  readonly #trash: string
  readonly #now: () => number

  constructor(disk: Disk, journals: string, trash: string, now: () => number) {
    this.#disk = disk
    this.#journals = journals
    this.#trash = trash
    this.#now = now
  }

  /** What nobody took back in time goes for good; `onGone` is told before. Never rejects: what fails goes another time. */
  async empty(onGone: (id: string) => Promise<void>): Promise<void> {
    const names = await listFolder(this.#disk, this.#trash).catch(() => [])
    for (const name of names) await this.#emptyOf(name, onGone).catch(() => undefined)
  }

  /** False when there is no such conversation. */
  put(id: string): Promise<boolean> {
    return this.#move(id, this.#journals, this.#trash)
  }

  takeBack(id: string): Promise<boolean> {
    return this.#move(id, this.#trash, this.#journals)
  }

  async #emptyOf(name: string, onGone: (id: string) => Promise<void>): Promise<void> {
    const path = join(this.#trash, name)
    const { modified } = await this.#disk.stat(path)
    if (this.#now() - modified < TRASH_MILLISECONDS) return
    await onGone(name.split('.')[0] ?? '')
    await removeIfThere(this.#disk, path)
  }

  /** The journal last, so that a conversation is in one folder or the other. */
  async #move(id: string, from: string, to: string): Promise<boolean> {
    const names = (await listFolder(this.#disk, from)).filter((name) => name.startsWith(`${id}.`))
    if (!names.includes(id + JOURNAL)) return false
    for (const name of names.sort((a, b) => b.length - a.length)) {
      await this.#disk.rename(join(from, name), join(to, name))
      await this.#disk.touch(join(to, name), this.#now())
    }
    await this.#disk.syncFolder(to)
    return true
  }
}
