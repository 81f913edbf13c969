import { dirname } from 'node:path'
import { type Disk, diskCode, type DiskFile, replaceFile, writeAll } from './disk.ts'
import { joined } from './joined.ts'
import { readJournal } from './journal-versions.ts'
import { encodeHeader, encodeRecords, type JournalRecord, VERSION } from './records.ts'

/** The journal is of a newer version, or is no journal: it can be read as far as it is understood, never written. */
export class ReadOnlyError extends Error {
  override readonly name = 'ReadOnlyError'
}

/**
 * An append-only file of records: the truth about one conversation. Opening writes nothing. What an append resolved
 * for outlives a crash and a power cut; what it rejected for is not in the file.
 */
export class Journal {
  /** as they were when it was opened, in the form of this version */
  readonly records: readonly JournalRecord[]
  /** why nothing can be written; empty when it can */
  readonly readOnly: string
  readonly #disk: Disk
  readonly #path: string
  /** damaged bytes behind the last good record; put aside before the first append */
  #tail: Uint8Array
  /** bytes of the file that are good: the rest is cut off before the next append */
  #length: number
  #sequence: number
  /** the file is of an earlier version: it is written anew before the first append */
  #old: boolean
  /** the file may be longer than `#length` */
  #uncut: boolean
  /** a rewrite failed after it may have taken place: the file itself must be asked */
  #unsure = false
  #file: DiskFile | null = null
  #last: Promise<void> = Promise.resolve()

  /** A file that is not there is an empty journal; it is made by the first append. */
  static async open(disk: Disk, path: string): Promise<Journal> {
    let bytes = new Uint8Array()
    try {
      bytes = await disk.read(path)
    } catch (error) {
      if (diskCode(error) !== 'ENOENT') throw error
    }
    return new Journal(disk, path, bytes)
  }

  private constructor(disk: Disk, path: string, bytes: Uint8Array) {
    this.#disk = disk
    this.#path = path
    const { version, records, goodBytes } = readJournal(bytes)
    this.records = records
    this.#length = goodBytes
    this.#sequence = records.length
    this.#tail = bytes.subarray(goodBytes)
    this.#uncut = this.#tail.length > 0
    this.#old = version !== null && version < VERSION
    if (version !== null && version > VERSION) this.readOnly = 'it was written by a newer version of Plateau'
    // The header is the first thing written: a file that is shorter was cut off by a crash, and nothing is lost.
    else if (version === null && bytes.length >= encodeHeader().length)
      this.readOnly = 'its file is damaged at the beginning'
    else this.readOnly = ''
  }

  /**
   * Resolves when the records are on the disk for good. Appends are made one after the other.
   *
   * @throws {ReadOnlyError} or what the disk throws; the journal is then as before, and the next append tries anew
   */
  append(records: readonly JournalRecord[]): Promise<void> {
    const done = this.#last.then(() => this.#append(records))
    this.#last = done.catch(() => undefined)
    return done
  }

  /** Put these records in the place of all of them. */
  rewrite(records: readonly JournalRecord[]): Promise<void> {
    const done = this.#last.then(() => this.#rewrite(records))
    this.#last = done.catch(() => undefined)
    return done
  }

  async close(): Promise<void> {
    await this.#last
    await this.#closeFile()
    if (this.#uncut && this.#tail.length === 0) await this.#disk.truncate(this.#path, this.#length)
  }

  async #append(records: readonly JournalRecord[]): Promise<void> {
    if (this.readOnly !== '') throw new ReadOnlyError(`The chat cannot be changed: ${this.readOnly}.`)
    await this.#look()
    if (this.#old) await this.#rewrite(this.records)
    await this.#keepTail()
    if (this.#uncut) {
      await this.#closeFile()
      await this.#disk.truncate(this.#path, this.#length)
      this.#uncut = false
    }
    const body = encodeRecords(records, this.#sequence)
    const isNew = this.#length === 0
    const bytes = isNew ? joined([encodeHeader(), body]) : body
    this.#file ??= await this.#disk.open(this.#path, 'append')
    this.#uncut = true
    await writeAll(this.#file, bytes)
    await this.#file.sync()
    if (isNew) await this.#disk.syncFolder(dirname(this.#path))
    this.#uncut = false
    this.#length += bytes.length
    this.#sequence += records.length
  }

  async #rewrite(records: readonly JournalRecord[]): Promise<void> {
    if (this.readOnly !== '') throw new ReadOnlyError(`The chat cannot be changed: ${this.readOnly}.`)
    await this.#look()
    await this.#keepTail()
    const bytes = joined([encodeHeader(), encodeRecords(records, 0)])
    // The open file would go on writing to the one that is replaced.
    await this.#closeFile()
    this.#unsure = true
    await replaceFile(this.#disk, this.#path, bytes)
    this.#unsure = false
    this.#uncut = false
    this.#old = false
    this.#length = bytes.length
    this.#sequence = records.length
  }

  async #look(): Promise<void> {
    if (!this.#unsure) return
    const bytes = await this.#disk.read(this.#path)
    const { version, records, goodBytes } = readJournal(bytes)
    this.#old = version !== null && version < VERSION
    this.#length = goodBytes
    this.#sequence = records.length
    this.#uncut = bytes.length > goodBytes
    this.#unsure = false
  }

  /** Damaged bytes may hold words: they are kept in a file of their own before they are cut off. */
  async #keepTail(): Promise<void> {
    if (this.#tail.length === 0) return
    const folder = dirname(this.#path)
    const taken = new Set(await this.#disk.list(folder))
    const prefix = `${this.#path}.cut-`
    let number = 1
    while (taken.has(`${prefix}${number}`.slice(folder.length + 1))) number++
    await replaceFile(this.#disk, `${prefix}${number}`, this.#tail)
    this.#tail = new Uint8Array()
  }

  async #closeFile(): Promise<void> {
    const file = this.#file
    this.#file = null
    await file?.close()
  }
}
