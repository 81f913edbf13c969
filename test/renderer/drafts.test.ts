import { expect, test } from 'vitest'
import { Chat } from '../../renderer/state/chat.svelte.ts'
import { Drafts, type DraftStore, type HastyStore } from '../../renderer/state/drafts.ts'
import { testClaims } from '../support/kept-window.ts'
import { ScriptedEngine } from '../support/scripted-engine.ts'
import { temporaryFolder, testBridge } from '../support/test-bridge.ts'

const INFO = { version: '', shell: 'browser', webgpu: '' } as const

async function openChats() {
  const { bridge } = await testBridge(INFO, temporaryFolder())
  const kept = new Map<string, string>()
  const store: DraftStore = {
    load: (key) => Promise.resolve(kept.get(key)),
    save: (key, text) => {
      if (text === '') kept.delete(key)
      else kept.set(key, text)
      return Promise.resolve()
    },
  }
  const options = { attention: 'nha', window: null, system: '' } as const
  let system = ''
  const open = async () => {
    const engine = new ScriptedEngine({ answer: () => ({ text: 'Good.' }) })
    const chat = new Chat({
      engine: () => Promise.resolve(engine),
      options: () => ({ ...options, system }),
      request: () => ({ sampling: {}, maxNewTokens: 100 }),
      bridge,
      claims: testClaims(),
      drafts: new Drafts(store),
    })
    await chat.recallDraft()
    return chat
  }
  return { open, kept, bridge, setSystem: (text: string) => (system = text) }
}

test('each chat has a draft of its own, and it is there after a restart', async () => {
  const { open, kept } = await openChats()
  const chat = await open()
  await chat.send('first')
  const id = chat.current.keeping.id ?? ''
  chat.draft = 'half a question'
  chat.startNew()
  expect(chat.draft).toBe('')
  chat.draft = 'another thing'
  await expect.poll(() => Object.fromEntries(kept)).toEqual({ [id]: 'half a question', new: 'another thing' })
  await chat.previous?.close()

  const again = await open()
  expect(again.draft).toBe('another thing')
  await again.open(id)
  await expect.poll(() => again.draft).toBe('half a question')
})

test('what was begun in a new chat is in the box of the next one, until it is sent', async () => {
  const { open } = await openChats()
  const chat = await open()
  await chat.send('first')
  const id = chat.current.keeping.id ?? ''
  chat.startNew()
  chat.draft = 'not yet'
  await chat.open(id)
  await expect.poll(() => chat.draft).toBe('')
  chat.startNew()
  await expect.poll(() => chat.draft).toBe('not yet')
  chat.startNew(true)
  expect(chat.draft).toBe('')
  await chat.open(id)
  await chat.remove(id)
  await expect.poll(() => chat.draft).toBe('not yet')
  chat.draft = ''
  await chat.send('not yet')
  chat.startNew()
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(chat.draft).toBe('')
})

test('what was sent, or whose chat is deleted, does not come back', async () => {
  const { open, kept } = await openChats()
  const chat = await open()
  chat.draft = 'hello'
  await expect.poll(() => kept.get('new')).toBe('hello')
  // As the box does it: emptied, then sent; and typed on while it is answered.
  chat.draft = ''
  await chat.send('hello')
  chat.draft = 'and then'
  const id = chat.current.keeping.id ?? ''
  await expect.poll(() => Object.fromEntries(kept)).toEqual({ [id]: 'and then' })
  await chat.remove(id)
  await expect.poll(() => kept.size).toBe(0)
  expect(chat.draft).toBe('')
})

test('a chat whose deletion is undone has its draft again; where it cannot be deleted, it never went', async () => {
  const { open, kept, bridge } = await openChats()
  const chat = await open()
  await chat.send('first')
  const id = chat.current.keeping.id ?? ''
  chat.draft = 'half a question'
  await chat.remove(id)
  await expect.poll(() => kept.size).toBe(0)
  await chat.undelete()
  await expect.poll(() => chat.draft).toBe('half a question')
  await expect.poll(() => Object.fromEntries(kept)).toEqual({ [id]: 'half a question' })

  // Not on screen: it is in the box when the chat is opened.
  chat.startNew()
  await chat.send('second')
  await chat.remove(id)
  await expect.poll(() => kept.size).toBe(0)
  await chat.undelete()
  expect(chat.draft).toBe('')
  await chat.open(id)
  await expect.poll(() => chat.draft).toBe('half a question')

  bridge.deleteConversation = () => Promise.reject(new Error('The disk is full.'))
  await chat.remove(id)
  expect(chat.conversations?.problem).toBe('The disk is full.')
  await new Promise((resolve) => setTimeout(resolve, 400))
  expect(Object.fromEntries(kept)).toEqual({ [id]: 'half a question' })
})

test('a chat that is on screen and cannot be deleted stays there, and the reason is said', async () => {
  const { open, bridge } = await openChats()
  const chat = await open()
  await chat.send('first')
  const id = chat.current.keeping.id ?? ''
  chat.draft = 'half a question'
  bridge.deleteConversation = () => Promise.reject(new Error('The disk is full.'))
  await chat.remove(id)
  expect(chat.current.keeping.id).toBe(id)
  expect(chat.current.entries).toHaveLength(2)
  expect(chat.conversations?.problem).toBe('The disk is full.')
  await expect.poll(() => chat.draft).toBe('half a question')
})

test('typed before a document begins the chat, it is that chat’s, and not the next one’s', async () => {
  const { open, kept } = await openChats()
  const chat = await open()
  chat.draft = 'What is it about?'
  await chat.read({ name: 'letter.txt', text: 'Dear Anna, the boat is sold.' })
  const id = chat.current.keeping.id ?? ''
  expect(chat.draft).toBe('What is it about?')
  await expect.poll(() => Object.fromEntries(kept)).toEqual({ [id]: 'What is it about?' })
  chat.startNew()
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(chat.draft).toBe('')
})

test('a new chat that is begun while a document is read has taken the draft, and keeps it', async () => {
  const { open, kept } = await openChats()
  const chat = await open()
  chat.draft = 'What is it about?'
  const { keeping } = chat.current
  const reading = chat.read({ name: 'letter.txt', text: 'Dear Anna, the boat is sold. '.repeat(10_000) })
  await expect.poll(() => keeping.id, { interval: 1 }).not.toBeNull()
  chat.startNew()
  await expect.poll(() => chat.draft).toBe('What is it about?')
  await reading
  await new Promise((resolve) => setTimeout(resolve, 400))
  expect(Object.fromEntries(kept)).toEqual({ new: 'What is it about?' })
})

test('typed between the sending and the first word written down, it moves with the chat', async () => {
  const { open, kept } = await openChats()
  const chat = await open()
  const sent = chat.send('hello')
  chat.draft = 'early'
  await sent
  chat.draft = 'early bird'
  const id = chat.current.keeping.id ?? ''
  await expect.poll(() => Object.fromEntries(kept)).toEqual({ [id]: 'early bird' })
})

test('other options begin another chat, and the draft stays in the box; a temporary chat keeps none', async () => {
  const { open, kept, setSystem } = await openChats()
  const chat = await open()
  chat.draft = 'not yet'
  setSystem('Be brief.')
  chat.applyOptions()
  expect(chat.current.options.system).toBe('Be brief.')
  expect(chat.draft).toBe('not yet')
  await expect.poll(() => Object.fromEntries(kept)).toEqual({ new: 'not yet' })
  chat.startNew(true)
  chat.draft = 'a secret'
  await new Promise((resolve) => setTimeout(resolve, 400))
  expect(Object.fromEntries(kept)).toEqual({ new: 'not yet' })
})

test('a window that is left writes down what was typed last at once', async () => {
  const saved: string[] = []
  const drafts = new Drafts({
    load: () => Promise.resolve(''),
    save: (key, text) => Promise.resolve(void saved.push(`${key}: ${text}`)),
  })
  drafts.keep(null, 'hal')
  drafts.keep(null, 'half')
  drafts.keep('a', 'other')
  expect(saved).toEqual([])
  drafts.flush()
  expect(saved).toEqual(['new: half', 'a: other'])
  drafts.flush()
  await new Promise((resolve) => setTimeout(resolve, 400))
  expect(saved).toHaveLength(2)
})

test('a window that goes before its database has begun leaves its draft to the next one', async () => {
  const left = new Map<string, string>()
  const hasty = hastyIn(left)
  const never = new Promise<never>(() => undefined)
  const gone = new Drafts({ load: () => never, save: () => never }, hasty)
  gone.keep(null, 'Not sent')
  gone.keep('a', 'half')
  gone.keep(null, 'Not sent yet')
  expect(left.size).toBe(1)

  const kept = new Map<string, string>([['a', 'older']])
  const store = {
    load: (key: string) => Promise.resolve(kept.get(key)),
    save: (key: string, text: string) => Promise.resolve(void kept.set(key, text)),
  }
  const next = new Drafts(store, hasty)
  expect([await next.of(null), await next.of('a')]).toEqual(['Not sent yet', 'half'])
  await expect.poll(() => left.size).toBe(0)

  // What somebody else wrote there, and a store that refuses, take nothing along.
  left.set('plateau-drafts', '{"new":7,')
  expect(await new Drafts(store, hasty).of(null)).toBe('Not sent yet')
  expect(left.size).toBe(0)
  const full = new Drafts(store, { ...hasty, setItem: () => fail() })
  full.keep(null, 'more')
  full.flush()
  await expect.poll(() => kept.get('new')).toBe('more')
})

test('what a window left in a hurry is read before the disk has it, and is on the disk then', async () => {
  const kept = new Map([['new', 'old']])
  let written = (): void => undefined
  const disk = new Promise<void>((resolve) => (written = resolve))
  const store: DraftStore = {
    load: (key) => Promise.resolve(kept.get(key)),
    save: (key, text) => disk.then(() => void kept.set(key, text)),
  }
  const left = new Map([['plateau-drafts', '{"new":"not sent yet"}']])
  const hasty = hastyIn(left)
  const drafts = new Drafts(store, hasty)
  expect(await drafts.of(null)).toBe('not sent yet')
  expect(left.size).toBe(1)
  written()
  await expect.poll(() => left.size).toBe(0)
  expect(kept.get('new')).toBe('not sent yet')
  expect(await drafts.of(null)).toBe('not sent yet')
})

/** As `localStorage`, over what `left` holds. */
function hastyIn(left: Map<string, string>): HastyStore {
  return {
    getItem: (key) => left.get(key) ?? null,
    setItem: (key, text) => void left.set(key, text),
    removeItem: (key) => void left.delete(key),
  }
}

function fail(): never {
  throw new DOMException('full', 'QuotaExceededError')
}
