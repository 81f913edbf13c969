import { Conversations } from '../electron/conversations.ts'
import { dataFolder } from '../electron/data-folder.ts'
import { nodeDisk } from '../electron/disk.ts'

/** The user's conversations, the same for the window and the terminal. */
export function openConversations(): Promise<Conversations> {
  return Conversations.open(dataFolder(), { disk: nodeDisk, now: Date.now, random: Math.random })
}
