import { access, constants, readFile, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { type ChatFile, decodeChat, encodeChat } from '../electron/chat-file.ts'
import { diskCode, nodeDisk, replaceFile } from '../electron/disk.ts'
import { type TranscriptBuilder } from '../electron/transcript.ts'
import { CommandError } from './command.ts'
import { reasonOf } from './model-folder.ts'

const NO_FOLDER = 'there is no such folder'

/** @throws {CommandError} no file can be put there, which is better told before a chat than after it */
export async function checkChatPlace(path: string): Promise<void> {
  const refuse = (reason: string) => new CommandError(`No chat can be saved to ${path}: ${reason}.`)
  const folder = dirname(resolve(path))
  const isFolder = async (each: string) => (await stat(each).catch(() => null))?.isDirectory() ?? false
  if (!(await isFolder(folder))) throw refuse(NO_FOLDER)
  if (await isFolder(path)) throw refuse('it is a folder')
  await access(folder, constants.W_OK).catch((error: unknown) => {
    throw refuse(whyUnwritten(error))
  })
}

/** @throws {CommandError} the file cannot be written */
export async function writeChatFile(
  path: string,
  builder: TranscriptBuilder,
  snapshot: Uint8Array,
): Promise<void> {
  try {
    await replaceFile(nodeDisk, resolve(path), encodeChat(builder, snapshot))
  } catch (error) {
    throw new CommandError(`The chat could not be saved to ${path}: ${whyUnwritten(error)}.`)
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

/** Why the system did not take a file, in words. */
function whyUnwritten(error: unknown): string {
  switch (diskCode(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return NO_FOLDER
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'writing there is not permitted'
    case 'ENOSPC':
    case 'EDQUOT':
      return 'the disk is full'
    default:
      return reasonOf(error)
  }
}
