import { join } from 'node:path'
import { Refusal } from './conversations.ts'
import { type Disk, listFolder, removeIfThere, replaceFile } from './disk.ts'
import { asRecord, type EntryOptions, isText, parseOptions } from './entries.ts'

/** A document that was read into a memory of its own, or is on the way there. */
export interface DocumentMemory {
  /** given by the user */
  readonly name: string
  /** the file it was */
  readonly file: string
  readonly pages: number
  /** of the text, so that a name is not used for two */
  readonly characters: number
  readonly model: string
  readonly options: EntryOptions
  /** pages whose state is saved, ascending; all of it is read when the last is the last page */
  readonly saved: readonly number[]
  readonly tokens: number
  readonly stateBytes: number
}

/** So many states of one document stay, apart from the last: "as of page N" lands on the nearest. */
const MOST_SAVED = 24
const NAME = /^[\p{L}\p{N}][\p{L}\p{N} _.-]{0,79}$/u
const LIST = '.json'

/** Document memories on disk: for each a list of what there is, the text, and states at ends of pages. */
export class DocumentMemories {
  readonly #disk: Disk
  readonly #folder: string

  constructor(disk: Disk, folder: string) {
    this.#disk = disk
    this.#folder = join(folder, 'documents')
  }

  async list(): Promise<DocumentMemory[]> {
    const names = await listFolder(this.#disk, this.#folder)
    const found = await Promise.all(
      names
        .filter((name) => name.endsWith(LIST))
        .map((name) => this.#read(decodeURIComponent(name.slice(0, -LIST.length)))),
    )
    return found.filter((memory) => memory !== null).sort((a, b) => a.name.localeCompare(b.name))
  }

  /** @throws {Refusal} there is none of that name */
  async find(name: string): Promise<DocumentMemory> {
    const found = NAME.test(name) ? await this.#read(name) : null
    if (!found) throw new Refusal(`There is no document memory called "${name}".`)
    return found
  }

  async text(name: string): Promise<string> {
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(
      await this.#disk.read(this.#path(name, '.txt')),
    )
  }

  /**
   * The memory of that name if it is of this very text and begun; else a new one.
   *
   * @throws {Refusal} the name is taken by another text, or is none
   */
  async begin(memory: DocumentMemory, text: string): Promise<DocumentMemory> {
    const { name } = memory
    if (!NAME.test(name))
      throw new Refusal(
        'A name has letters, digits, blanks, dots and dashes, 80 at most; give one with --as.',
      )
    const there = await this.#read(name)
    if (there) {
      if ((await this.text(name)) === text) return there
      throw new Refusal(`There is a memory called "${name}" of another text; give another name with --as.`)
    }
    await this.#disk.makeFolder(this.#folder)
    await replaceFile(this.#disk, this.#path(name, '.txt'), new TextEncoder().encode(text))
    await this.#write(memory)
    return memory
  }

  /** Keep the state after a page; the list names it only when it is on the disk. */
  async save(memory: DocumentMemory, page: number, bytes: Uint8Array): Promise<DocumentMemory> {
    await replaceFile(this.#disk, this.#path(memory.name, `.${page}.state`), bytes)
    const saved = [...memory.saved.filter((each) => each !== page), page]
    const kept = thinned(saved)
    const next = { ...memory, saved: kept }
    await this.#write(next)
    for (const gone of saved.filter((each) => !kept.includes(each)))
      await removeIfThere(this.#disk, this.#path(memory.name, `.${gone}.state`))
    return next
  }

  load(name: string, page: number): Promise<Uint8Array<ArrayBuffer>> {
    return this.#disk.read(this.#path(name, `.${page}.state`))
  }

  /** @throws {Refusal} there is none of that name */
  async remove(name: string): Promise<void> {
    const { saved } = await this.find(name)
    await removeIfThere(this.#disk, this.#path(name, LIST))
    for (const page of saved) await removeIfThere(this.#disk, this.#path(name, `.${page}.state`))
    await removeIfThere(this.#disk, this.#path(name, '.txt'))
  }

  async #read(name: string): Promise<DocumentMemory | null> {
    try {
      const bytes = await this.#disk.read(this.#path(name, LIST))
      return parse(JSON.parse(new TextDecoder().decode(bytes)))
    } catch {
      return null
    }
  }

  #write(memory: DocumentMemory): Promise<void> {
    const bytes = new TextEncoder().encode(JSON.stringify(memory))
    return replaceFile(this.#disk, this.#path(memory.name, LIST), bytes)
  }

  #path(name: string, ending: string): string {
    return join(this.#folder, `${encodeURIComponent(name)}${ending}`)
  }
}

/** Every second goes when there are too many; the last stays. */
function thinned(saved: readonly number[]): readonly number[] {
  if (saved.length <= MOST_SAVED) return saved
  return saved.filter((_, i) => i % 2 === 1 || i === saved.length - 1)
}

function parse(value: unknown): DocumentMemory | null {
  const { name, file, pages, characters, model, saved, tokens, stateBytes, ...rest } = asRecord(value)
  const options = parseOptions(rest['options'])
  const isWhole = (each: unknown): each is number => Number.isSafeInteger(each) && Number(each) >= 0
  if (!isText(name, 80) || !isText(file, 1000) || !isText(model, 1000) || !options) return null
  if (!isWhole(pages) || !isWhole(characters) || !isWhole(tokens) || !isWhole(stateBytes)) return null
  if (!Array.isArray(saved) || !saved.every(isWhole)) return null
  return { name, file, pages, characters, model, options, saved, tokens, stateBytes }
}
