import type { Conversations } from '../electron/conversations.ts'
import type { Entry } from '../electron/entries.ts'
import type { World } from './command.ts'

/** Where a conversation is kept as it goes: a journal, or nowhere. */
export interface Shelf {
  add(entries: readonly Entry[]): Promise<void>
  saveSnapshot(node: number, bytes: Uint8Array): Promise<void>
  close(): Promise<void>
}

/** A shelf for a new conversation among the user's own. */
export async function newShelf(world: World): Promise<Shelf> {
  const conversations = await world.openConversations()
  return shelfOf(conversations, conversations.newId())
}

/** A shelf for the conversation of that id. */
export function shelfOf(conversations: Conversations, id: string): Shelf {
  return {
    add: (entries) => conversations.add(id, entries),
    saveSnapshot: (node, bytes) => conversations.saveSnapshot(id, node, bytes),
    close: () => conversations.close(),
  }
}
