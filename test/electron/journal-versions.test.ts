import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { decodeChat } from '../../electron/chat-file.ts'
import { nodeDisk } from '../../electron/disk.ts'
import { decodeEntry, encodeEntry, type Entry } from '../../electron/entries.ts'
import { Journal } from '../../electron/journal.ts'
import { MIGRATIONS, readJournal } from '../../electron/journal-versions.ts'
import { encodeHeader, encodeRecords, type JournalRecord, VERSION } from '../../electron/records.ts'
import { FaultyDisk } from '../support/fault-ports.ts'
import { ENTRIES, ENTRIES_2, ENTRIES_3, ENTRIES_4 } from '../support/frozen-journals.ts'
import { temporaryFolder } from '../support/test-bridge.ts'

const fresh = () => join(temporaryFolder(), 'a.journal')
const record = (text: string): JournalRecord => ({ type: 5, payload: new TextEncoder().encode(text) })
const wordsOf = ({ payload }: JournalRecord) => new TextDecoder().decode(payload)

test.each([
  [1, ENTRIES],
  [2, ENTRIES_2],
  [3, ENTRIES_3],
  [4, ENTRIES_4],
])(
  'the frozen journal of version %i reads as it did, and goes on in this version',
  async (before, entries) => {
    const path = fresh()
    const frozen = readFileSync(`test/golden/journal-${before}.journal`)
    writeFileSync(path, frozen)
    expect(readJournal(frozen).version).toBe(before)
    const journal = await Journal.open(nodeDisk, path)
    expect(journal.records.map(decodeEntry)).toEqual(entries)
    expect(decodeChat(frozen)?.whole).toBe(true)
    // Opening writes nothing.
    expect(readFileSync(path)).toEqual(frozen)
    const more: Entry = { type: 'title', title: 'And on' }
    await journal.append([encodeEntry(more)])
    await journal.append([encodeEntry(more)])
    await journal.close()
    const { version, records } = readJournal(readFileSync(path))
    expect(version).toBe(VERSION)
    expect(records.map(decodeEntry)).toEqual([...entries, more, more])
  },
)

test('the steps from version to version are taken in order, each once, and none is missing', () => {
  expect(MIGRATIONS).toHaveLength(VERSION - 1)
  const step = (word: string) => (records: readonly JournalRecord[]) =>
    records.map((each) => record(`${wordsOf(each)}${word}`))
  const steps = MIGRATIONS.map((_, i) => step(` ${i + 2}`))
  for (let version = 1; version <= VERSION + 1; version++) {
    const bytes = Buffer.concat([encodeHeader(version), encodeRecords([record('from')], 0)])
    const taken = Array.from({ length: Math.max(0, VERSION - version) }, (_, i) => ` ${version + 1 + i}`)
    expect(readJournal(bytes, steps).records.map(wordsOf)).toEqual([`from${taken.join('')}`])
  }
})

test('an old journal whose writing anew fails is as it was, and the next append tries again', async () => {
  const frozen = readFileSync('test/golden/journal-1.journal')
  const more = encodeEntry({ type: 'look-up', on: false })
  let failed = true
  for (let failAt = 1; failed; failAt++) {
    const path = fresh()
    writeFileSync(path, frozen)
    const disk = new FaultyDisk(nodeDisk, failAt, 'once')
    let journal: Journal | null = null
    // Opening is one of the operations.
    while (journal === null) journal = await Journal.open(disk, path).catch(() => null)
    await journal.append([more]).catch(async () => {
      const left = readJournal(readFileSync(path))
      // What was refused may stand there until the next append cuts it off.
      expect(left.records.slice(0, ENTRIES.length).map(decodeEntry)).toEqual(ENTRIES)
      await journal.append([more])
    })
    failed = disk.failures > 0
    await journal.close().catch(() => undefined)
    const { version, records } = readJournal(readFileSync(path))
    expect([version, records.length]).toEqual([VERSION, ENTRIES.length + 1])
  }
})
