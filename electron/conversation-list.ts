import { join } from 'node:path'
import type { ConversationSummary } from './bridge.ts'
import { type Disk, diskCode, type FileStat, listFolder, replaceFile } from './disk.ts'
import { asRecord } from './entries.ts'
import { readJournal } from './records.ts'
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

/**
 * What the list of conversations shows, derived from the journals: a journal is read only when its size or time is not
 * the one that was noted with it. The note, `list.json`, can be deleted at any time.
 */
export class ConversationList {
  readonly #disk: Disk
  readonly #folder: string
  readonly #note: string
  #known: Map<string, Known> | null = null

  constructor(disk: Disk, folder: string, note: string) {
    this.#disk = disk
    this.#folder = folder
    this.#note = note
  }

  /** Newest first. A journal that cannot be read is left out, and tried again the next time. */
  async read(): Promise<{ summaries: ConversationSummary[]; bytes: number; known: readonly Known[] }> {
    const before = (this.#known ??= await this.#readNote())
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
    this.#known = now
    const changed = now.size !== before.size || [...now].some(([id, known]) => before.get(id) !== known)
    // Only a note: without it the journals are read again.
    if (changed) await this.#writeNote(now).catch(() => undefined)
    const all = [...now.values()]
    return {
      summaries: all.map(({ summary }) => summary).sort((a, b) => b.updated - a.updated),
      bytes: all.reduce((sum, { size }) => sum + size, 0),
      known: all,
    }
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

  async #readNote(): Promise<Map<string, Known>> {
    const known = new Map<string, Known>()
    try {
      const parsed: unknown = JSON.parse(new TextDecoder().decode(await this.#disk.read(this.#note)))
      for (const each of Array.isArray(parsed) ? (parsed as unknown[]) : []) {
        const found = parseKnown(each)
        if (found) known.set(found.summary.id, found)
      }
    } catch (error) {
      if (diskCode(error) !== 'ENOENT' && !(error instanceof SyntaxError)) return known
    }
    return known
  }

  async #writeNote(known: ReadonlyMap<string, Known>): Promise<void> {
    const text = JSON.stringify([...known.values()])
    await replaceFile(this.#disk, this.#note, new TextEncoder().encode(text))
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
