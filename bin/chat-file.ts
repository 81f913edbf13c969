import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type ChatFile, decodeChat, encodeChat } from '../electron/chat-file.ts'
import { nodeDisk, replaceFile } from '../electron/disk.ts'
import { type TranscriptBuilder } from '../electron/transcript.ts'
import { CommandError } from './command.ts'
import { reasonOf } from './model-folder.ts'

/** @throws {CommandError} the file cannot be written */
export async function writeChatFile(
  path: string,
  builder: TranscriptBuilder,
  snapshot: Uint8Array,
): Promise<void> {
  try {
    await replaceFile(nodeDisk, resolve(path), encodeChat(builder, snapshot))
  } catch (error) {
    throw new CommandError(`The chat could not be saved to ${path}: ${reasonOf(error)}.`)
  }
}

/** @throws {CommandError} the file cannot be read, or is no chat */
export async function readChatFile(path: string): Promise<ChatFile> {
  let bytes
  try {
    bytes = await readFile(path)
  } catch (error) {
    throw new CommandError(`The chat ${path} could not be read: ${reasonOf(error)}.`)
  }
  const file = decodeChat(bytes)
  if (!file) throw new CommandError(`The file ${path} is no chat that Plateau saved.`)
  return file
}
