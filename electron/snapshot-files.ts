import { join } from 'node:path'
import { type Disk, listFolder, removeIfThere, replaceFile } from './disk.ts'

/** States of conversations on disk: `ID.NODE.state`. They can all be deleted at any time: text is read again then. */
const NAME = /^([0-9a-z-]+)\.([1-9][0-9]*)\.state$/
/** The newest of a conversation are all kept; older ones ever further apart. */
const DENSE = 20

interface Found {
  readonly name: string
  readonly id: string
  readonly node: number
}

export class SnapshotFiles {
  /** bytes that they may take together */
  limit: number
  readonly #disk: Disk
  readonly #folder: string
  readonly #now: () => number

  constructor(disk: Disk, folder: string, limit: number, now: () => number) {
    this.#disk = disk
    this.#folder = folder
    this.limit = limit
    this.#now = now
  }

  async save(id: string, node: number, bytes: Uint8Array): Promise<void> {
    await this.#disk.makeFolder(this.#folder)
    await replaceFile(this.#disk, this.#path(id, node), bytes)
    const own = (await this.list(id)).sort((a, b) => a - b)
    for (const each of thinned(own)) await removeIfThere(this.#disk, this.#path(id, each))
    await this.makeRoom()
  }

  /** Empty when there is none. */
  async load(id: string, node: number): Promise<Uint8Array<ArrayBuffer>> {
    const path = this.#path(id, node)
    try {
      const bytes = await this.#disk.read(path)
      // Used now: it is not the next to go.
      await this.#disk.touch(path, this.#now()).catch(() => undefined)
      return bytes
    } catch {
      return new Uint8Array()
    }
  }

  async list(id: string): Promise<number[]> {
    return (await this.#all()).filter((found) => found.id === id).map(({ node }) => node)
  }

  async bytes(): Promise<number> {
    return (await this.#sized()).reduce((sum, { size }) => sum + size, 0)
  }

  /** Remove those that `isGone` says nothing is left of. */
  async remove(id: string, isGone: (node: number) => boolean): Promise<void> {
    for (const node of await this.list(id))
      if (isGone(node)) await removeIfThere(this.#disk, this.#path(id, node))
  }

  /** The longest unused go until the rest fits the limit; the newest of all stays. */
  async makeRoom(): Promise<void> {
    const found = (await this.#sized()).sort((a, b) => b.modified - a.modified)
    let total = 0
    for (const [i, { name, size }] of found.entries()) {
      total += size
      if (i > 0 && total > this.limit) await removeIfThere(this.#disk, join(this.#folder, name))
    }
  }

  async #all(): Promise<Found[]> {
    const names = await listFolder(this.#disk, this.#folder)
    return names.flatMap((name) => {
      const [, id, node] = NAME.exec(name) ?? []
      return id === undefined || node === undefined ? [] : [{ name, id, node: Number(node) }]
    })
  }

  async #sized() {
    const all = await Promise.all(
      (await this.#all()).map(async (found) => {
        const stat = await this.#disk.stat(join(this.#folder, found.name)).catch(() => null)
        return stat ? [{ ...found, ...stat }] : []
      }),
    )
    return all.flat()
  }

  #path(id: string, node: number): string {
    return join(this.#folder, `${id}.${node}.state`)
  }
}

/**
 * Which of the nodes, oldest first, give up their snapshot: behind the newest 20 every second stays, 40 further back
 * every fourth, and so on. Nodes are picked by number, so that one that stays keeps staying until its distance doubles.
 */
export function thinned(nodes: readonly number[]): number[] {
  const newest = nodes.at(-1) ?? 0
  return nodes.filter((node) => {
    // Replies have every second number.
    const age = (newest - node) / 2
    if (age < DENSE) return false
    const step = 2 ** (1 + Math.floor(Math.log2(age / DENSE)))
    return Math.floor(node / 2) % step !== 0
  })
}
