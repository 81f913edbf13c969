import { expect, test } from 'vitest'
import { pagesOfText } from '../../engine/documents/paging.ts'
import { Incoming } from '../../renderer/chat/incoming.ts'
import { SAMPLE_DOCUMENTS } from '../../renderer/chat/sample-documents.ts'
import { Intake } from '../../renderer/documents/intake.svelte.ts'
import type { Chat } from '../../renderer/state/chat.svelte.ts'
import { openWindow, showWindow, shown } from '../support/kept-window.ts'
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
  const incoming = incomingOf(chat)
  await incoming.add([new File(['no chat'], 'a.chat'), new File(['none'], 'b.chat')])
  expect(incoming.problems).toEqual(
    ['a', 'b'].map((name) => `${name}.chat: The file is no chat that Plateau saved.`),
  )
  // Said once: beside the box, and not in the list too.
  expect(chat.conversations?.problem).toBe('')
  expect([list().length, chat.current.entries.length]).toEqual([0, 0])
  await incoming.add([new File(['no chat'], 'c.chat')])
  expect(incoming.problems).toEqual(['c.chat: The file is no chat that Plateau saved.'])
})

test('a chat that can only be looked at reads no document, and says so; a chat in a file is opened in its place', async () => {
  const { bridge, claims, chat } = await openWindow(temporaryFolder())
  await chat.send('first')
  const { id } = chat.current.keeping
  const file = await chat.conversations?.export(id ?? '')
  if (!file) throw new Error('nothing was exported')
  const second = showWindow(bridge, claims).chat
  await second.open(id ?? '')
  const incoming = incomingOf(second)
  await incoming.add([new File(['Some words.'], 'a.txt')])
  expect(incoming.problems).toEqual(['Nothing can be added here: it is open in another window.'])
  expect(incoming.pending).toBe(false)
  expect(shown(second)).toEqual(['first', 'You said first. Good.'])

  const locked = second.current
  await incoming.add([new File([file.bytes.slice()], 'Holiday.chat')])
  expect(incoming.problems).toEqual([])
  expect(second.current.keeping.id).not.toBe(id)
  expect([second.current.readOnly, shown(second)]).toEqual(['', ['first', 'You said first. Good.']])
  expect(second.conversations?.list).toHaveLength(2)
  incoming.follow(locked)
  incoming.problems = ['what it said of it']
  incoming.follow(second.current)
  expect(incoming.problems).toEqual([])
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
