import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { nodeDisk } from '../../electron/disk.ts'
import { FaultyDisk } from '../support/fault-ports.ts'
import { OPENED, temporaryFolder, testConversations } from '../support/test-bridge.ts'

const LATER = 2 * 3600_000

test('a trash that cannot be emptied is left for another time: the conversations open', async () => {
  const folder = temporaryFolder()
  const conversations = await testConversations(folder)
  const id = conversations.newId()
  await conversations.add(id, [OPENED])
  await conversations.arrangement.change({ type: 'pin', chat: id, before: null })
  await conversations.remove(id)
  await conversations.close()
  const trash = () => readdirSync(join(folder, 'trash'))
  const later = (disk = nodeDisk) => testConversations(folder, disk, () => Date.now() + LATER)

  // What is dropped from the arrangement takes room to write, and there is none.
  const full = new FaultyDisk(nodeDisk, Infinity, 'full')
  full.failIn(4)
  await later(full)
  expect(full.failures).toBeGreaterThan(0)
  expect(trash()).toEqual([`${id}.journal`])
  expect((await conversations.arrangement.read()).pinned).toEqual([id])

  // Any one operation but those that make the folders.
  for (let failAt = 3; ; failAt++) {
    const once = new FaultyDisk(nodeDisk, failAt, 'once')
    await later(once)
    if (trash().length === 0) break
    expect(once.failures).toBe(1)
  }
  await later()
  expect(trash()).toEqual([])
  expect((await conversations.arrangement.read()).pinned).toEqual([])
})
