import { mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { BridgeMethod } from '../../electron/bridge.ts'
import { callBridge } from '../../electron/bridge-calls.ts'
import { type Conversations } from '../../electron/conversations.ts'
import { dataFolder } from '../../electron/data-folder.ts'
import { nodeDisk } from '../../electron/disk.ts'
import { encodeEntry, type Entry } from '../../electron/entries.ts'
import { encodeHeader, encodeRecords, VERSION } from '../../electron/records.ts'
import { thinned } from '../../electron/snapshot-files.ts'
import { FaultyDisk } from '../support/fault-ports.ts'
import {
  closeConversations,
  OPENED,
  temporaryFolder,
  testBridge,
  testConversations,
} from '../support/test-bridge.ts'

afterEach(closeConversations)

const say = (node: number, text: string, parent: number | null = node - 1 || null): Entry => ({
  type: 'user',
  node,
  parent,
  text,
  time: node * 1000,
  aside: false,
})

async function started(conversations: Conversations, text: string): Promise<string> {
  const id = conversations.newId()
  await conversations.add(id, [OPENED, say(1, text)])
  return id
}

const texts = async (conversations: Conversations, id: string) =>
  (await conversations.openConversation(id)).transcript.nodes.map(({ text }) => text)

describe('conversations', () => {
  test('are listed newest first, titled by what was said first, and the list is rebuilt when it is lost', async () => {
    const folder = temporaryFolder()
    const conversations = await testConversations(folder)
    const first = await started(conversations, '  What is\n  a tide?')
    const second = await started(conversations, 'word '.repeat(40))
    await conversations.add(first, [say(2, 'later'), say(3, 'latest')])
    await conversations.add(second, [{ type: 'title', title: 'Words' }])
    const list = await conversations.list()
    expect(list).toMatchObject([
      { id: first, title: 'What is a tide?', messages: 3, updated: 3000 },
      { id: second, title: 'Words', messages: 1 },
    ])
    expect(await (await testConversations(folder)).list()).toEqual(list)
    for (const note of ['', '{', '[{}]', 'null']) {
      writeFileSync(join(folder, 'list.json'), note)
      expect(await (await testConversations(folder)).list()).toEqual(list)
    }
  })

  test('a list reads no journal that has not changed', async () => {
    const folder = temporaryFolder()
    const conversations = await testConversations(folder)
    for (let i = 0; i < 5; i++) await started(conversations, `message ${i}`)
    await conversations.list()
    const read = vi.spyOn(nodeDisk, 'read')
    const again = await testConversations(folder)
    expect(await again.list()).toHaveLength(5)
    expect(read.mock.calls.filter(([path]) => path.endsWith('.journal'))).toEqual([])
    read.mockRestore()
  })

  test('one that was made in the same tick as the list was noted is in it after a restart', async () => {
    const folder = temporaryFolder()
    const conversations = await testConversations(folder)
    const journals = join(folder, 'conversations')
    await conversations.closeConversation(await started(conversations, 'first'))
    utimesSync(journals, 1000, 1000)
    await conversations.list()
    await conversations.closeConversation(await started(conversations, 'second'))
    utimesSync(journals, 1000, 1000)
    const titles = (await (await testConversations(folder)).list()).map(({ title }) => title)
    expect(titles.toSorted()).toEqual(['first', 'second'])
  })

  test('one is written by one program at a time; a program that died holds nothing', async () => {
    const folder = temporaryFolder()
    const conversations = await testConversations(folder)
    const id = await started(conversations, 'Hello')
    await conversations.closeConversation(id)
    const lock = join(folder, 'conversations', `${id}.lock`)
    // The parent of this process is another program that runs.
    writeFileSync(lock, `${process.ppid}\n`)
    expect((await conversations.openConversation(id)).readOnly).toBe(
      'it is open in another window or program',
    )
    await expect(conversations.add(id, [say(2, 'more')])).rejects.toThrow('another window')
    await expect(conversations.remove(id)).rejects.toThrow('another window')
    expect(readFileSync(lock, 'utf8')).toBe(`${process.ppid}\n`)
    await conversations.closeConversation(id)
    for (const gone of ['999999999\n', String(process.ppid), '', `${process.pid}\n`]) {
      writeFileSync(lock, gone)
      expect((await conversations.openConversation(id)).readOnly).toBe('')
      await conversations.closeConversation(id)
      expect(readdirSync(join(folder, 'conversations'))).toEqual([`${id}.journal`])
    }
  })

  test('deleted, taken back, deleted for good', async () => {
    const folder = temporaryFolder()
    const conversations = await testConversations(folder)
    const id = await started(conversations, 'Hello')
    await conversations.saveSnapshot(id, 1, Uint8Array.of(1))
    await conversations.remove(id)
    expect(await conversations.list()).toEqual([])
    await expect(conversations.openConversation(id)).rejects.toThrow('There is no such chat.')
    await conversations.takeBack(id)
    expect(await texts(conversations, id)).toEqual(['Hello'])
    await conversations.remove(id)
    await testConversations(folder)
    expect(readdirSync(join(folder, 'trash'))).toHaveLength(1)
    vi.useFakeTimers({ now: Date.now() + 2 * 3600_000, toFake: ['Date'] })
    await testConversations(folder)
    vi.useRealTimers()
    expect(readdirSync(join(folder, 'trash'))).toEqual([])
    expect(readdirSync(join(folder, 'snapshots'))).toEqual([])
    await expect(conversations.takeBack(id)).rejects.toThrow('The chat is gone for good.')
  })

  test('entries that do not fit are refused whole, and the next ones are taken', async () => {
    const conversations = await testConversations()
    const id = await started(conversations, 'Hello')
    await expect(conversations.add(id, [say(2, 'kept?'), say(9, 'no', 8)])).rejects.toThrow('no place')
    await expect(conversations.add(conversations.newId(), [say(1, 'x')])).rejects.toThrow('no such')
    await Promise.all([conversations.add(id, [say(2, 'two')]), conversations.add(id, [say(3, 'three')])])
    expect(await texts(conversations, id)).toEqual(['Hello', 'two', 'three'])
  })

  test('a reply of many pieces is written anew, shorter, when it is closed', async () => {
    const folder = temporaryFolder()
    const conversations = await testConversations(folder)
    const id = await started(conversations, 'Hello')
    await conversations.add(id, [{ type: 'reply', node: 2, parent: 1, time: 1 }])
    for (let i = 0; i < 250; i++) await conversations.add(id, [{ type: 'text', node: 2, text: `${i} ` }])
    const before = (await conversations.openConversation(id)).transcript
    const path = join(folder, 'conversations', `${id}.journal`)
    const size = readFileSync(path).length
    await conversations.closeConversation(id)
    expect(readFileSync(path).length).toBeLessThan(size / 2)
    expect((await conversations.openConversation(id)).transcript).toEqual(before)
  })

  test('a newer journal is shown as far as it is understood, and left alone', async () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'conversations'))
    const records = [OPENED, say(1, 'from the future')].map(encodeEntry)
    const future = { type: 99, payload: new Uint8Array(3) }
    const bytes = Buffer.concat([encodeHeader(VERSION + 1), encodeRecords([...records, future], 0)])
    const id = '20991231-235959-abcdef'
    const path = join(folder, 'conversations', `${id}.journal`)
    writeFileSync(path, bytes)
    const conversations = await testConversations(folder)
    expect(await conversations.list()).toMatchObject([{ id, title: 'from the future' }])
    const opened = await conversations.openConversation(id)
    expect(opened.readOnly).toBe('it was written by a newer version of Plateau')
    await expect(conversations.add(id, [say(2, 'no')])).rejects.toThrow('newer version')
    await conversations.close()
    expect(readFileSync(path)).toEqual(bytes)
  })
})

describe('snapshots', () => {
  test('the longest unused go first when there is no room, and what is gone is empty', async () => {
    const conversations = await testConversations()
    const id = conversations.newId()
    await conversations.setSnapshotLimit(2500)
    for (const node of [2, 4]) await conversations.saveSnapshot(id, node, new Uint8Array(1000).fill(node))
    await new Promise((resolve) => setTimeout(resolve, 5))
    // Used now, by a clock that is ahead of the disk's.
    await conversations.loadSnapshot(id, 2)
    await conversations.saveSnapshot(id, 6, new Uint8Array(1000).fill(6))
    expect((await conversations.listSnapshots(id)).sort()).toEqual([2, 6])
    expect(await conversations.loadSnapshot(id, 4)).toEqual(new Uint8Array())
    expect((await conversations.storage()).snapshotBytes).toBe(2000)
  })

  test('the last 20 stay, older ones thin out; what stays, stays until its distance doubles', () => {
    const kept: number[] = []
    for (let node = 2; node <= 2000; node += 2) {
      kept.push(node)
      for (const gone of thinned(kept)) kept.splice(kept.indexOf(gone), 1)
    }
    expect(kept.slice(-20)).toEqual(Array.from({ length: 20 }, (_, i) => 1962 + 2 * i))
    expect(kept.length).toBeLessThan(120)
    const gaps = kept.slice(1).map((node, i) => (node - kept[i]!) / 2)
    expect(Math.max(...gaps)).toBeLessThan(500)
  })
})

describe.each(['once', 'dead', 'full'] as const)(
  'the N-th operation of the disk fails (%s), for every N',
  (fault) => {
    test('nothing crashes, and every message that was acknowledged is there afterwards', async () => {
      let failAt = 1
      for (let failed = true; failed; failAt++) {
        const folder = temporaryFolder()
        const disk = new FaultyDisk(nodeDisk, failAt, fault)
        const acknowledged: string[] = []
        const ids = await script(folder, disk, acknowledged)
        failed = disk.failures > 0
        const after = await testConversations(folder)
        const listed = (await after.list()).map(({ id }) => id)
        const found: string[] = []
        for (const id of ids) if (listed.includes(id)) found.push(...(await texts(after, id)))
        for (const text of acknowledged) expect(found, `operation ${failAt}`).toContain(text)
        for (const id of listed) await after.add(id, [say(50, 'goes on', null)])
        await after.close()
      }
      expect(failAt).toBeGreaterThan(60)
    })
  },
)

/** What a user does in two conversations; the texts that were acknowledged and not deleted. */
async function script(folder: string, disk: FaultyDisk, acknowledged: string[]): Promise<string[]> {
  const attempt = async (work: () => Promise<unknown>, text?: string) => {
    try {
      await work()
      if (text !== undefined) acknowledged.push(text)
    } catch (error) {
      // In words, not a bug of ours.
      expect(error).not.toBeInstanceOf(TypeError)
    }
  }
  const ids: string[] = []
  await attempt(async () => {
    const conversations = await testConversations(folder, disk)
    for (const name of ['a', 'b']) {
      const id = conversations.newId()
      ids.push(id)
      await attempt(() => conversations.add(id, [OPENED, say(1, `${name}1`)]), `${name}1`)
      await attempt(() => conversations.add(id, [say(2, `${name}2`)]), `${name}2`)
      await attempt(() => conversations.saveSnapshot(id, 2, new Uint8Array(500)))
      await attempt(() => conversations.loadSnapshot(id, 2))
      await attempt(() => conversations.closeConversation(id))
      await attempt(() => conversations.list())
      await attempt(() => conversations.openConversation(id))
      await attempt(() => conversations.add(id, [say(3, `${name}3`)]), `${name}3`)
    }
    await attempt(() => conversations.setSnapshotLimit(100))
    const [first = ''] = ids
    await attempt(() => conversations.remove(first))
    await attempt(() => conversations.close())
    // Deleted half-way counts as deleted: what is in the trash can be taken back.
    const kept = acknowledged.filter((text) => !text.startsWith('a'))
    acknowledged.splice(0, acknowledged.length, ...kept)
  })
  return ids
}

describe('the bridge', () => {
  test.each([
    ['openConversation', undefined],
    ['openConversation', { id: '../../etc/passwd' }],
    ['openConversation', { id: '20260101-000000-abcdef/../x' }],
    ['openConversation', { id: ['20260101-000000-abcdef'] }],
    ['addEntries', { id: '20260101-000000-abcdef', entries: 'all' }],
    ['addEntries', { id: '20260101-000000-abcdef', entries: [{ type: 'user' }] }],
    ['addEntries', { id: '20260101-000000-abcdef', entries: Array(1001).fill(OPENED) }],
    ['addEntries', { id: '__proto__', entries: [OPENED] }],
    ['saveSnapshot', { id: '20260101-000000-abcdef', node: 1, bytes: 'AAAA' }],
    ['saveSnapshot', { id: '20260101-000000-abcdef', node: -1, bytes: new Uint8Array(1) }],
    ['saveSnapshot', { id: '../x', node: 1, bytes: new Uint8Array(1) }],
    ['loadSnapshot', { id: '../x', node: 1 }],
    ['deleteConversation', { id: '' }],
    ['undeleteConversation', { id: '../..' }],
    ['setSnapshotLimit', { bytes: Infinity }],
  ] as const)(
    '%s(%j) is refused in a sentence and touches nothing',
    async (method: BridgeMethod, argument) => {
      const folder = temporaryFolder()
      const { bridge } = await testBridge({ version: '', shell: 'browser', webgpu: '' }, folder)
      const before = readdirSync(folder, { recursive: true })
      const outcome = await callBridge(bridge, method, argument)
      expect(outcome).toEqual({ refusal: expect.stringMatching(/^[A-Z].*\.$/) as string })
      expect(readdirSync(folder, { recursive: true })).toEqual(before)
    },
  )

  test('a full disk is named', async () => {
    const folder = temporaryFolder()
    const { bridge, conversations } = await testBridge({ version: '', shell: 'browser', webgpu: '' }, folder)
    const id = conversations.newId()
    vi.spyOn(nodeDisk, 'open').mockRejectedValue(Object.assign(new Error('no'), { code: 'ENOSPC' }))
    const outcome = await callBridge(bridge, 'addEntries', { id, entries: [OPENED] })
    vi.restoreAllMocks()
    expect(outcome).toEqual({ refusal: 'The disk is full.' })
    rmSync(folder, { recursive: true })
  })
})

test('the data folder is where each system keeps such things', () => {
  vi.stubEnv('HOME', '/home/mira')
  expect(dataFolder('linux', {})).toBe('/home/mira/.local/share/plateau')
  expect(dataFolder('linux', { XDG_DATA_HOME: '/data' })).toBe('/data/plateau')
  expect(dataFolder('darwin', {})).toBe('/home/mira/Library/Application Support/Plateau')
  expect(dataFolder('win32', { LOCALAPPDATA: '/local' })).toBe('/local/Plateau')
  vi.unstubAllEnvs()
})
