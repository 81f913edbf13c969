import { Conversations } from '../electron/conversations.ts'
import { dataFolder } from '../electron/data-folder.ts'
import { nodeDisk } from '../electron/disk.ts'
import { DocumentMemories } from '../electron/documents.ts'
import { ServerToken } from '../electron/server/server-token.ts'

/** The documents that were read into memories, likewise. */
export function openDocuments(): DocumentMemories {
  return new DocumentMemories(nodeDisk, dataFolder())
}

/** The user's conversations, the same for the window and the terminal. */
export function openConversations(): Promise<Conversations> {
  return Conversations.open(dataFolder(), { disk: nodeDisk, now: Date.now, random: Math.random })
}

/** What programs have to know to be answered by the local server, the same for the window and the terminal. */
export function serverToken(): ServerToken {
  return new ServerToken(dataFolder(), nodeDisk)
}
