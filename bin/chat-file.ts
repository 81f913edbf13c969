import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { nodeDisk, replaceFile } from '../electron/disk.ts'
import { decodeEntry, encodeEntry } from '../electron/entries.ts'
import { encodeHeader, encodeRecords, readJournal } from '../electron/records.ts'
import { TranscriptBuilder } from '../electron/transcript.ts'
import { CommandError } from './command.ts'
import { reasonOf } from './model-folder.ts'

/** The record of a .chat file that holds the memory; the others are those of a journal. */
const MEMORY_RECORD = 100

export interface ChatFile {
  readonly builder: TranscriptBuilder
  /** `null` when the file was cut off before it */
  readonly snapshot: Uint8Array | null
}

/** @throws {CommandError} the file cannot be written */
export async function writeChatFile(
  path: string,
  builder: TranscriptBuilder,
  snapshot: Uint8Array,
): Promise<void> {
  const records = [...builder.compacted().map(encodeEntry), { type: MEMORY_RECORD, payload: snapshot }]
  const bytes = Buffer.concat([encodeHeader(), encodeRecords(records, 0)])
  try {
    await replaceFile(nodeDisk, resolve(path), bytes)
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
  const { version, records } = readJournal(bytes)
  const builder = new TranscriptBuilder()
  for (const record of records) {
    const entry = decodeEntry(record)
    if (entry) builder.apply(entry)
  }
  if (version === null || builder.transcript.created === 0)
    throw new CommandError(`The file ${path} is no chat that Plateau saved.`)
  return { builder, snapshot: records.findLast(({ type }) => type === MEMORY_RECORD)?.payload ?? null }
}
