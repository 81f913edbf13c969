import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { type CommandConversation, CommandError, type World } from './command.ts'
import { formatCount } from './format.ts'
import { reasonOf } from './model-folder.ts'
import { Progress } from './progress.ts'

export interface TextFile {
  readonly name: string
  readonly text: string
}

/** @throws {CommandError} a file cannot be read, or is not UTF-8 text */
export async function readTextFile(path: string): Promise<TextFile> {
  let bytes
  try {
    bytes = await readFile(path)
  } catch (error) {
    throw new CommandError(`The file ${path} could not be read: ${reasonOf(error)}.`)
  }
  try {
    return { name: basename(path), text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }
  } catch {
    throw new CommandError(`The file ${path} is not plain text in UTF-8, so it cannot be read into memory.`)
  }
}

/** Take one document into the conversation's memory, with a progress bar on stderr. */
export async function readIntoMemory(
  conversation: CommandConversation,
  { name, text }: TextFile,
  { stderr, interrupted }: World,
): Promise<void> {
  const progress = new Progress(stderr, `Reading ${name}`)
  try {
    for await (const event of conversation.read(name, text, interrupted)) {
      if (event.type === 'reading')
        progress.show(event.tokens, event.totalTokens, `${formatCount(event.tokens)} tokens`)
      await new Promise(setImmediate)
    }
  } finally {
    progress.clear()
  }
}
