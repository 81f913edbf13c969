import { type JournalRecord, type ReadRecords, readRecords, VERSION } from './records.ts'

/** What makes the records of one version into those of the next. */
type Migration = (records: readonly JournalRecord[]) => readonly JournalRecord[]

/**
 * The first leads from version 1 to 2, the last to `VERSION`. Never change one: old journals go through it for ever.
 *
 * 2: a conversation may say whether what left the window is looked up; those of 1 never do, and follow the setting.
 *
 * 3: an answer may say which server elsewhere wrote it, and a conversation which is to write the next; all of 2 is ours.
 *
 * 4: an answer may have ended because it went round in circles; none of 3 did.
 */
export const MIGRATIONS: readonly Migration[] = [
  (records) => records,
  (records) => records,
  (records) => records,
]

/** The records of a journal as this version has them, whichever wrote it; of a newer one as they stand. Never throws. */
export function readJournal(bytes: Uint8Array, migrations = MIGRATIONS): ReadRecords {
  const read = readRecords(bytes)
  if (read.version === null || read.version >= VERSION) return read
  const ahead = migrations.slice(read.version - 1)
  return { ...read, records: ahead.reduce((records, migrate) => migrate(records), read.records) }
}
