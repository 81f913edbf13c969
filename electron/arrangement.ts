import { asRecord } from './entries.ts'

/** A folder of the list, with its chats in the order in which they are shown. */
export interface Folder {
  readonly id: number
  readonly name: string
  /** its chats are shown */
  readonly open: boolean
  readonly chats: readonly string[]
}

/** A chat outside of all folders that was put elsewhere than where its time puts it. */
interface Moved {
  readonly id: string
  /** it stands where a chat of this time would */
  readonly place: number
  /** its own time then: once something newer is said in it, its time holds again */
  readonly since: number
}

/** How the user has arranged the list; a chat that is nowhere here stands by its time. */
export interface Arrangement {
  readonly pinned: readonly string[]
  readonly folders: readonly Folder[]
  readonly moved: readonly Moved[]
}

/** One step of arranging. `before` is what it will stand before; `null` is the end. */
export type ArrangementChange =
  | { readonly type: 'pin'; readonly chat: string; readonly before: string | null }
  | { readonly type: 'file'; readonly chat: string; readonly folder: number; readonly before: string | null }
  /** out of the pinned and of all folders; without a place, to where its time puts it */
  | { readonly type: 'free'; readonly chat: string; readonly place: Omit<Moved, 'id'> | null }
  | (Omit<Folder, 'id'> & { readonly type: 'new-folder'; readonly before: number | null })
  | { readonly type: 'rename-folder'; readonly folder: number; readonly name: string }
  /** its chats stay, outside of it */
  | { readonly type: 'remove-folder'; readonly folder: number }
  | { readonly type: 'move-folder'; readonly folder: number; readonly before: number | null }
  | { readonly type: 'open-folder'; readonly folder: number; readonly open: boolean }

const LONGEST_NAME = 200
const MOST_FOLDERS = 1000
const MOST_CHATS = 1_000_000
const ID = /^[0-9a-z-]{1,64}$/

/** The arrangement after a change; `null` when it does not fit. */
export function arrange(before: Arrangement, change: ArrangementChange): Arrangement | null {
  const folder = 'folder' in change ? before.folders.find(({ id }) => id === change.folder) : null
  if (folder === undefined) return null
  switch (change.type) {
    case 'pin': {
      const rest = without(before, [change.chat])
      return { ...rest, pinned: inserted(rest.pinned, change.chat, change.before) }
    }
    case 'file': {
      const rest = without(before, [change.chat])
      const file = (each: Folder) => ({ ...each, chats: inserted(each.chats, change.chat, change.before) })
      return { ...rest, folders: rest.folders.map((each) => (each.id === change.folder ? file(each) : each)) }
    }
    case 'free': {
      const rest = without(before, [change.chat])
      return change.place ? { ...rest, moved: [...rest.moved, { id: change.chat, ...change.place }] } : rest
    }
    case 'new-folder': {
      if (before.folders.length >= MOST_FOLDERS) return null
      const rest = without(before, change.chats)
      const id = 1 + rest.folders.reduce((most, each) => Math.max(most, each.id), 0)
      const { name, open, chats } = change
      return { ...rest, folders: standing(rest.folders, { id, name, open, chats }, change.before) }
    }
    case 'rename-folder':
      return changed(before, change.folder, { name: change.name })
    case 'open-folder':
      return changed(before, change.folder, { open: change.open })
    case 'remove-folder':
      return { ...before, folders: before.folders.filter(({ id }) => id !== change.folder) }
    case 'move-folder': {
      const rest = before.folders.filter(({ id }) => id !== change.folder)
      return folder && { ...before, folders: standing(rest, folder, change.before) }
    }
    default:
      return change satisfies never
  }
}

/** These chats are nowhere in it. */
export function without({ pinned, folders, moved }: Arrangement, chats: readonly string[]): Arrangement {
  const stays = (id: string) => !chats.includes(id)
  return {
    pinned: pinned.filter(stays),
    folders: folders.map((folder) => ({ ...folder, chats: folder.chats.filter(stays) })),
    moved: moved.filter(({ id }) => stays(id)),
  }
}

/** From the disk: what cannot be understood is left out. */
export function parseArrangement(value: unknown): Arrangement {
  const { pinned, folders, moved } = asRecord(value)
  return {
    pinned: ids(pinned) ?? [],
    folders: list(folders).flatMap((each) => {
      const { id, name, open, chats } = asRecord(each)
      return isNumber(id) && isName(name) ? [{ id, name, open: open !== false, chats: ids(chats) ?? [] }] : []
    }),
    moved: list(moved).flatMap((each) => {
      const { id } = asRecord(each)
      const place = parsePlace(each)
      return isId(id) && place ? [{ id, ...place }] : []
    }),
  }
}

/** From the window: exactly what it should be, or `null`. */
export function parseChange(value: unknown): ArrangementChange | null {
  const { type, chat, before, folder, name, chats, place, open } = asRecord(value)
  switch (type) {
    case 'pin':
      return isId(chat) && (before === null || isId(before)) ? { type, chat, before } : null
    case 'file':
      return isId(chat) && isNumber(folder) && (before === null || isId(before))
        ? { type, chat, folder, before }
        : null
    case 'free': {
      const at = place === null ? null : parsePlace(place)
      return isId(chat) && at !== undefined ? { type, chat, place: at } : null
    }
    case 'new-folder': {
      const given = ids(chats)
      return isName(name) && given && typeof open === 'boolean' && (before === null || isNumber(before))
        ? { type, name, open, chats: given, before }
        : null
    }
    case 'rename-folder':
      return isNumber(folder) && isName(name) ? { type, folder, name } : null
    case 'remove-folder':
      return isNumber(folder) ? { type, folder } : null
    case 'move-folder':
      return isNumber(folder) && (before === null || isNumber(before)) ? { type, folder, before } : null
    case 'open-folder':
      return isNumber(folder) && typeof open === 'boolean' ? { type, folder, open } : null
    default:
      return null
  }
}

function inserted(chats: readonly string[], chat: string, before: string | null): readonly string[] {
  const at = before === null ? -1 : chats.indexOf(before)
  return chats.toSpliced(at < 0 ? chats.length : at, 0, chat)
}

function standing(folders: readonly Folder[], folder: Folder, before: number | null): readonly Folder[] {
  const at = folders.findIndex(({ id }) => id === before)
  return folders.toSpliced(at < 0 ? folders.length : at, 0, folder)
}

function changed(before: Arrangement, folder: number, to: Partial<Folder>): Arrangement {
  return {
    ...before,
    folders: before.folders.map((each) => (each.id === folder ? { ...each, ...to } : each)),
  }
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : []
}

/** Each once; `null` for what is no list of chats. */
function ids(value: unknown): readonly string[] | null {
  const all = list(value)
  return Array.isArray(value) && all.length <= MOST_CHATS && all.every(isId) ? [...new Set(all)] : null
}

function parsePlace(value: unknown): Omit<Moved, 'id'> | undefined {
  const { place, since } = asRecord(value)
  return isNumber(place) && isNumber(since) ? { place, since } : undefined
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && ID.test(value)
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length <= LONGEST_NAME && value.trim() !== ''
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}
