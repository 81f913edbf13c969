import { expect, test } from 'vitest'
import type { DocumentMemory } from '../../electron/document-bridge.ts'
import type { DocumentNote } from '../../engine/documents/notes.ts'
import { sayNote } from '../../renderer/documents/note-words.ts'
import { Shown } from '../../renderer/documents/shown.svelte.ts'
import { beginnings } from '../../renderer/documents/words.ts'
import type { Chat } from '../../renderer/state/chat.svelte.ts'
import { openWindow } from '../support/kept-window.ts'
import { temporaryFolder } from '../support/test-bridge.ts'

const NOTES: readonly DocumentNote[] = [{ code: 'hidden', count: 2 }]
const PAGES = ['The rain fell.\f', 'The code of the gate is 4821.\f', 'It was quiet.\f', 'The end.\f']
const DOCUMENT = {
  name: 'a.pdf',
  text: PAGES.join(''),
  chapters: [
    { title: 'One', start: 0 },
    { title: 'Two', start: PAGES.slice(0, 2).join('').length },
  ],
  notes: NOTES,
}

/** What the panel shows of the first document of a chat. */
function panelOf(chat: Chat) {
  const [entry] = chat.current.entries
  if (entry?.kind !== 'user' || !entry.document) throw new Error('no document there')
  const shown = new Shown()
  shown.show(entry.document)
  return { ...shown.document, notes: shown.notes }
}

const SAID = ['Left out: 2 pieces of text that are hidden.']

test('what was read of a document is the same after a restart: text, tokens, what was left out', async () => {
  const folder = temporaryFolder()
  const first = await openWindow(folder)
  await first.chat.read(DOCUMENT)
  const before = panelOf(first.chat)
  expect(before).toMatchObject({ name: 'a.pdf', text: DOCUMENT.text, notes: SAID })
  expect(before.tokens).toBe(first.chat.current.memory?.position)
  await first.chat.current.close()
  const second = await openWindow(folder)
  await second.chat.open(second.list()[0]?.id ?? '')
  expect(panelOf(second.chat)).toEqual(before)
  // Another chat that begins with it, and one that begins in the middle.
  await second.chat.documents?.refresh()
  const [memory] = second.chat.documents?.list ?? []
  expect(memory).toMatchObject({
    chapters: [
      { title: 'One', page: 2 },
      { title: 'Two', page: 4 },
    ],
    notes: SAID,
  })
  await second.chat.begin(memory as DocumentMemory)
  expect(panelOf(second.chat)).toEqual(before)
  await second.chat.begin(memory as DocumentMemory, 2)
  const half = panelOf(second.chat)
  expect(half).toMatchObject({ text: PAGES.slice(0, 2).join(''), notes: SAID })
  expect(half.tokens).toBe(second.chat.current.memory?.position)
  expect(half.tokens).toBeLessThan(before.tokens ?? 0)
})

test('what is read before the model has opened the empty chat is in its memory', async () => {
  const { chat, engine } = await openWindow(temporaryFolder())
  const open = engine.open.bind(engine)
  let prepared: Promise<void> | undefined
  // The window opens it once the model is there, and the document is on its way.
  engine.open = (options) => {
    prepared ??= chat.prepare()
    return open(options)
  }
  await chat.read(DOCUMENT)
  await prepared
  expect(chat.current.memory?.position).toBe(panelOf(chat).tokens)
  await chat.send('What is the code of the gate?')
  expect(chat.current.memory?.position).toBeGreaterThan(panelOf(chat).tokens ?? Infinity)
})

test('a second document of a chat has its own tokens; in a temporary chat too', async () => {
  const { chat } = await openWindow(temporaryFolder())
  chat.startNew(true)
  await chat.read({ name: 'a.txt', text: 'The rain fell on the wall.' })
  const before = chat.current.memory?.position ?? 0
  await chat.read({ ...DOCUMENT, chapters: [] })
  const documents = chat.current.entries.flatMap((entry) =>
    entry.kind === 'user' ? (entry.document ?? []) : [],
  )
  expect(documents.map(({ tokens }) => tokens)).toEqual([
    before,
    (chat.current.memory?.position ?? 0) - before,
  ])
  expect(documents.map(({ notes }) => notes)).toEqual([undefined, SAID])
})

test('a saved memory of another document is thrown away, and the document is read again', async () => {
  const folder = temporaryFolder()
  const first = await openWindow(folder)
  await first.chat.read({ ...DOCUMENT, chapters: [] })
  const straight = first.chat.current.memory
  first.chat.startNew(false)
  await first.chat.read({
    name: 'b.txt',
    text: 'Nobody said a word. Nobody said another. It was as long as that.',
  })
  await first.chat.current.close()
  const { conversations } = first
  const [other, own] = (await conversations.list()).map(({ id }) => id)
  await conversations.saveSnapshot(own ?? '', 1, await conversations.loadSnapshot(other ?? '', 1))
  const second = await openWindow(folder)
  await second.chat.open(own ?? '')
  expect(second.chat.current.memory).toEqual(straight)
  expect(second.chat.current.restored?.tokens).toBe(straight?.position)
})

test('a chat can begin after each chapter whose end is saved, and after other pages', () => {
  const memory = {
    ...{ name: 'a', file: 'a', pages: 9, characters: 9, model: 'tiny', tokens: 1, stateBytes: 1 },
    options: { attention: 'nha', window: null, system: '' },
    saved: [2, 4, 6, 9],
  } as const
  expect(beginnings(memory)).toEqual({ chapters: [], pages: [6, 4, 2] })
  const chapters = ['One', 'Two', 'Three', 'Four'].map((title, i) => ({ title, page: [2, 5, 6, 9][i] ?? 0 }))
  expect(beginnings({ ...memory, chapters })).toEqual({ chapters: [chapters[2], chapters[0]], pages: [4] })
})

test('every note is one sentence in the window', () => {
  const notes: readonly DocumentNote[] = [
    { code: 'misnamed', extension: 'pdf', kind: 'docx' },
    { code: 'hidden', count: 1 },
    { code: 'behind-pictures', count: 1200 },
    { code: 'no-text', pages: Array.from({ length: 30 }, (_, i) => i + 1) },
    { code: 'damaged', pages: [3] },
    { code: 'missing', chapters: ['a.xhtml'] },
    { code: 'windows-1252' },
    { code: 'unreadable', count: 3 },
  ]
  expect(notes.map(sayNote)).toEqual([
    'The name ends in .pdf, and the file is docx: it was read as that.',
    'Left out: 1 piece of text that is hidden.',
    'Read though it is not drawn: the text behind 1,200 pictures, as scans have it.',
    'No text, perhaps pictures, on pages: 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 20 more.',
    'Damaged, and left out, are pages: 3.',
    'Not in the file, though it names them as chapters: a.xhtml.',
    'The file is not UTF-8: it was read as Windows-1252.',
    '3 characters are damaged, and stand as �.',
  ])
})

test('what each of several documents answers is spoken once, when it has ended, under its name', async () => {
  const { chat, engine } = await openWindow(temporaryFolder())
  for (const name of ['a.txt', 'b.txt']) {
    await chat.read({ name, text: `The code of the gate in ${name} is 4821.` })
    chat.startNew()
  }
  await chat.documents?.refresh()
  const { askEach, documents } = chat
  if (!askEach || !documents) throw new Error('no documents there')
  const spoken = () => askEach.spoken.sentences.map(({ text }) => text)
  /** what was spoken when an answer had begun */
  const during: string[][] = []
  const open = engine.open.bind(engine)
  engine.open = async (options) => {
    const conversation = await open(options)
    const generate = conversation.generate.bind(conversation)
    conversation.generate = async function* (request, signal) {
      for await (const event of generate(request, signal)) {
        yield event
        if (event.type === 'delta') during.push(spoken())
      }
    }
    return conversation
  }
  await askEach.ask('Hello', documents.list)
  const [first, second] = askEach.answers.map(({ document, reply }) => [document.name, reply.text] as const)
  expect(first).toEqual(['a.txt', 'You said Hello. Good.'])
  const of = (name = '') => [name, 'You said Hello.', 'Good.']
  expect(spoken()).toEqual([...of(first?.[0]), ...of(second?.[0])])
  expect(during.every((then) => then.length % 3 === 0)).toBe(true)
  expect(during[0]).toEqual([])
})

test('a long answer of a document is spoken from its name to its last line', async () => {
  const { chat } = await openWindow(temporaryFolder())
  await chat.read({ name: 'a.txt', text: 'The rain fell.' })
  await chat.documents?.refresh()
  const { askEach, documents } = chat
  if (!askEach || !documents) throw new Error('no documents there')
  const lines = Array.from({ length: 40 }, (_, i) => `item ${i + 1}`)
  await askEach.ask(lines.join('\n'), documents.list)
  const spoken = () => askEach.spoken.sentences.map(({ text }) => text)
  expect(spoken()).toEqual(['a.txt', 'You said item 1', ...lines.slice(1, -1), 'item 40.', 'Good.'])
  // What comes after it takes its place.
  await askEach.ask('Hello', documents.list)
  expect(spoken()).toHaveLength(30)
  expect(spoken().slice(-4)).toEqual(['Good.', 'a.txt', 'You said Hello.', 'Good.'])
})
