import { join } from 'node:path'
import type { FoundConversation } from './bridge.ts'
import { JOURNAL, type Known } from './conversation-list.ts'
import { type Disk, removeIfThere, replaceFile } from './disk.ts'
import { fold, foldWithPlaces } from './fold.ts'
import { readJournal } from './journal-versions.ts'
import { buildTranscript } from './transcript.ts'

/** More are not shown: another word says what is meant. */
const MOST = 200
/** Only these get their excerpt, for which the journal is read again. */
const MOST_EXCERPTS = 50
const AROUND = 60
/** Of a document that was read, this much is searched: the rest belongs to the search in documents. */
const DOCUMENT_CHARACTERS = 20_000
/** How many journals are read at a time. */
const BATCH = 64
/** As many texts that are not in the note make it worth writing before the program ends. */
const SAVE_FROM = 200

interface Text {
  readonly size: number
  readonly modified: number
  /** the title, and all that was said, folded */
  readonly title: string
  readonly text: string
}

/**
 * Search in everything that was said: the folded texts of all conversations, gone through from end to end. Ten
 * thousand chats are some 20 MB, which is a matter of milliseconds, and any part of any word is found. The texts are
 * derived from the journals, and read anew when size or time of one is not the one noted with its text.
 */
export class ConversationSearch {
  readonly #disk: Disk
  readonly #folder: string
  readonly #note: string
  #texts: Map<string, Text> | null = null
  #unsaved = 0

  constructor(disk: Disk, folder: string, note: string) {
    this.#disk = disk
    this.#folder = folder
    this.#note = note
  }

  /** Titles first, then the newest. Nothing for a query without a word, but the texts are there then. */
  async find(query: string, known: readonly Known[]): Promise<readonly FoundConversation[]> {
    const texts = await this.#refresh(known)
    const words = fold(query).split(/\s+/).filter(Boolean)
    if (words.length === 0) return []
    const hits: { readonly id: string; readonly updated: number; readonly inTitle: boolean }[] = []
    for (const { summary } of known) {
      const { id, updated } = summary
      const { title = '', text = '' } = texts.get(id) ?? {}
      const inTitle = words.every((word) => title.includes(word))
      if (inTitle || words.every((word) => title.includes(word) || text.includes(word)))
        hits.push({ id, updated, inTitle })
    }
    hits.sort((a, b) => Number(b.inTitle) - Number(a.inTitle) || b.updated - a.updated)
    return Promise.all(
      hits.slice(0, MOST).map(async ({ id, inTitle }, i) => {
        const excerpt = inTitle || i >= MOST_EXCERPTS ? '' : await this.#excerpt(id, words)
        return { id, excerpt }
      }),
    )
  }

  /** Write the note, if anything is new; without it the journals are read again. */
  async save(): Promise<void> {
    if (this.#unsaved === 0 || !this.#texts) return
    const rows = [...this.#texts].map(([id, { size, modified, title, text }]) => [
      id,
      size,
      modified,
      title,
      text,
    ])
    this.#unsaved = 0
    const bytes = new TextEncoder().encode(JSON.stringify(rows))
    await replaceFile(this.#disk, this.#note, bytes).catch(() => undefined)
  }

  /** Something was deleted for good: its text goes from the note, and with it the note. */
  async drop(id: string): Promise<void> {
    if (this.#texts?.delete(id)) this.#unsaved++
    await removeIfThere(this.#disk, this.#note)
  }

  async #refresh(known: readonly Known[]): Promise<ReadonlyMap<string, Text>> {
    const before = (this.#texts ??= await this.#readNote())
    const isStale = ({ size, modified, summary }: Known) => {
      const text = before.get(summary.id)
      return text?.size !== size || text.modified !== modified
    }
    const stale = known.filter(isStale)
    for (let start = 0; start < stale.length; start += BATCH)
      await Promise.all(
        stale.slice(start, start + BATCH).map(async ({ size, modified, summary: { id, title } }) => {
          const text = fold(await this.#said(id))
          before.set(id, { size, modified, title: fold(title), text })
        }),
      )
    this.#unsaved += stale.length + Math.max(0, before.size - known.length)
    if (before.size > known.length) {
      const there = new Set(known.map(({ summary }) => summary.id))
      for (const id of before.keys()) if (!there.has(id)) before.delete(id)
    }
    if (this.#unsaved >= SAVE_FROM) await this.save()
    return before
  }

  /** Empty for a journal that cannot be read. */
  async #said(id: string): Promise<string> {
    try {
      const bytes = await this.#disk.read(join(this.#folder, id + JOURNAL))
      return buildTranscript(readJournal(bytes).records)
        .transcript.nodes.map(({ kind, name, text }) =>
          kind === 'document' ? `${name}\n${text.slice(0, DOCUMENT_CHARACTERS)}` : text,
        )
        .join('\n')
    } catch {
      return ''
    }
  }

  async #excerpt(id: string, words: readonly string[]): Promise<string> {
    const said = await this.#said(id)
    const { folded, places } = foldWithPlaces(said)
    const found = words.map((word) => folded.indexOf(word)).filter((at) => at >= 0)
    if (found.length === 0) return ''
    const at = places[Math.min(...found)] ?? 0
    const start = Math.max(0, at - AROUND)
    const end = Math.min(said.length, at + 2 * AROUND)
    const shown = said.slice(start, end).replace(/\s+/g, ' ').trim()
    return `${start > 0 ? '…' : ''}${shown}${end < said.length ? '…' : ''}`
  }

  async #readNote(): Promise<Map<string, Text>> {
    const texts = new Map<string, Text>()
    try {
      const rows: unknown = JSON.parse(new TextDecoder().decode(await this.#disk.read(this.#note)))
      for (const row of Array.isArray(rows) ? (rows as unknown[]) : []) {
        const [id, size, modified, title, text] = Array.isArray(row) ? (row as unknown[]) : []
        if (typeof id !== 'string' || typeof title !== 'string' || typeof text !== 'string') continue
        if (typeof size === 'number' && typeof modified === 'number')
          texts.set(id, { size, modified, title, text })
      }
    } catch {
      // It is made anew.
    }
    return texts
  }
}
