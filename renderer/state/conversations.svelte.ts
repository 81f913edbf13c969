import { m } from '#messages'
import type { Arrangement, ArrangementChange } from '../../electron/arrangement.ts'
import type {
  Bridge,
  ConversationSummary,
  FoundConversation,
  OpenedConversation,
  StorageReport,
} from '../../electron/bridge.ts'
import type { Claims } from './claims.ts'
import { sayRefusal } from './refusal-words.ts'

const LONGEST_TITLE = 200
const LONGEST_QUERY = 1000
const LARGEST_FILE = 2 ** 30

/** The list of kept conversations, newest first. */
export class Conversations {
  list: readonly ConversationSummary[] = $state.raw([])
  /** what is pinned, in folders and moved */
  arrangement: Arrangement = $state.raw({ pinned: [], folders: [], moved: [] })
  /** the conversation that was deleted last, while that can be undone */
  deleted: ConversationSummary | null = $state.raw(null)
  /** one sentence about what did not work; empty when all did */
  problem = $state('')

  /** what is kept, when it was last measured */
  storage: StorageReport | null = $state.raw(null)

  /** what is searched for; empty shows all */
  query = $state('')
  /** those that were found for the query; `null` while there is none */
  found: readonly FoundConversation[] | null = $state.raw(null)

  readonly #bridge: Bridge
  readonly #claims: Claims
  #searches = 0
  /** what was said of the chat that was imported last */
  #note = ''

  constructor(bridge: Bridge, claims: Claims) {
    this.#bridge = bridge
    this.#claims = claims
  }

  async refresh(): Promise<void> {
    await this.#attempt(async () => {
      const [list, arrangement] = await Promise.all([
        this.#bridge.listConversations(),
        this.#bridge.arrangement(),
      ])
      this.list = list
      this.arrangement = arrangement
    })
    if (this.query !== '') await this.search(this.query)
  }

  /** Look for words in titles and texts; an empty query reads what a search will need. */
  async search(query: string): Promise<void> {
    this.query = query.slice(0, LONGEST_QUERY)
    const search = ++this.#searches
    await this.#attempt(async () => {
      const found = await this.#bridge.searchConversations({ query: this.query })
      // The answer to an earlier query comes too late.
      if (search === this.#searches) this.found = this.query.trim() === '' ? null : found
    })
  }

  /** The whole conversation as a file; `null` when it cannot be had. */
  async export(
    id: string,
  ): Promise<{ readonly name: string; readonly bytes: Uint8Array<ArrayBuffer> } | null> {
    const title = this.list.find((each) => each.id === id)?.title ?? ''
    const file = await this.#attempt(() => this.#bridge.exportConversation({ id }))
    return file && { name: fileName(title), bytes: file.bytes }
  }

  /** The id of the conversation that a file has become; `null` when it is no chat. */
  async import(file: Blob): Promise<string | null> {
    const imported = await this.#attempt(async () => {
      if (file.size > LARGEST_FILE) throw new Error(m.library_file_too_large())
      return this.#bridge.importConversation({ bytes: new Uint8Array(await file.arrayBuffer()) })
    })
    if (!imported) return null
    await this.refresh()
    // Opened next, it is said then.
    this.#note = sayRefusal(imported.note)
    if (this.#note !== '') this.problem = this.#note
    return imported.id
  }

  async open(id: string): Promise<OpenedConversation | null> {
    const opened = await this.#attempt(() => this.#bridge.openConversation({ id }))
    if (opened && this.#note !== '') this.problem = this.#note
    this.#note = ''
    return opened
  }

  async rename(id: string, title: string): Promise<void> {
    const trimmed = title.trim().slice(0, LONGEST_TITLE)
    await this.#change(() => this.#bridge.addEntries({ id, entries: [{ type: 'title', title: trimmed }] }))
  }

  /** Whether it worked. */
  async arrange(change: ArrangementChange): Promise<boolean> {
    const arrangement = await this.#attempt(() => this.#bridge.arrange({ change }))
    if (arrangement) this.arrangement = arrangement
    return arrangement !== null
  }

  /** Whether it worked. */
  async remove(id: string): Promise<boolean> {
    const summary = this.list.find((each) => each.id === id) ?? null
    return this.#change(async () => {
      const release = await this.#claims.take(id)
      if (!release) throw new Error(m.library_delete_elsewhere())
      try {
        await this.#bridge.deleteConversation({ id })
        this.deleted = summary
      } finally {
        release()
      }
    })
  }

  /** Whether it worked. */
  async undo(): Promise<boolean> {
    const summary = this.deleted
    if (summary === null) return false
    this.deleted = null
    return this.#change(() => this.#bridge.undeleteConversation({ id: summary.id }))
  }

  async measureStorage(): Promise<void> {
    await this.#attempt(async () => {
      this.storage = await this.#bridge.storage()
    })
  }

  /** Bytes that saved memories may take; those that do not fit any more go. */
  async limitStorage(bytes: number): Promise<void> {
    await this.#attempt(() => this.#bridge.setSnapshotLimit({ bytes }))
    await this.measureStorage()
  }

  /** The list is read anew, unless it did not work: then the reason stays. */
  async #change(work: () => Promise<void>): Promise<boolean> {
    const done = (await this.#attempt(work)) !== null
    if (done) await this.refresh()
    return done
  }

  /** `null` when it did not work; `problem` says why. */
  async #attempt<T>(work: () => Promise<T>): Promise<T | null> {
    try {
      const done = await work()
      this.problem = ''
      return done
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error)
      return null
    }
  }
}

/** The name of a file with this title, for every system. */
function fileName(title: string): string {
  const safe = title
    .replace(/[^\p{L}\p{N} _-]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  return `${safe.slice(0, 60).trim() || 'chat'}.chat`
}
