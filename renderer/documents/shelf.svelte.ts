import type { Bridge } from '../../electron/bridge.ts'
import type { DocumentMemory } from '../../electron/document-bridge.ts'

/** The documents that were read into memories of their own, and those that are on the way there. */
export class DocumentShelf {
  list: readonly DocumentMemory[] = $state.raw([])
  /** one sentence about what did not work; empty when all did */
  problem = $state('')
  readonly bridge: Bridge

  constructor(bridge: Bridge) {
    this.bridge = bridge
  }

  async refresh(): Promise<void> {
    await this.#attempt(async () => {
      this.list = await this.bridge.listDocuments()
    })
  }

  async rename(name: string, to: string): Promise<void> {
    await this.#attempt(() => this.bridge.renameDocument({ name, to }))
    if (this.problem === '') await this.refresh()
  }

  async remove(name: string): Promise<void> {
    await this.#attempt(() => this.bridge.deleteDocument({ name }))
    if (this.problem === '') await this.refresh()
  }

  /** All that was read of it; `null` when it cannot be had. */
  text(name: string): Promise<string | null> {
    return this.#attempt(async () => (await this.bridge.documentText({ name })).text)
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

/** Pages that its last state has. */
export function pagesRead({ saved }: DocumentMemory): number {
  return saved.at(-1) ?? 0
}

export function isWhole(memory: DocumentMemory): boolean {
  return pagesRead(memory) === memory.pages
}
