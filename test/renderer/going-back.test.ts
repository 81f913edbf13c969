import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { branchMap } from '../../renderer/state/branch-map.ts'
import { openWindow, replyOf, shown } from '../support/kept-window.ts'
import { closeConversations, temporaryFolder } from '../support/test-bridge.ts'

afterEach(closeConversations)

const said = (...texts: string[]) => texts.flatMap((text) => [text, `You said ${text}. Good.`])

async function told(folder: string, ...texts: string[]) {
  const window = await openWindow(folder)
  const positions: number[] = []
  for (const text of texts) {
    await window.chat.send(text)
    positions.push(window.chat.current.memory?.position ?? 0)
  }
  const position = () => window.chat.current.memory?.position
  /** What another window shows of it. */
  const next = async () => {
    await window.chat.current.close()
    const other = await openWindow(folder)
    await other.chat.open(window.chat.current.keeping.id ?? '')
    return other
  }
  return { ...window, positions, position, next }
}

describe('undo', () => {
  test('takes the last exchange back: its text is in the box, its memory gone, its branch kept', async () => {
    const { chat, positions, position, next } = await told(temporaryFolder(), 'one', 'two')
    await chat.undo()
    expect(shown(chat)).toEqual(said('one'))
    expect(chat.draft).toBe('two')
    await expect.poll(position).toBe(positions[0])
    chat.draft = 'more'
    await chat.undo()
    expect(chat.draft).toBe('one\n\nmore')
    expect(shown(chat)).toEqual([])
    await chat.undo()
    expect(chat.draft).toBe('one\n\nmore')
    const other = await next()
    expect(shown(other.chat)).toEqual([])
    await other.chat.current.show(1)
    expect(shown(other.chat)).toEqual(said('one', 'two'))
  })
})

describe('an aside', () => {
  test('is answered from the same memory, which is afterwards as before', async () => {
    const folder = temporaryFolder()
    const { chat, engine, positions, position, next } = await told(folder, 'one')
    await chat.send('what is my name?', true)
    expect(shown(chat)).toEqual(said('one', 'what is my name?'))
    expect(position()).toBe(positions[0])
    const beside = engine.opened.at(-1)
    expect(beside?.requests.map(({ message }) => message)).toEqual(['what is my name?'])
    expect(beside?.closed).toBe(true)
    await chat.send('two')
    expect(engine.opened[0]?.requests.map(({ message }) => message)).toEqual(['one', 'two'])

    const other = await next()
    expect(shown(other.chat)).toEqual(said('one', 'what is my name?', 'two'))
    expect(other.chat.current.entries.map(({ aside }) => aside)).toEqual([
      false,
      false,
      true,
      true,
      false,
      false,
    ])
    expect(other.chat.current.restored?.tokens).toBe(0)
    expect(other.chat.current.memory?.position).toBe(position())
    // It has no versions, and undo passes it over.
    await other.chat.undo()
    expect(shown(other.chat)).toEqual(said('one', 'what is my name?'))
    expect(other.chat.draft).toBe('two')
  })

  test('can be the first thing that is asked', async () => {
    const folder = temporaryFolder()
    const { chat, next } = await told(folder)
    await chat.send('aside', true)
    await chat.send('one')
    const other = await next()
    expect(shown(other.chat)).toEqual(said('aside', 'one'))
  })
})

describe('forget', () => {
  test('takes a question and all after it out of text, memory and disk; undone before that, nothing is', async () => {
    const folder = temporaryFolder()
    const { chat, positions, position, next, conversations } = await told(folder, 'one', 'secret', 'three')
    await chat.current.forget(replyOf(chat, 2))
    expect(shown(chat)).toEqual(said('one'))
    expect(position()).toBe(positions[0])
    await chat.current.remember()
    expect(shown(chat)).toEqual(said('one', 'secret', 'three'))
    expect(position()).toBe(positions[2])

    await chat.current.forget(replyOf(chat, 2))
    await chat.send('four')
    const id = chat.current.keeping.id ?? ''
    await expect.poll(() => conversations.listSnapshots(id)).toHaveLength(2)
    expect(await conversations.search('four')).toHaveLength(1)
    const other = await next()
    expect(shown(other.chat)).toEqual(said('one', 'four'))
    await other.chat.current.close()
    expect(await conversations.search('secret')).toEqual([])
    for (const name of [join('conversations', `${id}.journal`), 'texts.json', 'list.json'])
      expect(tryRead(join(folder, name))).not.toContain('secret')
  })

  test('and a crash after it leaves a chat that takes what is said next', async () => {
    const folder = temporaryFolder()
    const { chat } = await told(folder, 'one', 'secret')
    await chat.current.forget(replyOf(chat, 2))
    await chat.current.keeping.forgetNow()
    // Nothing is closed, so nothing is written anew.
    const id = chat.current.keeping.id ?? ''
    const other = await openWindow(folder)
    await other.chat.open(id)
    await other.chat.send('four')
    expect(other.chat.current.keeping.problem).toBe('')
    await other.chat.current.close()
    const third = await openWindow(folder)
    await third.chat.open(id)
    expect(shown(third.chat)).toEqual(said('one', 'four'))
  })

  test('is final when the window goes, in the chat that was left for a new one too', async () => {
    const { chat, conversations } = await told(temporaryFolder(), 'one', 'secret')
    await chat.current.forget(replyOf(chat, 2))
    const { keeping } = chat.current
    chat.startNew()
    chat.forgetNow()
    expect(keeping.forgotten).toBeNull()
    const texts = async () => {
      const { transcript } = await conversations.openConversation(keeping.id ?? '')
      return transcript.nodes.map(({ text }) => text)
    }
    await expect.poll(texts).toEqual(said('one'))
  })

  test('of an aside leaves the conversation as it is', async () => {
    const { chat, position, positions, next } = await told(temporaryFolder(), 'one')
    await chat.send('aside', true)
    await chat.current.forget(replyOf(chat, 2))
    expect(shown(chat)).toEqual(said('one'))
    expect(position()).toBe(positions[0])
    const other = await next()
    expect(shown(other.chat)).toEqual(said('one'))
  })
})

function tryRead(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

describe('going back', () => {
  test('to an answer stands exactly there; what followed is one step away on the map', async () => {
    const { chat, positions, position } = await told(temporaryFolder(), 'one', 'two', 'three')
    await chat.current.goBack(replyOf(chat, 1).node ?? 0)
    expect(shown(chat)).toEqual(said('one'))
    expect(position()).toBe(positions[0])
    expect(chat.current.restored?.tokens).toBe(0)
    await chat.send('zwei')
    await chat.send('aside', true)
    const rows = branchMap(chat.current.keeping.nodes)
    expect(rows.map(({ asked, lane, from }) => [asked, lane, from])).toEqual([
      ['one', 0, null],
      ['two', 0, 0],
      ['three', 0, 1],
      ['zwei', 1, 0],
    ])
    await chat.current.goBack(rows[2]?.node ?? 0)
    expect(shown(chat)).toEqual(said('one', 'two', 'three'))
    expect(position()).toBe(positions[2])
  })
})

describe('on a slow disk', () => {
  const later = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

  async function slow(...texts: string[]) {
    const window = await told(temporaryFolder(), ...texts)
    const { bridge } = window
    const addEntries = bridge.addEntries.bind(bridge)
    bridge.addEntries = async (argument) => {
      await later(60)
      await addEntries(argument)
    }
    return window
  }

  test('nothing is asked while it goes back, and the next question is asked of that branch', async () => {
    const { chat, engine, positions } = await slow('one', 'two')
    await chat.edit(replyOf(chat, 2), 'a much longer second question')
    const going = chat.current.show(3)
    await later(10)
    expect(chat.current.editable).toBe(false)
    await chat.send('too early')
    await chat.current.idle()
    expect(chat.current.editable).toBe(true)
    await going
    expect(shown(chat)).toEqual(said('one', 'two'))
    await chat.send('next')
    expect(shown(chat)).toEqual(said('one', 'two', 'next'))
    const answering = engine.opened.find(({ requests }) => requests.at(-1)?.message === 'next')
    expect(answering?.requests).toHaveLength(1)
    // As many tokens behind the second turn as that has itself.
    expect(answering?.position).toBe(2 * (positions[1] ?? 0) - (positions[0] ?? 0))
  })

  test('asked for twice at once, there is one more answer', async () => {
    const { chat } = await slow('one')
    const again = chat.regenerate(replyOf(chat, 1))
    await later(30)
    await Promise.all([again, chat.regenerate(replyOf(chat, 1))])
    expect(chat.current.keeping.repliesTo(1)).toHaveLength(2)
    expect(shown(chat)).toEqual(said('one'))
  })

  test('nothing is asked while it forgets', async () => {
    const { chat } = await slow('one', 'two')
    const forgetting = chat.current.forget(replyOf(chat, 2))
    await later(10)
    await chat.send('too early')
    await forgetting
    await chat.send('next')
    expect(shown(chat)).toEqual(said('one', 'next'))
    expect(chat.current.keeping.nodes.map(({ text }) => text)).not.toContain('too early')
  })
})

describe('a temporary chat', () => {
  test('goes back and branches like any other, and nothing of it is written', async () => {
    const { chat, conversations, bridge } = await told(temporaryFolder())
    chat.startNew(true)
    for (const text of ['one', 'two']) await chat.send(text)
    await chat.edit(replyOf(chat, 2), 'zwei')
    expect(shown(chat)).toEqual(said('one', 'zwei'))
    expect(chat.current.restored?.tokens).toBe(0)
    expect(await conversations.list()).toEqual([])
    expect(await bridge.storage()).toMatchObject({ snapshotBytes: 0, journalBytes: 0 })
    chat.startNew()
    await chat.send('kept')
    expect(await conversations.list()).toHaveLength(1)
  })
})
