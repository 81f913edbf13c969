import { join } from 'node:path'
import type { ConversationSummary } from './bridge.ts'
import { type Disk, type FileStat, listFolder, replaceFile } from './disk.ts'
import { asRecord } from './entries.ts'
import { readJournal } from './journal-versions.ts'
import { buildTranscript, type Transcript } from './transcript.ts'

export const JOURNAL = '.journal'
const LONGEST_TITLE = 60
/** How many files are asked for at a time. */
const BATCH = 256

/** A conversation as it was when its journal had this size and time. */
export interface Known {
  readonly size: number
  readonly modified: number
  readonly summary: ConversationSummary
}

/** The folder as it was when its conversations were looked through, and these. */
interface Note {
  /** when a file of it was last made or removed, as every opening of a conversation does with its lock */
  readonly folder: number
  readonly known: Map<string, Known>
}

/** Read as often as one types, all files are asked for only so often; what this program changed, always. */
const CHECK_MILLISECONDS = 10_000

/**
 * What the list of conversations shows, derived from the journals: a journal is read only when its size or time is not
 * the one that was noted with it. The note, `list.json`, can be deleted at any time.
 *
 * A program that starts takes the note as it is, if no conversation was opened since and the folder has the same journals; from its second look on it
 * checks every file.
 */
export class ConversationList {
  readonly #disk: Disk
  readonly #folder: string
  readonly #note: string
  readonly #now: () => number
  #known: Map<string, Known> | null = null
  #checked = -Infinity
  /** the time of the folder that is in the note */
  #noted = 0
  /** changed here since all were checked */
  readonly #changed = new Set<string>()

  constructor(disk: Disk, folder: string, note: string, now: () => number) {
    this.#disk = disk
    this.#folder = folder
    this.#note = note
    this.#now = now
  }

  /** A conversation was written, made, deleted or taken back by this program. */
  changed(id: string): void {
    this.#changed.add(id)
  }

  /** Newest first. A journal that cannot be read is left out, and tried again the next time. */
  async read(): Promise<{ summaries: ConversationSummary[]; bytes: number; known: readonly Known[] }> {
    const all = [...(await this.#upToDate()).values()]
    return {
      summaries: all.map(({ summary }) => summary).sort((a, b) => b.updated - a.updated),
      bytes: all.reduce((sum, { size }) => sum + size, 0),
      known: all,
    }
  }

  /** The program ends: the next one finds the note as the folder is now. */
  async save(): Promise<void> {
    if (this.#known === null) return
    this.#checked = -Infinity
    await this.#check(this.#known).catch(() => undefined)
  }

  async #upToDate(): Promise<ReadonlyMap<string, Known>> {
    const before = this.#known
    if (!before) {
      const { folder, known } = await this.#readNote()
      const same = known.size > 0 && folder === (await this.#folderTime()) && (await this.#hasOnly(known))
      return (this.#known = same ? known : await this.#check(known))
    }
    if (this.#now() - this.#checked >= CHECK_MILLISECONDS) return (this.#known = await this.#check(before))
    const names = [...this.#changed].map((id) => id + JOURNAL)
    this.#changed.clear()
    const stats = await this.#disk.statAll(this.#folder, names)
    for (const name of names) {
      const known = await this.#look(name, stats.get(name), before.get(idOf(name)))
      if (known) before.set(idOf(name), known)
      else before.delete(idOf(name))
    }
    return before
  }

  /** Ask for every file, and note what was found if anything is new. */
  async #check(before: ReadonlyMap<string, Known>): Promise<Map<string, Known>> {
    this.#changed.clear()
    this.#checked = this.#now()
    const folder = await this.#folderTime()
    const names = (await listFolder(this.#disk, this.#folder)).filter((name) => name.endsWith(JOURNAL))
    const stats = await this.#disk.statAll(this.#folder, names)
    const now = new Map<string, Known>()
    for (let start = 0; start < names.length; start += BATCH) {
      const batch = names.slice(start, start + BATCH)
      const found = await Promise.all(
        batch.map((name) => this.#look(name, stats.get(name), before.get(idOf(name)))),
      )
      for (const known of found) if (known) now.set(known.summary.id, known)
    }
    if (
      folder !== this.#noted ||
      now.size !== before.size ||
      [...now].some(([id, each]) => before.get(id) !== each)
    )
      // Only a note: without it the journals are read again.
      await this.#writeNote({ folder, known: now }).catch(() => undefined)
    return now
  }

  /**
   * The folder has these journals and nothing else: neither one that was made in the same tick of the clock of files,
   * some milliseconds, as the note, nor the lock of a program that was killed.
   */
  async #hasOnly(known: ReadonlyMap<string, Known>): Promise<boolean> {
    const names = await listFolder(this.#disk, this.#folder)
    return names.length === known.size && names.every((name) => known.has(idOf(name)))
  }

  async #folderTime(): Promise<number> {
    return (await this.#disk.stat(this.#folder)).modified
  }

  async #look(name: string, stat: FileStat | undefined, known: Known | undefined): Promise<Known | null> {
    if (!stat) return null
    const { size, modified } = stat
    if (known?.size === size && known.modified === modified) return known
    try {
      const summary = summarize(idOf(name), await this.#disk.read(join(this.#folder, name)))
      return summary && { size, modified, summary }
    } catch {
      return null
    }
  }

  async #readNote(): Promise<Note> {
    const known = new Map<string, Known>()
    try {
      const parsed: unknown = JSON.parse(new TextDecoder().decode(await this.#disk.read(this.#note)))
      const { folder, known: rows } = asRecord(parsed)
      for (const each of Array.isArray(rows) ? (rows as unknown[]) : []) {
        const found = parseKnown(each)
        if (found) known.set(found.summary.id, found)
      }
      if (typeof folder === 'number') this.#noted = folder
    } catch {
      // It is made anew.
    }
    return { folder: this.#noted, known }
  }

  async #writeNote({ folder, known }: Note): Promise<void> {
    const text = JSON.stringify({ folder, known: [...known.values()] })
    await replaceFile(this.#disk, this.#note, new TextEncoder().encode(text))
    this.#noted = folder
  }
}

/** `null` for a file whose first record never got there. */
function summarize(id: string, bytes: Uint8Array): ConversationSummary | null {
  const { transcript } = buildTranscript(readJournal(bytes).records)
  if (transcript.model === '' && transcript.nodes.length === 0) return null
  const { created, nodes } = transcript
  const updated = nodes.reduce((latest, { time }) => Math.max(latest, time), created)
  return { id, title: titleOf(transcript), created, updated, messages: nodes.length }
}

/** The title that was given, or the beginning of what was said first. */
export function titleOf({ title, nodes }: Pick<Transcript, 'title' | 'nodes'>): string {
  if (title !== '') return title
  const first = nodes.find(({ kind }) => kind === 'user')?.text ?? nodes[0]?.name ?? ''
  const line = first.replace(/\s+/g, ' ').trim()
  const shown = Array.from(line)
  return shown.length <= LONGEST_TITLE
    ? line
    : `${shown
        .slice(0, LONGEST_TITLE - 1)
        .join('')
        .trimEnd()}…`
}

function idOf(name: string): string {
  return name.slice(0, -JOURNAL.length)
}

function parseKnown(value: unknown): Known | null {
  const { size, modified, summary } = asRecord(value)
  const { id, title, created, updated, messages } = asRecord(summary)
  if (typeof size !== 'number' || typeof modified !== 'number') return null
  if (typeof id !== 'string' || typeof title !== 'string') return null
  if (typeof created !== 'number' || typeof updated !== 'number' || typeof messages !== 'number') return null
  return { size, modified, summary: { id, title, created, updated, messages } }
}
