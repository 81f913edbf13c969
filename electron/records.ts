import { crc32 } from 'node:zlib'

/**
 * A journal as bytes: a line with the version, then records.
 *
 *     "PLATEAU JOURNAL <version>\n"
 *     length u32 | type u8 | sequence u32 | payload [length] | CRC-32 of all of it u32      little-endian
 *
 * This frame is the same in every version to come: a newer version means types and payloads that are not known here.
 */
export interface JournalRecord {
  readonly type: number
  readonly payload: Uint8Array
}

export const VERSION = 4

const HEADER = /^PLATEAU JOURNAL ([1-9][0-9]{0,8})\n/
const LONGEST_HEADER = 26
const BEFORE_PAYLOAD = 9
const AROUND_PAYLOAD = 13
/** A record longer than this is damage, or not ours. */
export const LONGEST_PAYLOAD = 2 ** 30

export function encodeHeader(version = VERSION): Uint8Array {
  return new TextEncoder().encode(`PLATEAU JOURNAL ${version}\n`)
}

/** Records as bytes; the first gets the number `sequence`, the next the one after it. */
export function encodeRecords(records: readonly JournalRecord[], sequence: number): Uint8Array {
  const size = records.reduce((sum, { payload }) => sum + AROUND_PAYLOAD + payload.length, 0)
  const bytes = new Uint8Array(size)
  const view = new DataView(bytes.buffer)
  let offset = 0
  for (const [i, { type, payload }] of records.entries()) {
    const end = offset + BEFORE_PAYLOAD + payload.length
    view.setUint32(offset, payload.length, true)
    view.setUint8(offset + 4, type)
    view.setUint32(offset + 5, sequence + i, true)
    bytes.set(payload, offset + BEFORE_PAYLOAD)
    view.setUint32(end, crc32(bytes.subarray(offset, end)), true)
    offset = end + 4
  }
  return bytes
}

export interface ReadRecords {
  /** `null`: the file does not begin like a journal */
  readonly version: number | null
  readonly records: readonly JournalRecord[]
  /** bytes up to the end of the last good record; what follows is damaged, or was cut off while it was written */
  readonly goodBytes: number
}

/** Read up to the first bad record. Never throws. */
export function readRecords(bytes: Uint8Array): ReadRecords {
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, LONGEST_HEADER))
  const header = HEADER.exec(start)
  if (!header) return { version: null, records: [], goodBytes: 0 }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const records: JournalRecord[] = []
  let offset = header[0].length
  while (offset + AROUND_PAYLOAD <= bytes.length) {
    const length = view.getUint32(offset, true)
    const end = offset + BEFORE_PAYLOAD + length
    if (length > LONGEST_PAYLOAD || end + 4 > bytes.length) break
    if (view.getUint32(offset + 5, true) !== records.length) break
    if (view.getUint32(end, true) !== crc32(bytes.subarray(offset, end))) break
    records.push({ type: view.getUint8(offset + 4), payload: bytes.subarray(offset + BEFORE_PAYLOAD, end) })
    offset = end + 4
  }
  return { version: Number(header[1]), records, goodBytes: offset }
}
