import { expect, test } from 'vitest'
import { pagesOfText } from '../../engine/documents/paging.ts'
import { Incoming } from '../../renderer/chat/incoming.ts'
import { SAMPLE_DOCUMENTS } from '../../renderer/chat/sample-documents.ts'
import { Intake } from '../../renderer/documents/intake.svelte.ts'
import type { Chat } from '../../renderer/state/chat.svelte.ts'
import { openWindow, shown } from '../support/kept-window.ts'
import { temporaryFolder } from '../support/test-bridge.ts'

const intake = () =>
  new Intake(({ name, bytes }) => {
    const text = new TextDecoder().decode(bytes)
    return Promise.resolve({ name, kind: 'txt', text, pages: pagesOfText(text), chapters: [], notes: [] })
  })

const incomingOf = (chat: Chat) => new Incoming(chat, (document) => chat.read(document), intake())

test('a chat that is dropped on the window becomes a chat, and is opened', async () => {
  const { chat, list } = await openWindow(temporaryFolder())
  await chat.send('first')
  const { id } = chat.current.keeping
  const file = await chat.conversations?.export(id ?? '')
  if (!file) throw new Error('nothing was exported')
  chat.startNew()
  await incomingOf(chat).add([new File([file.bytes.slice()], 'Holiday.CHAT')])
  expect(list()).toHaveLength(2)
  expect(chat.current.keeping.id).not.toBe(id)
  expect(shown(chat)).toEqual(['first', 'You said first. Good.'])
})

test('dropped with a document, it is imported, and the document is read into the chat on screen', async () => {
  const { chat, list } = await openWindow(temporaryFolder())
  await chat.send('first')
  const { id } = chat.current.keeping
  const file = await chat.conversations?.export(id ?? '')
  if (!file) throw new Error('nothing was exported')
  const text = new File(['Some words.'], 'a.txt')
  await incomingOf(chat).add([new File([file.bytes.slice()], 'Holiday.chat'), text])
  expect(list()).toHaveLength(2)
  expect(chat.current.keeping.id).toBe(id)
  expect(shown(chat)).toContain('Read a.txt')
})

test('a file that only bears the name is refused, and nothing is read', async () => {
  const { chat, list } = await openWindow(temporaryFolder())
  await incomingOf(chat).add([new File(['no chat'], 'a.chat')])
  expect(chat.conversations?.problem).toBe('The file is no chat that Plateau saved.')
  expect([list().length, chat.current.entries.length]).toEqual([0, 0])
})

test('each sample is read, and its question stands in the box', async () => {
  for (const sample of SAMPLE_DOCUMENTS) {
    const { chat } = await openWindow(temporaryFolder())
    await incomingOf(chat).readSample(sample)
    expect(shown(chat)[0]).toBe(`Read ${sample.file}`)
    expect(chat.draft).toBe(sample.question)
    expect(sample.text.length).toBeGreaterThan(1000)
  }
})
