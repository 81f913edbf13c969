import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { ArrangementChange } from '../../electron/arrangement.ts'
import { callBridge } from '../../electron/bridge-calls.ts'
import { nodeDisk } from '../../electron/disk.ts'
import { FaultyDisk } from '../support/fault-ports.ts'
import {
  closeConversations,
  OPENED,
  temporaryFolder,
  testBridge,
  testConversations,
} from '../support/test-bridge.ts'

afterEach(closeConversations)

const INFO = { version: '', shell: 'browser', webgpu: '' } as const
const NOTHING = { pinned: [], folders: [], moved: [] }
const PLACE = { place: 5.5, since: 3 }

const SCRIPT: readonly ArrangementChange[] = [
  { type: 'pin', chat: 'a', before: null },
  { type: 'pin', chat: 'b', before: 'a' },
  { type: 'new-folder', name: 'Work', open: true, chats: ['c'], before: null },
  { type: 'file', chat: 'd', folder: 1, before: 'c' },
  { type: 'free', chat: 'e', place: PLACE },
  { type: 'new-folder', name: 'Home', open: true, chats: [], before: null },
  { type: 'move-folder', folder: 2, before: 1 },
  { type: 'open-folder', folder: 2, open: false },
  { type: 'rename-folder', folder: 1, name: 'Office' },
  { type: 'file', chat: 'a', folder: 2, before: null },
]
const AFTER = {
  pinned: ['b'],
  folders: [
    { id: 2, name: 'Home', open: false, chats: ['a'] },
    { id: 1, name: 'Office', open: true, chats: ['d', 'c'] },
  ],
  moved: [{ id: 'e', ...PLACE }],
}

describe('the arrangement of the list', () => {
  test('is kept step by step: a chat is in one place, a folder that goes leaves its chats', async () => {
    const folder = temporaryFolder()
    const { bridge } = await testBridge(INFO, folder)
    expect(await bridge.arrangement()).toEqual(NOTHING)
    for (const change of SCRIPT) await bridge.arrange({ change })
    expect(await (await testConversations(folder)).arrangement.read()).toEqual(AFTER)
    await bridge.arrange({ change: { type: 'remove-folder', folder: 1 } })
    await bridge.arrange({ change: { type: 'free', chat: 'b', place: null } })
    const last = await bridge.arrange({ change: { type: 'free', chat: 'e', place: null } })
    expect(last).toEqual({ pinned: [], folders: AFTER.folders.slice(0, 1), moved: [] })
  })

  test('two programs change it: neither undoes the other', async () => {
    const folder = temporaryFolder()
    const [one, two] = [await testConversations(folder), await testConversations(folder)]
    for (const [i, change] of SCRIPT.entries()) await (i % 2 ? one : two).arrangement.change(change)
    expect(await one.arrangement.read()).toEqual(AFTER)
    const both = Array.from({ length: 20 }, (_, i) =>
      one.arrangement.change({ type: 'pin', chat: `p${i}`, before: null }),
    )
    await Promise.all(both)
    expect((await two.arrangement.read()).pinned).toHaveLength(21)
  })

  test('a chat that is deleted and taken back stands where it stood; one that is gone for good is dropped', async () => {
    const folder = temporaryFolder()
    const conversations = await testConversations(folder)
    const id = conversations.newId()
    await conversations.add(id, [OPENED])
    await conversations.arrangement.change({ type: 'pin', chat: id, before: null })
    await conversations.remove(id)
    await conversations.takeBack(id)
    expect((await conversations.arrangement.read()).pinned).toEqual([id])
    await conversations.remove(id)
    vi.useFakeTimers({ now: Date.now() + 2 * 3600_000, toFake: ['Date'] })
    const later = await testConversations(folder)
    vi.useRealTimers()
    expect(await later.arrangement.read()).toEqual(NOTHING)
  })

  test('what is no arrangement arranges nothing, and the parts that are, stay', async () => {
    const folder = temporaryFolder()
    const { arrangement } = await testConversations(folder)
    for (const text of ['', '{', 'null', '[1]', '{"pinned":3,"folders":[{"id":"x"}],"moved":[{"id":7}]}']) {
      writeFileSync(join(folder, 'arrangement.json'), text)
      expect(await arrangement.read()).toEqual(NOTHING)
    }
    writeFileSync(join(folder, 'arrangement.json'), '{"pinned":["a","a"],"folders":[null]}')
    expect(await arrangement.read()).toEqual({ ...NOTHING, pinned: ['a'] })
  })

  test('any operation of the disk may fail: the file is the one before or the one after', async () => {
    let failAt = 1
    for (let failed = true; failed; failAt++) {
      const folder = temporaryFolder()
      await (await testConversations(folder)).arrangement.change(SCRIPT[0]!)
      const disk = new FaultyDisk(nodeDisk, failAt, 'dead')
      const conversations = await testConversations(folder, disk).catch(() => null)
      const done = await conversations?.arrangement.change(SCRIPT[1]!).catch(() => null)
      failed = disk.failures > 0
      const { pinned } = await (await testConversations(folder)).arrangement.read()
      expect(done ? [['b', 'a']] : [['a'], ['b', 'a']]).toContainEqual(pinned)
    }
    expect(failAt).toBeGreaterThan(6)
  })

  test.each([
    undefined,
    { change: null },
    { change: { type: 'burn' } },
    { change: { type: 'pin', chat: '../x', before: null } },
    { change: { type: 'pin', chat: 'a' } },
    { change: { type: 'file', chat: 'a', folder: '1', before: null } },
    { change: { type: 'file', chat: 'a', folder: 9, before: null } },
    { change: { type: 'free', chat: 'a', place: { place: 'top', since: 0 } } },
    { change: { type: 'new-folder', name: ' ', open: true, chats: [], before: null } },
    { change: { type: 'new-folder', name: 'x'.repeat(201), open: true, chats: [], before: null } },
    { change: { type: 'new-folder', name: 'x', open: true, chats: [1], before: null } },
    { change: { type: 'new-folder', name: 'x', open: 1, chats: [], before: null } },
    { change: { type: 'new-folder', name: 'x', open: true, chats: [], before: '1' } },
    { change: { type: 'remove-folder', folder: 3 } },
    { change: { type: 'move-folder', folder: NaN, before: null } },
    { change: { type: 'open-folder', folder: 1, open: 1 } },
  ])('%j is refused in a sentence and touches nothing', async (argument) => {
    const folder = temporaryFolder()
    const { bridge } = await testBridge(INFO, folder)
    const before = readdirSync(folder, { recursive: true })
    const outcome = await callBridge(bridge, 'arrange', argument)
    expect(outcome).toEqual({ refusal: expect.stringMatching(/^[A-Z].*\.$/) as string })
    expect(readdirSync(folder, { recursive: true })).toEqual(before)
  })

  test('what was never arranged leaves no file, and what changes nothing writes none', async () => {
    const folder = temporaryFolder()
    const { arrangement } = await testConversations(folder)
    await arrangement.change({ type: 'free', chat: 'a', place: null })
    expect(readdirSync(folder)).not.toContain('arrangement.json')
    await arrangement.change(SCRIPT[0]!)
    const text = readFileSync(join(folder, 'arrangement.json'), 'utf8')
    await arrangement.change(SCRIPT[0]!)
    expect(readFileSync(join(folder, 'arrangement.json'), 'utf8')).toBe(text)
  })
})
