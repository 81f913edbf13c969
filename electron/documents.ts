import { join } from 'node:path'
import { HeldLocks } from './lock.ts'
import { Refusal } from './conversations.ts'
import { type Disk, diskCode, listFolder, removeIfThere, replaceFile } from './disk.ts'
import type { DocumentMemory } from './document-bridge.ts'
import {
  cut,
  hashesOf,
  isAlike,
  isNews,
  isRead,
  LONGEST_NAME,
  nameFrom,
  type NewDocument,
  parseMemory,
  sha256,
  stemOf,
  thinned,
} from './document-list.ts'

/** A memory and the name that its files have, which is that of its first day. */
interface Kept {
  readonly stem: string
  readonly memory: DocumentMemory
}

/** Where a memory of some name is, or would be. */
type Place = Kept | { readonly stem: string; readonly memory: null }

const NAME = /^[\p{L}\p{N}][\p{L}\p{N} _.-]{0,79}$/u
const LIST = '.json'
/** A list that is no list, kept for whoever can mend it; its text and states stay where they are. */
const DAMAGED = '.damaged'
const LOCK = '.lock'
/** Reading that was stopped in a window that stays open: others may go on with it then. */
const IDLE_MILLISECONDS = 120_000
const PAGE_END = '\f'

/**
 * Document memories on disk: for each a list of what there is, the text, and states at ends of pages. One program
 * writes a memory at a time: it has it from `begin` until all of it is read, `close`, or a while without a page.
 */
export class DocumentMemories {
  readonly #disk: Disk
  readonly #folder: string
  readonly #locks: HeldLocks
  /** changes of the list, one after the other */
  #changing: Promise<unknown> = Promise.resolve()

  constructor(disk: Disk, folder: string) {
    this.#disk = disk
    this.#folder = join(folder, 'documents')
    this.#locks = new HeldLocks(disk, IDLE_MILLISECONDS)
  }

  async list(): Promise<DocumentMemory[]> {
    const all = await this.#read(await listFolder(this.#disk, this.#folder))
    return all.map(({ memory }) => memory).sort((a, b) => a.name.localeCompare(b.name))
  }

  /** @throws {Refusal} there is none of that name */
  async find(name: string): Promise<DocumentMemory> {
    return (await this.#kept(name)).memory
  }

  /** @throws {Refusal} there is none of that name */
  async text(name: string): Promise<string> {
    return this.#text((await this.#kept(name)).stem)
  }

  /**
   * The memory of that name, if it is of this text or of the beginning of it, as a file that has grown is; else a new one.
   *
   * @throws {Refusal} the name is taken by another text, or is none, or another program writes this memory
   */
  begin(fresh: NewDocument, text: string): Promise<DocumentMemory> {
    return this.#inTurn(async () => {
      if (!NAME.test(fresh.name))
        throw new Refusal(
          'A name has letters, digits, blanks, dots and dashes, 80 at most; give one with --as.',
        )
      const whole = (await this.#place(fresh.name)).memory
      if (whole && isRead(whole) && !isNews(fresh, whole) && (await this.text(fresh.name)) === text)
        return whole
      return this.#alone(fresh.name, async ({ stem, memory: there }) => {
        if (!there) {
          const memory = { ...fresh, saved: [], tokens: 0, stateBytes: 0 }
          await this.#writeText(stem, text)
          await this.#write({ stem, memory })
          return memory
        }
        const before = await this.#text(stem)
        if (before === text) {
          if (!isNews(fresh, there)) return there
          const { notes = [], chapters = [] } = fresh
          const memory = { ...there, notes, chapters }
          await this.#write({ stem, memory })
          if (isRead(memory)) await this.#locks.letGo(this.#path(stem, LOCK))
          return memory
        }
        if (!isBeginning(before, text))
          throw new Refusal(
            `There is a memory called "${fresh.name}" of another text; give another name with --as.`,
          )
        // The last page may go on now; those before it end where they did.
        const { pages, characters, notes = [], chapters = [] } = fresh
        const saved = there.saved.filter((page) => page < there.pages)
        const memory = { ...there, pages, characters, notes, chapters, saved }
        await this.#write({ stem, memory })
        await this.#writeText(stem, text)
        await removeIfThere(this.#disk, this.#path(stem, `.${there.pages}.state`))
        return memory
      })
    })
  }

  /** As `begin`, under the first name that is free or has this very text, model and options: `novel.txt 2` if need be. */
  async beginAnywhere(fresh: NewDocument, text: string): Promise<DocumentMemory> {
    const plain = nameFrom(fresh.file)
    const listed = await this.list()
    for (let copy = 1; ; copy++) {
      const name = copy === 1 ? plain : `${cut(plain, LONGEST_NAME - 5)} ${copy}`
      const there = listed.find((memory) => memory.name === name)
      if (!there || (isAlike(there, fresh) && isBeginning(await this.text(name), text)))
        return this.begin({ ...fresh, name }, text)
    }
  }

  /**
   * Keep the state after a page; the list names it only when it is on the disk.
   *
   * @throws {Refusal} the memory was deleted meanwhile, or another program writes it now
   */
  save(
    name: string,
    page: number,
    { tokens, stateBytes }: Pick<DocumentMemory, 'tokens' | 'stateBytes'>,
    bytes: Uint8Array,
  ): Promise<DocumentMemory> {
    return this.#inTurn(() =>
      this.#alone(name, async (place) => {
        const { stem, memory } = existing(place, name)
        await replaceFile(this.#disk, this.#path(stem, `.${page}.state`), bytes)
        const saved = [...memory.saved.filter((each) => each !== page), page].sort((a, b) => a - b)
        const kept = thinned(saved, memory.chapters)
        const hashes = hashesOf(kept, { ...memory.hashes, [page]: sha256(bytes) })
        const next = { ...memory, saved: kept, hashes, tokens, stateBytes }
        await this.#write({ stem, memory: next })
        for (const gone of saved.filter((each) => !kept.includes(each)))
          await removeIfThere(this.#disk, this.#path(stem, `.${gone}.state`))
        if (isRead(next)) await this.#locks.letGo(this.#path(stem, LOCK))
        return next
      }),
    )
  }

  /** @throws {Refusal} there is none of that name, or what is there is not what was saved: then it is let go of */
  async load(name: string, page: number): Promise<Uint8Array<ArrayBuffer>> {
    const { stem, memory } = await this.#kept(name)
    const bytes = await this.#disk.read(this.#path(stem, `.${page}.state`))
    const expected = memory.hashes?.[page]
    if (expected === undefined || sha256(bytes) === expected) return bytes
    await this.#forget(name, page)
    throw new Refusal(
      `The memory of "${name}" at page ${page} is not the one that was saved and was let go of; read it again from the page before.`,
    )
  }

  #forget(name: string, page: number): Promise<void> {
    return this.#inTurn(() =>
      this.#alone(name, async (place) => {
        const { stem, memory } = existing(place, name)
        const saved = memory.saved.filter((each) => each !== page)
        await this.#write({ stem, memory: { ...memory, saved, hashes: hashesOf(saved, memory.hashes) } })
        await removeIfThere(this.#disk, this.#path(stem, `.${page}.state`))
      }),
    )
  }

  /** @throws {Refusal} there is none of that name, another program writes it, or the new one is taken or is none */
  rename(name: string, to: string): Promise<DocumentMemory> {
    return this.#inTurn(() =>
      this.#alone(name, async (place) => {
        const { stem, memory } = existing(place, name)
        if (!NAME.test(to))
          throw new Refusal('A name has letters, digits, blanks, dots and dashes, 80 at most.')
        const taken = (await this.list()).some((each) => each.name === to)
        if (taken && to !== name) throw new Refusal(`There is a memory called "${to}" already.`)
        const renamed = { ...memory, name: to }
        await this.#write({ stem, memory: renamed })
        await this.#locks.letGo(this.#path(stem, LOCK))
        return renamed
      }),
    )
  }

  /** @throws {Refusal} there is none of that name, or another program writes it */
  remove(name: string): Promise<void> {
    return this.#inTurn(() =>
      this.#alone(name, async (place) => {
        const { stem, memory } = existing(place, name)
        await removeIfThere(this.#disk, this.#path(stem, LIST))
        for (const page of memory.saved) await removeIfThere(this.#disk, this.#path(stem, `.${page}.state`))
        await removeIfThere(this.#disk, this.#path(stem, '.txt'))
        await this.#locks.letGo(this.#path(stem, LOCK))
      }),
    )
  }

  /** What they take on the disk, texts and states. */
  async size(): Promise<{ readonly documents: number; readonly documentBytes: number }> {
    const files = (await listFolder(this.#disk, this.#folder)).filter((file) => !file.endsWith(LOCK))
    const sizes = [...(await this.#disk.statAll(this.#folder, files)).values()]
    return {
      documents: files.filter((file) => file.endsWith(LIST)).length,
      documentBytes: sizes.reduce((sum, { size }) => sum + size, 0),
    }
  }

  /** Let others write what this has begun. */
  close(): Promise<void> {
    return this.#inTurn(() => this.#locks.letGoOfAll())
  }

  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const changed = this.#changing.then(change)
    this.#changing = changed.catch(() => undefined)
    return changed
  }

  /**
   * Change the memory of that name, or make it, while no other program does; it stays this one's unless that fails.
   *
   * @throws {Refusal} another program writes it
   */
  async #alone<T>(name: string, change: (place: Place) => Promise<T>): Promise<T> {
    let place = await this.#place(name)
    const lock = this.#path(place.stem, LOCK)
    const isOurs = this.#locks.has(lock)
    await this.#disk.makeFolder(this.#folder)
    if (!(await this.#locks.take(lock))) throw beingRead(name)
    try {
      // Another one may have changed it until now.
      if (!isOurs) place = await this.#place(name)
      if (this.#path(place.stem, LOCK) !== lock) throw beingRead(name)
      return await change(place)
    } catch (error) {
      await this.#locks.letGo(lock)
      throw error
    }
  }

  async #place(name: string): Promise<Place> {
    const files = await listFolder(this.#disk, this.#folder)
    const all = await this.#read(files)
    return all.find(({ memory }) => memory.name === name) ?? { stem: freeStem(name, files), memory: null }
  }

  async #kept(name: string): Promise<Kept> {
    return existing(await this.#place(name), name)
  }

  /** The memories of those files. @throws {Refusal} one is damaged; the next time it is not among them */
  async #read(files: readonly string[]): Promise<Kept[]> {
    const found: Kept[] = []
    for (const file of files.filter((each) => each.endsWith(LIST))) {
      const path = join(this.#folder, file)
      const bytes = await this.#disk.read(path).catch((error: unknown) => {
        // Deleted since the folder was listed.
        if (diskCode(error) === 'ENOENT') return null
        throw error
      })
      const memory = bytes && parseMemory(bytes)
      if (memory) found.push({ stem: file.slice(0, -LIST.length), memory })
      if (memory || !bytes) continue
      const aside = `${path}${DAMAGED}`
      await this.#disk.rename(path, aside)
      throw new Refusal(`A document memory is damaged and kept aside as ${aside}; read its file again.`)
    }
    return found
  }

  async #text(stem: string): Promise<string> {
    const bytes = await this.#disk.read(this.#path(stem, '.txt'))
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
  }

  #writeText(stem: string, text: string): Promise<void> {
    return replaceFile(this.#disk, this.#path(stem, '.txt'), new TextEncoder().encode(text))
  }

  #write({ stem, memory }: Kept): Promise<void> {
    const bytes = new TextEncoder().encode(JSON.stringify(memory))
    return replaceFile(this.#disk, this.#path(stem, LIST), bytes)
  }

  #path(stem: string, ending: string): string {
    return join(this.#folder, `${stem}${ending}`)
  }
}

/** A name for files that no other memory has, on disks that do not tell capitals from small letters too. */
function freeStem(name: string, files: readonly string[]): string {
  const taken = new Set(files.map((file) => file.toLowerCase()))
  const plain = stemOf(name)
  let stem = plain
  const isTaken = () =>
    [LIST, `${LIST}${DAMAGED}`].some((ending) => taken.has(`${stem}${ending}`.toLowerCase()))
  for (let copy = 2; isTaken(); copy++) stem = `${plain}~${copy}`
  return stem
}

/** @throws {Refusal} */
function existing(place: Place, name: string): Kept {
  if (!place.memory) throw new Refusal(`There is no document memory called "${name}".`)
  return place
}

function beingRead(name: string): Refusal {
  return new Refusal(`"${name}" is being read by another window or program.`)
}

/** Its pages are the first pages of `text`, but for the last: where form feeds first come later, all pages change. */
export function isBeginning(before: string, text: string): boolean {
  return (
    text.startsWith(before) &&
    (before.includes(PAGE_END) || !text.slice(before.length).includes(PAGE_END) || before === text)
  )
}
