import { decodeEntry, encodeEntry } from './entries.ts'
import { joined } from './joined.ts'
import { readJournal } from './journal-versions.ts'
import { encodeHeader, encodeRecords, VERSION } from './records.ts'
import { TranscriptBuilder } from './transcript.ts'

/** The record of a .chat file that holds the memory; the others are those of a journal. */
const MEMORY_RECORD = 100

/** A conversation as one file: its journal, written anew, and the memory at its end. */
export interface ChatFile {
  readonly builder: TranscriptBuilder
  /** `null` when there is none, or the file was cut off before it */
  readonly snapshot: Uint8Array | null
  /** every byte was understood */
  readonly whole: boolean
}

/** @param snapshot the memory at the head; `null` where none is saved: the text is read again then */
export function encodeChat(builder: TranscriptBuilder, snapshot: Uint8Array | null): Uint8Array<ArrayBuffer> {
  const records = builder.compacted().map(encodeEntry)
  if (snapshot) records.push({ type: MEMORY_RECORD, payload: snapshot })
  return joined([encodeHeader(), encodeRecords(records, 0)])
}

/** `null` for what is no chat at all. What a newer version wrote is read as far as it is understood. */
export function decodeChat(bytes: Uint8Array): ChatFile | null {
  const { version, records, goodBytes } = readJournal(bytes)
  const builder = new TranscriptBuilder()
  let snapshot: Uint8Array | null = null
  let whole = version !== null && version <= VERSION && goodBytes === bytes.length
  for (const record of records) {
    if (record.type === MEMORY_RECORD) snapshot = record.payload
    else {
      const entry = decodeEntry(record)
      if (!entry || !builder.apply(entry)) whole = false
    }
  }
  return version === null || builder.transcript.created === 0 ? null : { builder, snapshot, whole }
}
