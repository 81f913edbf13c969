import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { type Conversations } from '../../electron/conversations.ts'
import { type Entry } from '../../electron/entries.ts'
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
})
