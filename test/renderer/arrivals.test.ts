import { describe, expect, test } from 'vitest'
import { pagesOfText } from '../../engine/documents/paging.ts'
import { DocumentError } from '../../engine/documents/failure.ts'
import { Arrivals } from '../../renderer/documents/arrivals.svelte.ts'
import { Intake } from '../../renderer/documents/intake.svelte.ts'
import { Chat } from '../../renderer/state/chat.svelte.ts'
import { ScriptedEngine } from '../support/scripted-engine.ts'

const NHA = { attention: 'nha', window: null, system: '' } as const

const later = () => new Promise<void>((resolve) => setTimeout(resolve, 5))

function file(name: string): File {
  return new File([`The text of ${name}.`], name)
}

/** A chat, files on their way into it, and what was read; files wait to be opened until `open` says their names. */
function desk(held: readonly string[] = [], pause = () => Promise.resolve()) {
  const engine = new ScriptedEngine({ answer: () => ({ text: 'An answer of some words.' }), pause })
  const chat = new Chat({
    engine: () => Promise.resolve(engine),
    options: () => NHA,
    request: () => ({ sampling: {}, maxNewTokens: 100 }),
  })
  const waiting = new Map<string, () => void>()
  const intake = new Intake(async ({ name, bytes }, _onPage, signal) => {
    if (name.endsWith('.exe')) throw new DocumentError({ code: 'unknown-type', found: 'a program' })
    if (held.includes(name)) await new Promise<void>((resolve) => waiting.set(name, resolve))
    if (signal.aborted) throw new DocumentError({ code: 'stopped' })
    const text = new TextDecoder().decode(bytes)
    return { name, kind: 'txt', text, pages: pagesOfText(text), chapters: [], notes: [] }
  })
  const arrivals = new Arrivals(
    () => chat.current,
    intake,
    (document) => chat.read(document),
  )
  const said = () => chat.current.entries.flatMap((entry) => (entry.kind === 'user' ? [entry.text] : []))
  const open = async (name: string, before: () => void = () => undefined) => {
    while (!waiting.has(name)) await new Promise((resolve) => setTimeout(resolve))
    before()
    waiting.get(name)?.()
  }
  return { chat, arrivals, said, open }
}

describe('files on their way into a chat', () => {
  test('several at once are all read, in their order, and a question waits for the last', async () => {
    const { arrivals, said, open } = desk(['b.txt'])
    const added = arrivals.add(['a.txt', 'b.txt', 'c.txt'].map(file))
    expect(arrivals.pending).toBe(true)
    await open('b.txt')
    expect(arrivals.waiting).toEqual(['c.txt'])
    expect(arrivals.pending).toBe(true)
    await added
    expect(arrivals.pending).toBe(false)
    expect(said()).toEqual(['Read a.txt', 'Read b.txt', 'Read c.txt'])
  })

  test('one that comes while an answer is written waits for its end', async () => {
    const { chat, arrivals, said } = desk()
    const answered = chat.send('Hello')
    await arrivals.add([file('a.txt')])
    await answered
    expect(said()).toEqual(['Hello', 'Read a.txt'])
    expect(chat.current.entries.at(1)).toMatchObject({ text: 'An answer of some words.' })
  })

  test('one that was being opened when an answer began is read after it', async () => {
    const { chat, arrivals, said, open } = desk(['a.txt'], later)
    const sent: Promise<void>[] = []
    const added = arrivals.add([file('a.txt')])
    await open('a.txt', () => sent.push(chat.send('Hello')))
    await later()
    expect(chat.current.busy).toBe(true)
    expect(arrivals.waiting).toEqual(['a.txt'])
    await Promise.all([added, ...sent])
    expect(said()).toEqual(['Hello', 'Read a.txt'])
    expect(arrivals.pending).toBe(false)
  })

  test.each(['stopped', 'left'])(
    'one that waits for an answer in a chat that is %s is not read',
    async (what) => {
      const { chat, arrivals, said, open } = desk(['a.txt'], later)
      arrivals.follow(chat.current)
      const sent: Promise<void>[] = []
      const added = arrivals.add([file('a.txt')])
      await open('a.txt', () => sent.push(chat.send('Hello')))
      await later()
      if (what === 'left') chat.startNew()
      else arrivals.stop()
      await Promise.all([added, ...sent])
      expect(said()).toEqual(what === 'left' ? [] : ['Hello'])
      expect(arrivals.pending).toBe(false)
    },
  )

  test('those that cannot be opened are named each, and the others are read', async () => {
    const { arrivals, said } = desk()
    await arrivals.add(['a.exe', 'b.txt', 'c.exe'].map(file))
    expect(said()).toEqual(['Read b.txt'])
    expect(arrivals.problems).toHaveLength(2)
    await arrivals.add([file('d.txt')])
    expect(arrivals.problems).toEqual([])
  })

  test('stopped, no other is read', async () => {
    const { arrivals, said, open } = desk(['a.txt'])
    const added = arrivals.add(['a.txt', 'b.txt'].map(file))
    await open('a.txt', arrivals.stop)
    await added
    expect(said()).toEqual([])
    expect(arrivals.pending).toBe(false)
  })

  test('what was given to a chat is not read into another; an empty chat is as good as the next', async () => {
    const { chat, arrivals, said, open } = desk(['b.txt', 'c.txt'])
    arrivals.follow(chat.current)
    await arrivals.add([file('a.txt')])
    const added = arrivals.add([file('b.txt')])
    await open('b.txt', () => {
      chat.startNew()
      arrivals.follow(chat.current)
    })
    await added
    expect(said()).toEqual([])
    const again = arrivals.add([file('c.txt')])
    await open('c.txt', () => {
      chat.startNew()
      arrivals.follow(chat.current)
    })
    await again
    expect(said()).toEqual(['Read c.txt'])
  })
})
