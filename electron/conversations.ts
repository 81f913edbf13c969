import { join } from 'node:path'
import { ArrangementFile } from './arrangement-file.ts'
import type { ConversationSummary, FoundConversation, OpenedConversation, StorageReport } from './bridge.ts'
import { decodeChat, encodeChat } from './chat-file.ts'
import { ConversationList, JOURNAL } from './conversation-list.ts'
import { isHeld, takeLock } from './lock.ts'
import { ConversationSearch } from './conversation-search.ts'
import { type Disk, diskCode, removeIfThere, replaceFile } from './disk.ts'
import { asRecord, encodeEntry, type Entry, parseEntry } from './entries.ts'
import { Journal } from './journal.ts'
import { readJournal } from './journal-versions.ts'
import { SnapshotFiles } from './snapshot-files.ts'
import { buildTranscript, type TranscriptBuilder } from './transcript.ts'
import { Trash } from './trash.ts'

/** What is refused, as one sentence for the user. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
}

export interface StorePorts {
  readonly disk: Disk
  /** milliseconds since 1970 */
  readonly now: () => number
  /** a number from 0 to 1, without it */
  readonly random: () => number
}

const DEFAULT_LIMIT = 2e9
/** A file with more messages was not written by a person, or by us. */
const HIGHEST_NODE = 2 ** 31
/** A journal of more records than this for each that is needed is written anew when it is closed. */
const COMPACT_FROM = 200
const ID = /^[0-9]{8}-[0-9]{6}-[0-9a-z]{6}$/
const ELSEWHERE = 'it is open in another window or program'

interface Open {
  readonly journal: Journal
  builder: TranscriptBuilder
  /** why this program may not write it */
  readonly readOnly: string
  records: number
  /** something was forgotten, and its words are still in the file */
  forgot: boolean
  /** somebody has it on screen; otherwise it is closed after one addition, as of a title from the list */
  stays: boolean
}

/** The conversations of a data folder: journals, which are the truth, and snapshots, which only save time. */
export class Conversations {
  readonly folder: string
  readonly arrangement: ArrangementFile
  readonly #ports: StorePorts
  readonly #journals: string
  readonly #trash: Trash
  readonly #settings: string
  readonly #list: ConversationList
  readonly #search: ConversationSearch
  readonly #snapshots: SnapshotFiles
  readonly #open = new Map<string, Open>()
  /** what is being done with a conversation, and waits to be */
  readonly #turns = new Map<string, Promise<unknown>>()

  /** Make what is missing of the folder, and empty its trash of what nobody took back. */
  static async open(folder: string, ports: StorePorts): Promise<Conversations> {
    const conversations = new Conversations(folder, ports)
    await conversations.#prepare()
    return conversations
  }

  private constructor(folder: string, ports: StorePorts) {
    this.folder = folder
    this.#ports = ports
    this.#journals = join(folder, 'conversations')
    this.#trash = new Trash(ports.disk, this.#journals, join(folder, 'trash'), ports.now)
    this.#settings = join(folder, 'storage.json')
    this.arrangement = new ArrangementFile(ports.disk, join(folder, 'arrangement.json'))
    this.#list = new ConversationList(ports.disk, this.#journals, join(folder, 'list.json'), ports.now)
    this.#search = new ConversationSearch(ports.disk, this.#journals, join(folder, 'texts.json'))
    this.#snapshots = new SnapshotFiles(ports.disk, join(folder, 'snapshots'), DEFAULT_LIMIT, ports.now)
  }

  async list(): Promise<readonly ConversationSummary[]> {
    return (await this.#list.read()).summaries
  }

  newId(): string {
    const { now, random } = this.#ports
    const time = new Date(now()).toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15)
    const suffix = Math.floor(random() * 36 ** 6).toString(36)
    return `${time}-${suffix.padStart(6, '0')}`
  }

  /** @throws {Refusal} there is no such conversation */
  async openConversation(id: string): Promise<OpenedConversation> {
    return this.#inTurn(checked(id), async () => {
      const open = await this.#opened(id)
      const { builder, readOnly, records } = open
      if (records === 0) {
        await this.#closeNow(id)
        throw new Refusal('There is no such chat.')
      }
      open.stays = true
      return { transcript: builder.transcript, readOnly, held: readOnly === ELSEWHERE }
    })
  }

  /** No other program has it. */
  async isFree(id: string): Promise<boolean> {
    const { disk, now } = this.#ports
    return !(await isHeld(disk, this.#lockPath(checked(id)), now()))
  }

  async search(query: string): Promise<readonly FoundConversation[]> {
    return this.#search.find(query, (await this.#list.read()).known)
  }

  /**
   * The transcript, with the memory at its end where that is saved, as one file.
   *
   * @throws {Refusal} there is no such conversation
   */
  async export(id: string): Promise<Uint8Array<ArrayBuffer>> {
    const { disk } = this.#ports
    const bytes = await disk.read(join(this.#journals, checked(id) + JOURNAL)).catch((error: unknown) => {
      if (diskCode(error) !== 'ENOENT') throw error
      throw new Refusal('There is no such chat.')
    })
    const builder = buildTranscript(readJournal(bytes).records)
    const { head } = builder.transcript
    const snapshot = head === null ? new Uint8Array() : await this.#snapshots.load(id, head)
    return encodeChat(builder, snapshot.length > 0 ? snapshot : null)
  }

  /**
   * A new conversation from a file that `export` or the terminal wrote.
   *
   * @throws {Refusal} the file is no chat
   */
  async import(bytes: Uint8Array): Promise<{ id: string; note: string }> {
    const file = decodeChat(bytes)
    const entries = file?.builder.compacted() ?? []
    if (!file || file.builder.next > HIGHEST_NODE || !entries.every(parseEntry))
      throw new Refusal('The file is no chat that Plateau saved.')
    const id = this.newId()
    await this.add(id, entries)
    const { head } = file.builder.transcript
    // It only saves time: the engine looks whether it fits.
    if (file.snapshot && head !== null)
      await this.saveSnapshot(id, head, file.snapshot).catch(() => undefined)
    await this.closeConversation(id)
    return { id, note: file.whole ? '' : 'Not all of the file could be read: what could is here.' }
  }

  /** @throws {Refusal} the entries do not fit, or nothing may be written */
  async add(id: string, entries: readonly Entry[]): Promise<void> {
    await this.#inTurn(checked(id), async () => {
      const open = await this.#opened(id)
      // A new one is opened with its first entry.
      open.stays ||= entries[0]?.type === 'opened'
      try {
        await this.#addTo(open, id, entries)
      } finally {
        // What is written is written: a lock that cannot be taken away is no lock once this process is gone.
        if (!open.stays) await this.#closeNow(id).catch(() => undefined)
      }
    })
  }

  async closeConversation(id: string): Promise<void> {
    await this.#inTurn(id, () => this.#closeNow(id))
  }

  /** @throws {Refusal} another program has it open */
  async remove(id: string): Promise<void> {
    await this.#inTurn(checked(id), async () => {
      const { readOnly } = await this.#opened(id)
      await this.#closeNow(id)
      if (readOnly === ELSEWHERE) throw new Refusal(`The chat cannot be deleted: ${ELSEWHERE}.`)
      await this.#trash.put(id)
      this.#list.changed(id)
    })
  }

  /** @throws {Refusal} it is gone for good */
  async takeBack(id: string): Promise<void> {
    if (!(await this.#trash.takeBack(checked(id)))) throw new Refusal('The chat is gone for good.')
    this.#list.changed(id)
  }

  async saveSnapshot(id: string, node: number, bytes: Uint8Array): Promise<void> {
    await this.#snapshots.save(checked(id), node, bytes)
  }

  async loadSnapshot(id: string, node: number): Promise<Uint8Array<ArrayBuffer>> {
    return this.#snapshots.load(checked(id), node)
  }

  async listSnapshots(id: string): Promise<number[]> {
    return this.#snapshots.list(checked(id))
  }

  async storage(): Promise<Omit<StorageReport, 'documents' | 'documentBytes'>> {
    const { summaries, bytes } = await this.#list.read()
    return {
      folder: this.folder,
      conversations: summaries.length,
      journalBytes: bytes,
      snapshotBytes: await this.#snapshots.bytes(),
      snapshotLimit: this.#snapshots.limit,
    }
  }

  async setSnapshotLimit(bytes: number): Promise<void> {
    const text = JSON.stringify({ snapshotLimit: bytes })
    await replaceFile(this.#ports.disk, this.#settings, new TextEncoder().encode(text))
    this.#snapshots.limit = bytes
    await this.#snapshots.makeRoom()
  }

  /** Close every conversation: the program ends. */
  async close(): Promise<void> {
    const ids = new Set([...this.#open.keys(), ...this.#turns.keys()])
    await Promise.all([...ids].map((id) => this.closeConversation(id)))
    await this.#list.save()
    await this.#search.save()
  }

  async #prepare(): Promise<void> {
    const { disk } = this.#ports
    for (const folder of [this.#journals, join(this.folder, 'trash')]) await disk.makeFolder(folder)
    try {
      const settings: unknown = JSON.parse(new TextDecoder().decode(await disk.read(this.#settings)))
      const { snapshotLimit } = asRecord(settings)
      if (typeof snapshotLimit === 'number' && snapshotLimit >= 0) this.#snapshots.limit = snapshotLimit
    } catch {
      // The default holds.
    }
    await this.#trash.empty(async (id) => {
      await this.#snapshots.remove(id, () => true)
      await this.#search.drop(id)
      await this.arrangement.drop(id)
    })
  }

  /**
   * One thing after the other, for each conversation: what is opened while it is being closed would be of the file from
   * before, and without its lock.
   */
  async #inTurn<T>(id: string, work: () => Promise<T>): Promise<T> {
    const done = (this.#turns.get(id) ?? Promise.resolve()).then(work)
    const turn = done.catch(() => undefined)
    this.#turns.set(id, turn)
    try {
      return await done
    } finally {
      if (this.#turns.get(id) === turn) this.#turns.delete(id)
    }
  }

  async #opened(id: string): Promise<Open> {
    const open = this.#open.get(id) ?? (await this.#openNow(id))
    // What another program writes is looked at anew each time.
    if (open.readOnly !== ELSEWHERE) this.#open.set(id, open)
    return open
  }

  async #openNow(id: string): Promise<Open> {
    const { disk, now } = this.#ports
    const isOurs = await takeLock(disk, this.#lockPath(id), now()).catch((error: unknown) => {
      // A disk that takes no lock takes no text either: what is there can still be read.
      if (diskCode(error) === '') throw error
      return null
    })
    try {
      const journal = await Journal.open(disk, join(this.#journals, id + JOURNAL))
      const builder = buildTranscript(journal.records)
      const readOnly = isOurs === false ? ELSEWHERE : journal.readOnly
      const records = journal.records.length
      return { journal, builder, readOnly, records, forgot: false, stays: false }
    } catch (error) {
      if (isOurs) await removeIfThere(disk, this.#lockPath(id)).catch(() => undefined)
      throw error
    }
  }

  async #addTo(open: Open, id: string, entries: readonly Entry[]): Promise<void> {
    if (open.readOnly !== '') throw new Refusal(`Nothing can be added to this chat: ${open.readOnly}.`)
    if (open.records === 0 && entries[0]?.type !== 'opened') throw new Refusal('There is no such chat.')
    const next = open.builder.clone()
    for (const entry of entries)
      if (!next.apply(entry)) throw new Refusal(`The chat has no place for this "${entry.type}".`)
    await open.journal.append(entries.map(encodeEntry))
    this.#list.changed(id)
    open.builder = next
    open.records += entries.length
    if (!entries.some(({ type }) => type === 'forget')) return
    open.forgot = true
    await this.#snapshots.remove(id, (node) => !next.has(node)).catch(() => undefined)
    await this.#search.drop(id).catch(() => undefined)
  }

  async #closeNow(id: string): Promise<void> {
    const open = this.#open.get(id)
    if (!open) return
    this.#open.delete(id)
    this.#list.changed(id)
    try {
      await this.#compact(open)
      await open.journal.close()
    } finally {
      await removeIfThere(this.#ports.disk, this.#lockPath(id))
    }
  }

  async #compact({ journal, builder, records, forgot, readOnly }: Open): Promise<void> {
    if (readOnly !== '' || (records < COMPACT_FROM && !forgot)) return
    const entries = builder.compacted()
    if (records < 2 * entries.length && !forgot) return
    // Only shorter: the conversation is whole without it.
    await journal.rewrite(entries.map(encodeEntry)).catch(() => undefined)
  }

  #lockPath(id: string): string {
    return join(this.#journals, `${id}.lock`)
  }
}

/** An id of ours, from which a file's name can be made. */
function checked(id: string): string {
  if (!ID.test(id)) throw new Refusal('There is no such chat.')
  return id
}
