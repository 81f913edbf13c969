import { join } from 'node:path'
import { Refusal } from './conversations.ts'
import { type Disk, listFolder, removeIfThere, replaceFile } from './disk.ts'
import type { DocumentMemory } from './document-bridge.ts'
import { asRecord, isText, parseOptions } from './entries.ts'

/** What is known of a document before any of it is read. */
export type NewDocument = Omit<DocumentMemory, 'saved' | 'tokens' | 'stateBytes'>

/** A memory and the name that its files have, which is that of its first day. */
interface Kept {
  readonly stem: string
  readonly memory: DocumentMemory
}

/** So many states of one document stay, apart from the last: "as of page N" lands on the nearest. */
const MOST_SAVED = 24
const LONGEST_NAME = 80
const NAME = /^[\p{L}\p{N}][\p{L}\p{N} _.-]{0,79}$/u
const LIST = '.json'
const PAGE_END = '\f'

/** Document memories on disk: for each a list of what there is, the text, and states at ends of pages. */
export class DocumentMemories {
  readonly #disk: Disk
  readonly #folder: string
  /** changes of the list, one after the other */
  #changing: Promise<unknown> = Promise.resolve()

  constructor(disk: Disk, folder: string) {
    this.#disk = disk
    this.#folder = join(folder, 'documents')
  }

  async list(): Promise<DocumentMemory[]> {
    const all = await this.#all()
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
   * @throws {Refusal} the name is taken by another text, or is none
   */
  begin(fresh: NewDocument, text: string): Promise<DocumentMemory> {
    return this.#inTurn(async () => {
      if (!NAME.test(fresh.name))
        throw new Refusal(
          'A name has letters, digits, blanks, dots and dashes, 80 at most; give one with --as.',
        )
      const all = await this.#all()
      const there = all.find(({ memory }) => memory.name === fresh.name)
      const memory = { ...fresh, saved: [], tokens: 0, stateBytes: 0 }
      if (!there) {
        await this.#disk.makeFolder(this.#folder)
        const kept = { stem: freeStem(fresh.name, all), memory }
        await replaceFile(this.#disk, this.#path(kept.stem, '.txt'), new TextEncoder().encode(text))
        await this.#write(kept)
        return memory
      }
      const before = await this.#text(there.stem)
      if (before === text) return there.memory
      if (!isBeginning(before, text))
        throw new Refusal(
          `There is a memory called "${fresh.name}" of another text; give another name with --as.`,
        )
      // The last page may go on now; those before it end where they did.
      const { pages, characters } = fresh
      const saved = there.memory.saved.filter((page) => page < there.memory.pages)
      const grown = { stem: there.stem, memory: { ...there.memory, pages, characters, saved } }
      await this.#write(grown)
      await replaceFile(this.#disk, this.#path(there.stem, '.txt'), new TextEncoder().encode(text))
      await removeIfThere(this.#disk, this.#path(there.stem, `.${there.memory.pages}.state`))
      return grown.memory
    })
  }

  /** As `begin`, under the first name that is free or has this very text, model and options: `novel.txt 2` if need be. */
  async beginAnywhere(fresh: NewDocument, text: string): Promise<DocumentMemory> {
    const plain = nameFrom(fresh.file)
    const listed = await this.list()
    for (let copy = 1; ; copy++) {
      const name = copy === 1 ? plain : `${plain.slice(0, LONGEST_NAME - 5)} ${copy}`
      const there = listed.find((memory) => memory.name === name)
      if (!there || (isAlike(there, fresh) && isBeginning(await this.text(name), text)))
        return this.begin({ ...fresh, name }, text)
    }
  }

  /**
   * Keep the state after a page; the list names it only when it is on the disk.
   *
   * @throws {Refusal} the memory was deleted meanwhile
   */
  save(
    name: string,
    page: number,
    { tokens, stateBytes }: Pick<DocumentMemory, 'tokens' | 'stateBytes'>,
    bytes: Uint8Array,
  ): Promise<DocumentMemory> {
    return this.#inTurn(async () => {
      const { stem, memory } = await this.#kept(name)
      await replaceFile(this.#disk, this.#path(stem, `.${page}.state`), bytes)
      const saved = [...memory.saved.filter((each) => each !== page), page].sort((a, b) => a - b)
      const kept = thinned(saved)
      const next = { ...memory, saved: kept, tokens, stateBytes }
      await this.#write({ stem, memory: next })
      for (const gone of saved.filter((each) => !kept.includes(each)))
        await removeIfThere(this.#disk, this.#path(stem, `.${gone}.state`))
      return next
    })
  }

  /** @throws {Refusal} there is none of that name */
  async load(name: string, page: number): Promise<Uint8Array<ArrayBuffer>> {
    return this.#disk.read(this.#path((await this.#kept(name)).stem, `.${page}.state`))
  }

  /** @throws {Refusal} there is none of that name, or the new one is taken or is none */
  rename(name: string, to: string): Promise<DocumentMemory> {
    return this.#inTurn(async () => {
      const { stem, memory } = await this.#kept(name)
      if (!NAME.test(to))
        throw new Refusal('A name has letters, digits, blanks, dots and dashes, 80 at most.')
      const taken = (await this.list()).some((each) => each.name === to)
      if (taken && to !== name) throw new Refusal(`There is a memory called "${to}" already.`)
      const renamed = { ...memory, name: to }
      await this.#write({ stem, memory: renamed })
      return renamed
    })
  }

  /** @throws {Refusal} there is none of that name */
  remove(name: string): Promise<void> {
    return this.#inTurn(async () => {
      const { stem, memory } = await this.#kept(name)
      await removeIfThere(this.#disk, this.#path(stem, LIST))
      for (const page of memory.saved) await removeIfThere(this.#disk, this.#path(stem, `.${page}.state`))
      await removeIfThere(this.#disk, this.#path(stem, '.txt'))
    })
  }

  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const changed = this.#changing.then(change)
    this.#changing = changed.catch(() => undefined)
    return changed
  }

  async #all(): Promise<Kept[]> {
    const files = (await listFolder(this.#disk, this.#folder)).filter((file) => file.endsWith(LIST))
    const all = await Promise.all(
      files.map(async (file) => {
        const stem = file.slice(0, -LIST.length)
        const memory = await this.#read(stem)
        return memory ? [{ stem, memory }] : []
      }),
    )
    return all.flat()
  }

  async #kept(name: string): Promise<Kept> {
    const found = (await this.#all()).find(({ memory }) => memory.name === name)
    if (!found) throw new Refusal(`There is no document memory called "${name}".`)
    return found
  }

  async #read(stem: string): Promise<DocumentMemory | null> {
    try {
      const bytes = await this.#disk.read(this.#path(stem, LIST))
      return parse(JSON.parse(new TextDecoder().decode(bytes)))
    } catch {
      return null
    }
  }

  async #text(stem: string): Promise<string> {
    const bytes = await this.#disk.read(this.#path(stem, '.txt'))
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
  }

  #write({ stem, memory }: Kept): Promise<void> {
    const bytes = new TextEncoder().encode(JSON.stringify(memory))
    return replaceFile(this.#disk, this.#path(stem, LIST), bytes)
  }

  #path(stem: string, ending: string): string {
    return join(this.#folder, `${stem}${ending}`)
  }
}

/** A name from that of a file, without what names may not have. */
export function nameFrom(file: string): string {
  const safe = file
    .replace(/[^\p{L}\p{N} _.-]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .replace(/^[^\p{L}\p{N}]+/u, '')
  return safe.slice(0, LONGEST_NAME).trim() || 'document'
}

/** A name for files that no other memory has, on disks that do not tell capitals from small letters too. */
function freeStem(name: string, all: readonly Kept[]): string {
  const taken = new Set(all.map(({ stem }) => stem.toLowerCase()))
  const plain = encodeURIComponent(name)
  let stem = plain
  for (let copy = 2; taken.has(stem.toLowerCase()); copy++) stem = `${plain}~${copy}`
  return stem
}

/** Its pages are the first pages of `text`, but for the last: where form feeds first come later, all pages change. */
function isBeginning(before: string, text: string): boolean {
  return (
    text.startsWith(before) &&
    (before.includes(PAGE_END) || !text.slice(before.length).includes(PAGE_END) || before === text)
  )
}

function isAlike(memory: DocumentMemory, { model, options }: NewDocument): boolean {
  return memory.model === model && JSON.stringify(memory.options) === JSON.stringify(options)
}

/** Every second goes when there are too many; the last stays. */
function thinned(saved: readonly number[]): readonly number[] {
  if (saved.length <= MOST_SAVED) return saved
  return saved.filter((_, i) => i % 2 === 1 || i === saved.length - 1)
}

function parse(value: unknown): DocumentMemory | null {
  const { saved, tokens, stateBytes } = asRecord(value)
  const fresh = parseNewDocument(value)
  if (!fresh || !isWhole(tokens) || !isWhole(stateBytes)) return null
  if (!Array.isArray(saved) || !saved.every(isWhole)) return null
  return { ...fresh, saved, tokens, stateBytes }
}

/** `null` for what is none. */
export function parseNewDocument(value: unknown): NewDocument | null {
  const { name, file, pages, characters, model, ...rest } = asRecord(value)
  const options = parseOptions(rest['options'])
  if (!isText(name, LONGEST_NAME) || !isText(file, 1000) || !isText(model, 1000) || !options) return null
  if (!isWhole(pages) || !isWhole(characters)) return null
  return { name, file, pages, characters, model, options }
}

function isWhole(each: unknown): each is number {
  return Number.isSafeInteger(each) && Number(each) >= 0
}
