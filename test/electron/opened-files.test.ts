import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { chatFilesIn, showChatFile } from '../../electron/opened-files.ts'
import { Errands } from '../../electron/server/errands.ts'
import { OPENED, temporaryFolder, testConversations } from '../support/test-bridge.ts'

describe('the chat files among the arguments of a start', () => {
  test.each([
    [['/home/a/One.chat'], ['/home/a/One.chat']],
    [
      ['two.CHAT', 'b/../c.chat'],
      ['/work/two.CHAT', '/work/c.chat'],
    ],
    [['file:///home/a/b%20c.chat'], ['/home/a/b c.chat']],
    [['--user-data-dir=/tmp/a.chat', '-x.chat', '.', '/app', '--inspect'], []],
    [
      ['https://attacker.example/a.chat', 'smb://attacker.example/a.chat', 'file://attacker.example/a.chat'],
      [],
    ],
    [['file:///home/a%2fb.chat', 'file://%/a.chat'], []],
    [['/home/a/One.chat.exe', '/home/a/chat', ''], []],
  ])('%j', (args, files) => {
    expect(chatFilesIn(args, '/work')).toEqual(files)
  })
})

test('one that is opened becomes a conversation, which the window is to show', async () => {
  const folder = temporaryFolder()
  const conversations = await testConversations()
  const id = conversations.newId()
  await conversations.add(id, [OPENED, { type: 'title', title: 'Harbour' }])
  const path = join(folder, 'a.chat')
  writeFileSync(path, await conversations.export(id))
  const errands = new Errands()
  await showChatFile(path, conversations, errands)
  const errand = await errands.next(1, '')
  expect(errand).toMatchObject({ type: 'show' })
  const titles = (await conversations.list()).map(({ title }) => title)
  expect(titles).toEqual(['Harbour', 'Harbour'])
  expect(errand).not.toMatchObject({ conversation: id })
})

test('one that is none is refused in one sentence that names it', async () => {
  const folder = temporaryFolder()
  const conversations = await testConversations()
  const errands = new Errands()
  writeFileSync(join(folder, 'a.chat'), 'MZ')
  mkdirSync(join(folder, 'b.chat'))
  for (const name of ['a', 'b', 'c']) await showChatFile(join(folder, `${name}.chat`), conversations, errands)
  const sentences = []
  for (let i = 0; i < 3; i++) sentences.push(await errands.next(1, ''))
  expect(sentences).toEqual([
    { type: 'refuse', sentence: expect.stringMatching(/^a\.chat: .*\.$/) as string },
    { type: 'refuse', sentence: 'b.chat: That is no file.' },
    { type: 'refuse', sentence: 'c.chat: The file cannot be read.' },
  ])
  expect(await conversations.list()).toEqual([])
})
