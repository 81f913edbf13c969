import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { nodeDisk } from '../../electron/disk.ts'
import { decodeEntry, encodeEntry, type Entry, parseEntry } from '../../electron/entries.ts'
import { Journal } from '../../electron/journal.ts'
import { readJournal } from '../../electron/journal-versions.ts'
import { encodeHeader, encodeRecords, type JournalRecord, VERSION } from '../../electron/records.ts'
import { TranscriptBuilder } from '../../electron/transcript.ts'
import { FaultyDisk } from '../support/fault-ports.ts'
import { ENTRIES } from '../support/frozen-journals.ts'
import { seeded } from '../support/numerics.ts'
import { temporaryFolder } from '../support/test-bridge.ts'

const words = (record: JournalRecord) => `${record.type} ${new TextDecoder().decode(record.payload)}`
const record = (text: string, type = 5): JournalRecord => ({ type, payload: new TextEncoder().encode(text) })
const read = (path: string) => readJournal(readFileSync(path)).records.map(words)

const fresh = () => join(temporaryFolder(), 'a.journal')

describe('a journal', () => {
  test('gives back what was appended, over several openings', async () => {
    const path = fresh()
    for (const text of ['one', 'two', '']) {
      const journal = await Journal.open(nodeDisk, path)
      await Promise.all([
        journal.append([record(text)]),
        journal.append([record(`${text}!`), record('.', 9)]),
      ])
      await journal.close()
    }
    const { records } = await Journal.open(nodeDisk, path)
    expect(records.map(words)).toEqual(
      ['one', 'two', ''].flatMap((text) => [`5 ${text}`, `5 ${text}!`, '9 .']),
    )
  })

  test('cut anywhere: every record that is whole is read, the rest is kept aside, and it goes on', async () => {
    const texts = ['first', 'second, a longer one', 'third']
    const whole = Buffer.concat([
      encodeHeader(),
      encodeRecords(
        texts.map((text) => record(text)),
        0,
      ),
    ])
    const ends = texts.map(
      (_, i) =>
        encodeHeader().length +
        encodeRecords(
          texts.slice(0, i + 1).map((text) => record(text)),
          0,
        ).length,
    )
    for (let cut = encodeHeader().length; cut <= whole.length; cut++) {
      const path = fresh()
      writeFileSync(path, whole.subarray(0, cut))
      const journal = await Journal.open(nodeDisk, path)
      const good = ends.filter((end) => end <= cut).length
      expect(journal.records.map(words)).toEqual(texts.slice(0, good).map((text) => `5 ${text}`))
      // Opening writes nothing.
      expect(readFileSync(path)).toEqual(whole.subarray(0, cut))
      await journal.append([record('after')])
      await journal.close()
      expect(read(path)).toEqual([...texts.slice(0, good), 'after'].map((text) => `5 ${text}`))
      const kept = cut - (ends[good - 1] ?? encodeHeader().length)
      const aside = readdirSync(join(path, '..')).filter((name) => name.includes('.cut-'))
      expect(aside).toEqual(kept > 0 ? ['a.journal.cut-1'] : [])
      if (kept > 0)
        expect(readFileSync(join(path, '..', 'a.journal.cut-1'))).toEqual(whole.subarray(cut - kept, cut))
    }
  })

  test('one wrong byte anywhere ends it there, and never gives a wrong record', () => {
    const texts = ['first', 'second', 'third']
    const whole = Buffer.concat([
      encodeHeader(),
      encodeRecords(
        texts.map((text) => record(text)),
        0,
      ),
    ])
    for (let at = encodeHeader().length; at < whole.length; at++) {
      for (const flip of [1, 128]) {
        const damaged = Buffer.from(whole)
        damaged[at]! ^= flip
        const { records } = readJournal(damaged)
        expect(records.length).toBeLessThan(3)
        expect(records.map(words)).toEqual(texts.slice(0, records.length).map((text) => `5 ${text}`))
      }
    }
  })

  test('random bytes, and random bytes behind a good beginning, never throw', () => {
    const random = seeded(7)
    for (let i = 0; i < 300; i++) {
      const noise = Uint8Array.from({ length: Math.floor(random() * 200) }, () => random() * 256)
      expect(readJournal(noise).records).toEqual([])
      const { records } = readJournal(Buffer.concat([encodeHeader(), encodeRecords([record('a')], 0), noise]))
      expect(records.map(words)).toEqual(['5 a'])
    }
  })

  test('of a newer version it can be read and not written; of no version neither', async () => {
    const path = fresh()
    writeFileSync(
      path,
      Buffer.concat([encodeHeader(VERSION + 1), encodeRecords([record('a'), record('?', 200)], 0)]),
    )
    const newer = await Journal.open(nodeDisk, path)
    expect(newer.records.map(words)).toEqual(['5 a', '200 ?'])
    await expect(newer.append([record('b')])).rejects.toThrow('it was written by a newer version of Plateau')
    await expect(newer.rewrite([])).rejects.toThrow('newer version')
    const before = 'These are the notes of someone else.'
    writeFileSync(path, before)
    const alien = await Journal.open(nodeDisk, path)
    await expect(alien.append([record('b')])).rejects.toThrow('its file is damaged at the beginning')
    expect(readFileSync(path, 'utf8')).toBe(before)
  })

  test('a rewrite puts the new records in the place of the old', async () => {
    const path = fresh()
    const journal = await Journal.open(nodeDisk, path)
    await journal.append([record('a'), record('b'), record('c')])
    await journal.rewrite([record('abc')])
    await journal.append([record('d')])
    await journal.close()
    expect(read(path)).toEqual(['5 abc', '5 d'])
  })
})

/** A session with a disk: what was acknowledged, in order. */
async function session(disk: FaultyDisk, path: string, acknowledged: string[]): Promise<void> {
  const attempt = async (work: () => Promise<void>) => work().catch(() => undefined)
  for (const part of ['a', 'b']) {
    let journal: Journal | null = null
    await attempt(async () => void (journal = await Journal.open(disk, path)))
    const opened = journal as Journal | null
    if (!opened) continue
    for (let i = 0; i < 4; i++) {
      const text = `${part}${i} and some more words`
      await attempt(async () => {
        await opened.append([record(text)])
        acknowledged.push(`5 ${text}`)
      })
      if (i === 2) await attempt(() => opened.rewrite([...acknowledged.map((each) => record(each.slice(2)))]))
    }
    await attempt(() => opened.close())
  }
}

describe.each(['once', 'dead', 'full'] as const)('the N-th operation fails (%s), for every N', (fault) => {
  test('what was acknowledged is there, in order, and nothing else', async () => {
    let failAt = 1
    for (let failed = true; failed; failAt++) {
      const path = fresh()
      const disk = new FaultyDisk(nodeDisk, failAt, fault)
      const acknowledged: string[] = []
      await session(disk, path, acknowledged)
      failed = disk.failures > 0
      const journal = await Journal.open(nodeDisk, path)
      const found = journal.records.map(words)
      // A program that dies in an append may leave it whole, unacknowledged.
      const extra = fault === 'dead' ? found.slice(acknowledged.length) : []
      expect(found, `operation ${failAt}`).toEqual([...acknowledged, ...extra])
      expect(extra.length).toBeLessThanOrEqual(1)
      await journal.append([record('afterwards')])
      await journal.close()
      expect(read(path)).toEqual([...found, '5 afterwards'])
    }
    expect(failAt).toBeGreaterThan(20)
  })
})

test('a full disk refuses, and the same journal goes on when there is room again', async () => {
  const path = fresh()
  const disk = new FaultyDisk(nodeDisk, 8, 'full')
  const journal = await Journal.open(disk, path)
  const acknowledged: string[] = []
  for (let i = 0; i < 6; i++) {
    if (i === 5) disk.space()
    await journal.append([record(`message ${i}`)]).then(
      () => acknowledged.push(`5 message ${i}`),
      () => undefined,
    )
  }
  await journal.close()
  expect(disk.failures).toBeGreaterThan(0)
  expect(acknowledged).toContain('5 message 5')
  expect(read(path)).toEqual(acknowledged)
})

describe('entries', () => {
  const fold = (entries: readonly (Entry | null)[]) => {
    const builder = new TranscriptBuilder()
    for (const entry of entries) if (entry) expect(builder.apply(entry)).toBe(true)
    return builder
  }

  test('are the same after a journal, and compacted lead to the same transcript', () => {
    const decoded = ENTRIES.map((entry) => decodeEntry(encodeEntry(entry)))
    expect(decoded).toEqual(ENTRIES)
    const builder = fold(decoded)
    const { transcript } = builder
    expect(transcript.nodes.map(({ text }) => text)).toEqual([
      'Hello \u{1F33F}',
      'Good morning.',
      'Rain.',
      'And?',
      '',
    ])
    expect(transcript).toMatchObject({ head: 2, title: 'A morning' })
    expect(fold(builder.compacted()).transcript).toEqual(transcript)
    expect(builder.clone().transcript).toEqual(transcript)
  })

  test('how quickly an answer came is kept; what is no such thing is left out', () => {
    const end = { type: 'end', node: 2, reason: 'stop', memory: null } as const
    const [read, written] = [
      { tokens: 30, milliseconds: 41.5 },
      { tokens: 7, milliseconds: 90 },
    ]
    const entries: Entry[] = [
      { type: 'user', node: 1, parent: null, text: 'Hello', time: 1, aside: false },
      { type: 'reply', node: 2, parent: 1, time: 2 },
      { ...end, read, written },
    ]
    const builder = fold(entries.map((entry) => decodeEntry(encodeEntry(entry))))
    expect(builder.transcript.nodes[1]).toMatchObject({ read, written })
    expect(fold(builder.compacted()).transcript).toEqual(builder.transcript)
    expect(parseEntry({ ...end, read: { tokens: -1, milliseconds: 1 }, written: 'quick' })).toEqual(end)
  })

  test('what an answer rests on is kept, and what comes near where nothing does', () => {
    const end = { type: 'end', node: 2, reason: 'stop', memory: null } as const
    const nearest = [{ node: 1, name: 'a.txt', page: 1, quote: 'It is green.' }]
    const entries: Entry[] = [
      { type: 'user', node: 1, parent: null, text: 'Hello?', time: 1, aside: false },
      { type: 'reply', node: 2, parent: 1, time: 2 },
      { ...end, inDocument: false, nearest },
    ]
    const builder = fold(entries.map((entry) => decodeEntry(encodeEntry(entry))))
    expect(builder.transcript.nodes[1]).toMatchObject({ inDocument: false, nearest })
    expect(fold(builder.compacted()).transcript).toEqual(builder.transcript)
    expect(parseEntry({ ...end, inDocument: 'no', nearest: [] })).toEqual(end)
    expect(parseEntry({ ...end, nearest: [{ node: 1 }] })).toBeNull()
  })

  test.each([
    null,
    7,
    {},
    { type: 'constructor' },
    { type: 'user', node: 0, parent: null, text: '', time: 1 },
    { type: 'user', node: 1.5, parent: null, text: '', time: 1 },
    { type: 'user', node: 1, parent: '1', text: '', time: 1 },
    { type: 'user', node: 1, parent: null, text: 'x'.repeat((32 << 20) + 1), time: 1 },
    { type: 'user', node: 1, parent: null, text: '', time: NaN },
    { type: 'end', node: 1, reason: 'because', memory: null },
    { type: 'end', node: 1, reason: 'stop', memory: { position: -1, tokens: '', stateBytes: 1 } },
    { type: 'opened', created: 1, model: 'm', options: { attention: 'all', window: null, system: '' } },
    { type: 'title', title: 'x'.repeat(201) },
    { type: 'look-up', on: 'off' },
  ])('from outside: %# is none', (value) => expect(parseEntry(value)).toBeNull())

  test('that do not fit change nothing', () => {
    const builder = fold(ENTRIES)
    const before = builder.transcript
    for (const entry of [
      { type: 'user', node: 9, parent: 8, text: '', time: 1, aside: false },
      { type: 'user', node: 2, parent: null, text: '', time: 1, aside: false },
      { type: 'reply', node: 9, parent: 77, time: 1 },
      { type: 'text', node: 1, text: 'x' },
      { type: 'text', node: 2, text: 'x' },
      { type: 'head', node: 6 },
      { type: 'forget', node: 6 },
    ] as const)
      expect(builder.apply(entry)).toBe(false)
    expect(builder.transcript).toEqual(before)
  })
})

test('a tail that was cut is kept each time under a new name', async () => {
  const path = fresh()
  for (const turn of [1, 2]) {
    const journal = await Journal.open(nodeDisk, path)
    await journal.append([record(`turn ${turn}`)])
    await journal.close()
    appendFileSync(path, `torn ${turn}`)
  }
  const journal = await Journal.open(nodeDisk, path)
  await journal.append([record('turn 3')])
  await journal.close()
  expect(read(path)).toEqual(['5 turn 1', '5 turn 2', '5 turn 3'])
  expect(readdirSync(join(path, '..')).sort()).toEqual(['a.journal', 'a.journal.cut-1', 'a.journal.cut-2'])
})
