import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { nodeDisk } from '../../electron/disk.ts'
import { EngineError } from '../../engine/errors.ts'
import { formatWhen } from '../../renderer/state/when.ts'
import { openWindow, replyOf, shown } from '../support/kept-window.ts'
import { ScriptedConversation } from '../support/scripted-engine.ts'
import { closeConversations, temporaryFolder } from '../support/test-bridge.ts'

afterEach(async () => {
  vi.restoreAllMocks()
  await closeConversations()
})

describe('the window', () => {
  test('keeps a conversation, and the next window shows its text at once and restores its memory', async () => {
    const folder = temporaryFolder()
    const first = await openWindow(folder)
    await first.chat.send('hello')
    await first.chat.send('more')
    const { memory } = first.chat.current
    expect(first.list()).toMatchObject([{ title: 'hello', messages: 4 }])
    await first.chat.current.close()

    const next = await openWindow(folder)
    const asked = [
      vi.spyOn(next.bridge, 'openConversation'),
      vi.spyOn(next.bridge, 'loadSnapshot'),
      vi.spyOn(next.engine, 'restore'),
      vi.spyOn(next.bridge, 'listSnapshots'),
      vi.spyOn(ScriptedConversation.prototype, 'rehear'),
    ]
    const opening = next.chat.open(next.list()[0]?.id ?? '')
    await vi.waitFor(() => expect(shown(next.chat)).toHaveLength(4))
    await opening
    expect(shown(next.chat)).toEqual(['hello', 'You said hello. Good.', 'more', 'You said more. Good.'])
    expect(next.chat.current.memory).toEqual(memory)
    expect(next.chat.current.restored).toMatchObject({ tokens: 0 })
    // How quickly each answer came as well.
    const paces = ({ chat }: typeof first) =>
      [1, 2].map((turn) => [replyOf(chat, turn).reading, replyOf(chat, turn).writing])
    expect(paces(next)).toEqual(paces(first))
    expect(paces(next)[1]).toMatchObject([{ tokens: 7 }, { tokens: 4 }])
    // The text, the state at its end, and nothing else.
    expect(asked.map(({ mock }) => mock.calls.length)).toEqual([1, 1, 1, 0, 0])
    await next.chat.send('again')
    expect(next.list()).toMatchObject([{ messages: 6 }])
  })

  test('reads the text again where there is no saved memory', async () => {
    const folder = temporaryFolder()
    const first = await openWindow(folder)
    await first.chat.send('hello')
    await first.chat.current.close()
    rmSync(join(folder, 'snapshots'), { recursive: true })
    const next = await openWindow(folder)
    await next.chat.open(next.list()[0]?.id ?? '')
    expect(next.chat.current.restored?.tokens).toBeGreaterThan(0)
    expect(next.chat.current.memory?.position).toBe(next.chat.current.restored?.tokens)
  })

  test('a memory that cannot be taken up again is closed', async () => {
    const folder = temporaryFolder()
    const first = await openWindow(folder)
    await first.chat.send('hello')
    await first.chat.current.close()
    rmSync(join(folder, 'snapshots'), { recursive: true })
    const next = await openWindow(folder)
    vi.spyOn(ScriptedConversation.prototype, 'rehear').mockImplementation(() => {
      throw new EngineError({ code: 'chat-too-large', wantedBytes: 2, mostBytes: 1 })
    })
    const close = vi.spyOn(ScriptedConversation.prototype, 'close')
    await next.chat.open(next.list()[0]?.id ?? '')
    await vi.waitFor(() => expect(close).toHaveBeenCalledTimes(1))
  })

  test('writes a message down before the first token, and an answer that broke off as far as it got', async () => {
    const folder = temporaryFolder()
    const { chat, conversations, engine } = await openWindow(folder)
    const generate = vi.spyOn(engine, 'open')
    await chat.prepare()
    expect(generate).toHaveBeenCalledTimes(1)
    expect(await conversations.list()).toEqual([])
    await chat.send('hello')
    engine.lose({ code: 'device-lost', reason: 'unknown', message: 'gone' })
    await chat.send('broken')
    const id = chat.current.keeping.id ?? ''
    const { nodes } = (await conversations.openConversation(id)).transcript
    expect(nodes.map(({ text, end }) => [text, end])).toEqual([
      ['hello', null],
      ['You said hello. Good.', 'stop'],
      ['broken', null],
      ['', 'failed'],
    ])
    // Asked again, it stands in the place of the question that failed.
    await chat.retry()
    const again = (await conversations.openConversation(id)).transcript.nodes.slice(-2)
    expect(again.map(({ parent }) => parent)).toEqual([2, 5])
  })

  test('edits, answers again and goes between the branches; the next window stands where this one stood', async () => {
    const folder = temporaryFolder()
    const { chat, conversations } = await openWindow(folder)
    for (const text of ['one', 'two', 'three']) await chat.send(text)
    const after = (turns: number) => replyOf(chat, turns)
    const positions = chat.current.trail.map(({ position }) => position)
    const first = after(2).node
    await chat.edit(after(2), 'zwei')
    expect(shown(chat)).toEqual(['one', 'You said one. Good.', 'zwei', 'You said zwei. Good.'])
    // From the memory after the first turn: nothing of the other branch is in it.
    expect(chat.current.memory?.position).toBe(positions[1])
    await chat.regenerate(after(2))
    const { nodes } = (await conversations.openConversation(chat.current.keeping.id ?? '')).transcript
    const zwei = nodes.find(({ text }) => text === 'zwei')?.node
    expect(nodes.filter(({ parent }) => parent === zwei)).toHaveLength(2)
    await chat.current.show(first ?? 0)
    expect(shown(chat).filter((_, i) => i % 2 === 0)).toEqual(['one', 'two', 'three'])
    expect(chat.current.memory?.position).toBe(positions[2])
    expect(chat.current.restored).toMatchObject({ tokens: 0 })
    await chat.current.close()
    const next = await openWindow(folder)
    await next.chat.open(next.list()[0]?.id ?? '')
    expect(shown(next.chat).filter((_, i) => i % 2 === 0)).toEqual(['one', 'two', 'three'])
  })

  test('renames, deletes and takes back; deleting what is shown leaves a new chat', async () => {
    const { chat, list } = await openWindow(temporaryFolder())
    await chat.send('one')
    chat.startNew()
    await chat.send('two')
    expect(list().map(({ title }) => title)).toEqual(['two', 'one'])
    const [two, one] = list().map(({ id }) => id)
    await chat.conversations?.rename(one ?? '', '  Number one ')
    expect(list().map(({ title }) => title)).toEqual(['two', 'Number one'])
    await chat.remove(two ?? '')
    expect(list().map(({ title }) => title)).toEqual(['Number one'])
    expect(chat.current.entries).toEqual([])
    expect(chat.conversations?.deleted?.title).toBe('two')
    // It was on screen, and is again.
    await chat.undelete()
    expect(list().map(({ title }) => title)).toEqual(['two', 'Number one'])
    expect(shown(chat)).toEqual(['two', 'You said two. Good.'])

    // What was begun since is not left for it.
    await chat.remove(two ?? '')
    await chat.send('three')
    await chat.undelete()
    expect(list()).toHaveLength(3)
    expect(shown(chat)).toEqual(['three', 'You said three. Good.'])
    // Nor is what was on screen all the time.
    await chat.remove(one ?? '')
    chat.startNew()
    await chat.undelete()
    expect(chat.current.entries).toEqual([])
  })

  test('goes on when the disk is full, says so, and keeps all of it later', async () => {
    const { chat, conversations } = await openWindow(temporaryFolder())
    await chat.send('one')
    const full = vi.spyOn(nodeDisk, 'open')
    full.mockRejectedValue(Object.assign(new Error('no space left'), { code: 'ENOSPC' }))
    await conversations.closeConversation(chat.current.keeping.id ?? '')
    await chat.send('two')
    expect(chat.current.last).toMatchObject({ text: 'You said two. Good.' })
    expect(chat.current.keeping.problem).toContain('no space left')
    full.mockRestore()
    await chat.send('three')
    expect(chat.current.keeping.problem).toBe('')
    const { nodes } = (await conversations.openConversation(chat.current.keeping.id ?? '')).transcript
    expect(nodes.filter(({ kind }) => kind === 'user').map(({ text }) => text)).toEqual([
      'one',
      'two',
      'three',
    ])
    expect(nodes.filter(({ kind }) => kind === 'reply').every(({ end }) => end === 'stop')).toBe(true)
  })

  test('what cannot be opened is a sentence, and what is shown stays', async () => {
    const { chat } = await openWindow(temporaryFolder())
    await chat.send('one')
    await chat.open('20260101-000000-abcdef')
    expect(chat.conversations?.problem).toBe('There is no such chat.')
    expect(shown(chat)).toEqual(['one', 'You said one. Good.'])
  })
})

test('when something was is said as short as it can be', () => {
  const now = new Date(2026, 10, 21, 12).getTime()
  const at = (...date: [number, number, number, number]) => formatWhen(new Date(...date).getTime(), now)
  expect(at(2026, 10, 21, 9)).toMatch(/9/)
  expect(at(2026, 10, 20, 9)).toBe('Yesterday')
  expect(at(2026, 2, 3, 9)).not.toContain('2026')
  expect(at(2024, 2, 3, 9)).toContain('2024')
})
