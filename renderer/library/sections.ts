import type { Arrangement, ArrangementChange, Folder } from '../../electron/arrangement.ts'
import type { ConversationSummary } from '../../electron/bridge.ts'

/** What of the list stands together, in the order in which it is shown. */
export type Section =
  | { readonly kind: 'pinned'; readonly chats: readonly ConversationSummary[] }
  | { readonly kind: 'folder'; readonly folder: Folder; readonly chats: readonly ConversationSummary[] }
  | {
      readonly kind: 'others'
      readonly chats: readonly ConversationSummary[]
      /** the time that a chat stands at */
      readonly timeOf: (chat: ConversationSummary) => number
    }

/** The pinned, then the folders, then all others by their time. What is arranged and not in the list is passed over. */
export function sectionsOf(list: readonly ConversationSummary[], arrangement: Arrangement): Section[] {
  const rest = new Map(list.map((chat) => [chat.id, chat]))
  const take = (ids: readonly string[]) =>
    ids.flatMap((id) => {
      const chat = rest.get(id)
      rest.delete(id)
      return chat ? [chat] : []
    })
  const pinned = take(arrangement.pinned)
  const folders = arrangement.folders.map((folder): Section => ({
    kind: 'folder',
    folder,
    chats: take(folder.chats),
  }))
  const moved = new Map(arrangement.moved.map((each) => [each.id, each]))
  const timeOf = ({ id, updated }: ConversationSummary) => {
    const put = moved.get(id)
    return put && updated <= put.since ? put.place : updated
  }
  const others = [...rest.values()]
  if (moved.size > 0) others.sort((a, b) => timeOf(b) - timeOf(a))
  return [
    ...(pinned.length > 0 ? [{ kind: 'pinned', chats: pinned } as const] : []),
    ...folders,
    { kind: 'others', chats: others, timeOf },
  ]
}

/** One key for each section, the same after every change. */
export function keyOf(section: Section): string {
  return section.kind === 'folder' ? `folder-${section.folder.id}` : section.kind
}

/** What puts a chat into a section, before one of its chats or at its end. */
export function put(section: Section, chat: ConversationSummary, before: string | null): ArrangementChange {
  if (section.kind === 'pinned') return { type: 'pin', chat: chat.id, before }
  if (section.kind === 'folder') return { type: 'file', chat: chat.id, folder: section.folder.id, before }
  const rest = section.chats.filter(({ id }) => id !== chat.id)
  const at = before === null ? rest.length : rest.findIndex(({ id }) => id === before)
  const [above, below] = [rest[at - 1], rest[at]].map((each) => each && section.timeOf(each))
  const since = chat.updated
  if (above === undefined && below === undefined) return { type: 'free', chat: chat.id, place: null }
  if (above === undefined) return { type: 'free', chat: chat.id, place: { place: (below ?? 0) + 1, since } }
  return { type: 'free', chat: chat.id, place: { place: (above + (below ?? above - 2)) / 2, since } }
}

/** What moves a chat one place up or down, into the next section where its own ends; `null` at the ends of the list. */
export function step(sections: readonly Section[], chat: string, by: -1 | 1): ArrangementChange | null {
  const at = sections.findIndex(({ chats }) => chats.some(({ id }) => id === chat))
  const section = sections[at]
  const place = section?.chats.findIndex(({ id }) => id === chat) ?? -1
  const summary = section?.chats[place]
  if (!section || !summary) return null
  const within = section.chats[place + by]
  if (within) return put(section, summary, by < 0 ? within.id : (section.chats[place + 2]?.id ?? null))
  const next = sections[at + by]
  return next ? put(next, summary, by < 0 ? null : (next.chats[0]?.id ?? null)) : null
}

/** What moves a folder one place up or down among the folders; `null` at their ends. */
export function stepFolder(folders: readonly Folder[], folder: number, by: -1 | 1): ArrangementChange | null {
  const at = folders.findIndex(({ id }) => id === folder)
  const other = folders[at + by]
  if (at < 0 || !other) return null
  return { type: 'move-folder', folder, before: by < 0 ? other.id : (folders[at + 2]?.id ?? null) }
}
