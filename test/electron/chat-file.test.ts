import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { decodeChat, encodeChat } from '../../electron/chat-file.ts'
import { type Conversations } from '../../electron/conversations.ts'
import { encodeEntry, type Entry } from '../../electron/entries.ts'
import { encodeHeader, encodeRecords, VERSION } from '../../electron/records.ts'
import { readChatFile, writeChatFile } from '../../bin/chat-file.ts'
import { seeded } from '../support/numerics.ts'
import { closeConversations, OPENED, temporaryFolder, testConversations } from '../support/test-bridge.ts'

afterEach(closeConversations)

const MEMORY = { position: 9, tokens: 'ab', stateBytes: 3 }
const TOLD: readonly Entry[] = [
  OPENED,
  { type: 'user', node: 1, parent: null, text: 'Hello', time: 1, aside: false },
  { type: 'reply', node: 2, parent: 1, time: 2 },
  { type: 'text', node: 2, text: 'Good morning.' },
  { type: 'end', node: 2, reason: 'stop', memory: MEMORY },
  { type: 'user', node: 3, parent: null, text: 'Hallo', time: 3, aside: false },
  { type: 'head', node: 2 },
  { type: 'title', title: 'A morning' },
]
/** Several of these make an answer that is longer than any may be. */
const LONG: Entry = { type: 'text', node: 2, text: 'x'.repeat(7 << 20) }
const STATE = Uint8Array.of(1, 2, 3)

async function told(conversations: Conversations): Promise<string> {
  const id = conversations.newId()
  await conversations.add(id, TOLD)
  await conversations.saveSnapshot(id, 2, STATE)
  return id
}

const file = (entries: readonly Entry[], version = 1) =>
  Buffer.concat([encodeHeader(version), encodeRecords(entries.map(encodeEntry), 0)])

describe('a conversation as a file', () => {
  test('exported, deleted and imported elsewhere it is the same, with its memory and its branches', async () => {
    const here = await testConversations()
    const id = await told(here)
    const { transcript } = await here.openConversation(id)
    const bytes = await here.export(id)
    await here.remove(id)
    const there = await testConversations()
    const { id: other, note } = await there.import(bytes)
    expect(note).toBe('')
    expect((await there.openConversation(other)).transcript).toEqual(transcript)
    expect(await there.loadSnapshot(other, 2)).toEqual(STATE)
    expect(await there.list()).toMatchObject([{ id: other, title: 'A morning', messages: 3 }])
    // It goes on.
    await there.add(other, [{ type: 'user', node: 4, parent: 2, text: 'More', time: 9, aside: false }])
    await expect(here.export(id)).rejects.toThrow('There is no such chat.')
  })

  test('is the one that the terminal saves and restores', async () => {
    const conversations = await testConversations()
    const path = join(temporaryFolder(), 'a.chat')
    const bytes = await conversations.export(await told(conversations))
    const decoded = decodeChat(bytes)!
    await writeChatFile(path, decoded.builder, decoded.snapshot!)
    expect(new Uint8Array(readFileSync(path))).toEqual(bytes)
    expect([...((await readChatFile(path)).snapshot ?? [])]).toEqual([...STATE])
  })

  test('without a saved memory, or while it is written to, it is whole', async () => {
    const conversations = await testConversations()
    const id = conversations.newId()
    await conversations.add(id, TOLD.slice(0, 4))
    const decoded = decodeChat(await conversations.export(id))
    expect(decoded).toMatchObject({ whole: true, snapshot: null })
    expect(decoded?.builder.transcript.nodes.map(({ text }) => text)).toEqual(['Hello', 'Good morning.'])
  })
})

describe('a file from anywhere', () => {
  test.each([
    ['nothing', new Uint8Array()],
    ['a text', new TextEncoder().encode('PLATEAU JOURNAL of my summer')],
    ['a journal without a word', file([])],
    ['messages without a beginning', file(TOLD.slice(1))],
    [
      'a message with a number that nothing comes after',
      file([OPENED, { type: 'user', node: 2 ** 52, parent: null, text: '', time: 1, aside: false }]),
    ],
    [
      'pieces of an answer that together are no answer',
      file([...TOLD.slice(0, 3), ...Array.from({ length: 5 }, () => LONG)]),
    ],
  ])('%s is refused in one sentence, and nothing is written', async (_, bytes) => {
    const conversations = await testConversations()
    await expect(conversations.import(bytes)).rejects.toThrow('The file is no chat that Plateau saved.')
    expect(await conversations.list()).toEqual([])
  })

  test('cut off, damaged or newer, it is taken as far as it can be read, and that is said', async () => {
    const conversations = await testConversations()
    const whole = encodeChat(decodeChat(file(TOLD))!.builder, STATE)
    for (const bytes of [
      whole.subarray(0, -7),
      Buffer.concat([whole, Buffer.from('x')]),
      file(TOLD, VERSION + 1),
    ]) {
      const { id, note } = await conversations.import(bytes)
      expect(note).toBe('Not all of the file could be read: what could is here.')
      const { transcript, readOnly } = await conversations.openConversation(id)
      expect(transcript.nodes.map(({ text }) => text)).toEqual(['Hello', 'Good morning.', 'Hallo'])
      expect(readOnly).toBe('')
    }
  })

  test('changed anywhere it is refused or read, and never breaks what is there', async () => {
    const conversations = await testConversations()
    const mine = await told(conversations)
    const before = await conversations.export(mine)
    const whole = encodeChat(decodeChat(file(TOLD))!.builder, STATE)
    const random = seeded(5)
    for (let i = 0; i < 60; i++) {
      const bytes = whole.slice(0, random() < 0.3 ? Math.floor(random() * whole.length) : whole.length)
      for (let flips = 0; flips < 3; flips++)
        bytes[Math.floor(random() * bytes.length)]! ^= 1 << Math.floor(random() * 8)
      await conversations.import(bytes).catch((error: unknown) => {
        expect(String(error)).toBe('Refusal: The file is no chat that Plateau saved.')
      })
    }
    expect(await conversations.export(mine)).toEqual(before)
  })
})
