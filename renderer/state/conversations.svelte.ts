import type { Bridge, ConversationSummary, OpenedConversation, StorageReport } from '../../electron/bridge.ts'

const LONGEST_TITLE = 200

/** The list of kept conversations, newest first. */
export class Conversations {
  list: readonly ConversationSummary[] = $state.raw([])
  /** the conversation that was deleted last, while that can be undone */
  deleted: ConversationSummary | null = $state.raw(null)
  /** one sentence about what did not work; empty when all did */
  problem = $state('')

  /** what is kept, when it was last measured */
  storage: StorageReport | null = $state.raw(null)

  readonly #bridge: Bridge

  constructor(bridge: Bridge) {
    this.#bridge = bridge
  }

  async refresh(): Promise<void> {
    await this.#attempt(async () => {
      this.list = await this.#bridge.listConversations()
    })
  }

  async open(id: string): Promise<OpenedConversation | null> {
    let opened: OpenedConversation | null = null
    await this.#attempt(async () => {
      opened = await this.#bridge.openConversation({ id })
    })
    return opened
  }

  async rename(id: string, title: string): Promise<void> {
    const trimmed = title.trim().slice(0, LONGEST_TITLE)
    await this.#attempt(() => this.#bridge.addEntries({ id, entries: [{ type: 'title', title: trimmed }] }))
    await this.refresh()
  }

  async remove(id: string): Promise<void> {
    const summary = this.list.find((each) => each.id === id) ?? null
    await this.#attempt(async () => {
      await this.#bridge.deleteConversation({ id })
      this.deleted = summary
    })
    await this.refresh()
  }

  async undo(): Promise<void> {
    const summary = this.deleted
    if (summary === null) return
    this.deleted = null
    await this.#attempt(() => this.#bridge.undeleteConversation({ id: summary.id }))
    await this.refresh()
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

  async #attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work()
      this.problem = ''
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error)
    }
  }
}
