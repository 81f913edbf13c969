import { appendFileSync, existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { type Conversations } from '../../electron/conversations.ts'
import { encodeEntry, type Entry } from '../../electron/entries.ts'
import { encodeRecords } from '../../electron/records.ts'
import { closeConversations, OPENED, temporaryFolder, testConversations } from '../support/test-bridge.ts'

afterEach(closeConversations)

const say = (node: number, text: string): Entry => ({
  type: 'user',
  node,
  parent: node - 1 || null,
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

describe('a conversation', () => {
  test('that is opened while it is being closed is opened after that, and keeps what is said then', async () => {
    const folder = temporaryFolder()
    const conversations = await testConversations(folder)
    const id = await started(conversations, 'Hello')
    await conversations.add(id, [say(2, 'a secret')])
    // It is written anew when it is closed.
    await conversations.add(id, [{ type: 'forget', node: 2 }])
    const closing = conversations.closeConversation(id)
    const { transcript } = await conversations.openConversation(id)
    expect(transcript.nodes).toHaveLength(1)
    await closing
    expect(existsSync(join(folder, 'conversations', `${id}.lock`))).toBe(true)
    await conversations.add(id, [say(2, 'more')])
    await conversations.closeConversation(id)
    expect(await texts(conversations, id)).toEqual(['Hello', 'more'])
  })

  test('takes what is said while it is being closed', async () => {
    const folder = temporaryFolder()
    const conversations = await testConversations(folder)
    const id = await started(conversations, 'Hello')
    const adding = conversations.add(id, [say(2, 'two')])
    const closing = conversations.closeConversation(id)
    await Promise.all([adding, closing, conversations.add(id, [say(3, 'three')])])
    expect(await texts(await testConversations(folder), id)).toEqual(['Hello', 'two', 'three'])
  })

  test('that is renamed is free again at once, unless it is open', async () => {
    const folder = temporaryFolder()
    const conversations = await testConversations(folder)
    const lock = (id: string) => join(folder, 'conversations', `${id}.lock`)
    const title = (text: string): Entry => ({ type: 'title', title: text })
    const [closed, open] = [await started(conversations, 'One'), await started(conversations, 'Two')]
    await conversations.closeConversation(closed)
    await Promise.all([conversations.add(closed, [title('A')]), conversations.add(closed, [title('B')])])
    await conversations.add(open, [title('C')])
    expect([existsSync(lock(closed)), existsSync(lock(open))]).toEqual([false, true])
    expect((await conversations.list()).map((each) => each.title).toSorted()).toEqual(['B', 'C'])
    await Promise.all([conversations.add(closed, [title('D')]), conversations.openConversation(closed)])
    expect(existsSync(lock(closed))).toBe(true)
    await expect(conversations.add('20260101-000000-abcdef', [title('E')])).rejects.toThrow('no such chat')
    expect(existsSync(lock('20260101-000000-abcdef'))).toBe(false)
  })

  test('that another program has let go of can be renamed', async () => {
    const folder = temporaryFolder()
    const conversations = await testConversations(folder)
    const id = await started(conversations, 'Hello')
    await conversations.closeConversation(id)
    const lock = join(folder, 'conversations', `${id}.lock`)
    writeFileSync(lock, `${process.ppid}\n`)
    const rename = () => conversations.add(id, [{ type: 'title', title: 'Named' }])
    await expect(rename()).rejects.toThrow('another window')
    // What the other program says meanwhile is there as well.
    const path = join(folder, 'conversations', `${id}.journal`)
    appendFileSync(path, encodeRecords([encodeEntry(say(2, 'theirs'))], 2))
    rmSync(lock)
    await rename()
    expect(await conversations.list()).toMatchObject([{ title: 'Named' }])
    expect(await texts(conversations, id)).toEqual(['Hello', 'theirs'])
  })
})
