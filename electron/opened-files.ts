import { open } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describeRefusal } from './bridge-calls.ts'
import { type Conversations, Refusal } from './conversations.ts'
import type { Errands } from './server/errands.ts'

const CHAT = /\.chat$/i
const LARGEST_FILE = 2 ** 30

/** The chat files among the arguments that a desktop starts a program with: paths, or addresses as Linux gives them. */
export function chatFilesIn(args: readonly string[], folder: string): string[] {
  return args
    .filter((argument) => CHAT.test(argument) && !argument.startsWith('-'))
    .flatMap((argument) => {
      if (!/^[a-z][\w+.-]+:\/\//i.test(argument)) return [resolve(folder, argument)]
      return pathOf(argument) ?? []
    })
}

/** The path of a file on this machine; `null` for any other address, and for one that no path can have. */
function pathOf(address: string): string | null {
  if (!URL.canParse(address)) return null
  const { protocol, host } = new URL(address)
  if (protocol !== 'file:' || host !== '') return null
  try {
    return fileURLToPath(address)
  } catch {
    return null
  }
}

/** Make a conversation of a chat file that was opened outside, and have the window show it, or say why not. */
export async function showChatFile(
  path: string,
  conversations: Conversations,
  errands: Errands,
): Promise<void> {
  try {
    const { id, note } = await conversations.import(await readChat(path))
    errands.give({ type: 'show', conversation: id, note })
  } catch (error) {
    errands.give({ type: 'refuse', sentence: `${basename(path)}: ${describeRefusal(error)}` })
  }
}

async function readChat(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const file = await open(path).catch(() => null)
  if (!file) throw new Refusal('The file cannot be read.')
  try {
    const about = await file.stat()
    if (!about.isFile()) throw new Refusal('That is no file.')
    if (about.size > LARGEST_FILE) throw new Refusal('The file is too large for a chat.')
    return new Uint8Array(await file.readFile())
  } finally {
    await file.close()
  }
}
