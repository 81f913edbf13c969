import { m } from '#messages'
import type { ArrangementChange, Folder } from '../../electron/arrangement.ts'
import type { ConversationSummary } from '../../electron/bridge.ts'
import type { Conversations } from '../state/conversations.svelte.ts'
import { put, type Section, sectionsOf, step, stepFolder } from './sections.ts'

/** What one does to arrange the list, and how it is told to those who do not see it. */
export class Arranging {
  readonly sections: readonly Section[] = $derived.by(() =>
    sectionsOf(this.#conversations.list, this.#conversations.arrangement),
  )
  /** where what was moved last stands now */
  announcement = $state('')
  /** the folder that was removed last, while that can be undone */
  removed: Folder | null = $state.raw(null)
  /** the folder that it stood before */
  #next: number | null = null

  readonly #conversations: Conversations

  constructor(conversations: Conversations) {
    this.#conversations = conversations
  }

  get folders(): readonly Folder[] {
    return this.#conversations.arrangement.folders
  }

  sectionOf(chat: string): Section | null {
    return this.sections.find(({ chats }) => chats.some(({ id }) => id === chat)) ?? null
  }

  async put(section: Section, chat: ConversationSummary, before: string | null): Promise<void> {
    await this.#move(chat.id, put(section, chat, before))
  }

  /** At the end of the pinned, or back among the others. */
  async pin(chat: string, pinned: boolean): Promise<void> {
    await this.#move(chat, pinned ? { type: 'pin', chat, before: null } : { type: 'free', chat, place: null })
  }

  /** At the end of a folder; out of all folders without one. */
  async file(chat: string, folder: Folder | null): Promise<void> {
    await this.#move(
      chat,
      folder ? { type: 'file', chat, folder: folder.id, before: null } : { type: 'free', chat, place: null },
    )
  }

  /** One place up or down. */
  async step(chat: string, by: -1 | 1): Promise<void> {
    const change = step(this.sections, chat, by)
    if (change) await this.#move(chat, change)
    else this.announcement = by < 0 ? m.library_first() : m.library_last()
  }

  /** The folder that was made; `null` when it was not. */
  async newFolder(chats: readonly string[]): Promise<Folder | null> {
    const name = this.#freeName(m.library_new_folder())
    return this.#makeFolder({ name, open: true, chats }, null)
  }

  async renameFolder(folder: Folder, name: string): Promise<void> {
    await this.#change({ type: 'rename-folder', folder: folder.id, name: name.trim() })
  }

  async openFolder(folder: Folder, open: boolean): Promise<void> {
    await this.#change({ type: 'open-folder', folder: folder.id, open })
  }

  async removeFolder(folder: Folder): Promise<void> {
    const next = this.folders[this.folders.findIndex(({ id }) => id === folder.id) + 1]
    if (!(await this.#change({ type: 'remove-folder', folder: folder.id }))) return
    this.removed = folder
    this.#next = next?.id ?? null
  }

  /** The folder that was removed last is there again, where it stood and as it was; `null` when it is not. */
  async undoRemoval(): Promise<Folder | null> {
    const { removed } = this
    this.removed = null
    if (!removed) return null
    const { name, open } = removed
    // What was put elsewhere meanwhile stays there.
    const chats = removed.chats.filter((chat) => !this.#isArranged(chat))
    return this.#makeFolder({ name, open, chats }, this.#next)
  }

  async moveFolder(folder: Folder, before: Folder | null): Promise<void> {
    if (folder.id === before?.id) return
    await this.#moveFolder(folder, { type: 'move-folder', folder: folder.id, before: before?.id ?? null })
  }

  async stepFolder(folder: Folder, by: -1 | 1): Promise<void> {
    await this.#moveFolder(folder, stepFolder(this.folders, folder.id, by))
  }

  async #makeFolder(folder: Omit<Folder, 'id'>, before: number | null): Promise<Folder | null> {
    const known = this.folders.map(({ id }) => id)
    if (!(await this.#change({ type: 'new-folder', ...folder, before }))) return null
    return this.folders.find(({ id }) => !known.includes(id)) ?? null
  }

  async #moveFolder({ id, name }: Folder, change: ArrangementChange | null): Promise<void> {
    if (change && !(await this.#change(change))) return
    const at = this.folders.findIndex((each) => each.id === id)
    this.announcement = m.library_folder_at({ name, at: at + 1, total: this.folders.length })
  }

  async #move(chat: string, change: ArrangementChange): Promise<void> {
    if (!(await this.#change(change))) return
    const section = this.sectionOf(chat)
    if (!section) return
    const at = section.chats.findIndex(({ id }) => id === chat)
    const { title } = section.chats[at] ?? { title: '' }
    const where = { pinned: m.library_pinned(), others: m.library_chats(), folder: '' }[section.kind]
    const name = section.kind === 'folder' ? section.folder.name : where
    this.announcement = m.library_chat_at({ title, name, at: at + 1, total: section.chats.length })
    // What was put into a closed folder would be gone from sight.
    if (section.kind === 'folder' && !section.folder.open) await this.openFolder(section.folder, true)
  }

  async #change(change: ArrangementChange): Promise<boolean> {
    return this.#conversations.arrange(change)
  }

  #isArranged(chat: string): boolean {
    const { pinned, folders, moved } = this.#conversations.arrangement
    return [...pinned, ...folders.flatMap(({ chats }) => chats), ...moved.map(({ id }) => id)].includes(chat)
  }

  #freeName(name: string): string {
    const names = this.folders.map((folder) => folder.name)
    let free = name
    for (let number = 2; names.includes(free); number++) free = `${name} ${number}`
    return free
  }
}
