import { afterEach, expect, test, vi } from 'vitest'
import type { Writer } from '../../electron/entries.ts'
import { remedyFor } from '../../renderer/state/engine.ts'
import { sentAway } from '../../renderer/state/sent-away.ts'
import { openWindow, replyOf, shown } from '../support/kept-window.ts'
import { begin, eventOf, refuses, says, scriptedCompletions } from '../support/scripted-completions.ts'
import { ScriptedConversation } from '../support/scripted-engine.ts'
import { closeConversations, temporaryFolder } from '../support/test-bridge.ts'

const server = scriptedCompletions()
const large = (): Writer => ({ model: 'large', host: server.host })

afterEach(async () => {
  vi.restoreAllMocks()
  await closeConversations()
})

/** A window where the server is named. */
async function open(folder = temporaryFolder()) {
  const window = await openWindow(folder)
  await window.bridge.setRemote({ url: server.url, model: 'large' })
  return window
}

test('a server writes in the chat that chose it, is marked for good, and this computer goes on from all of it', async () => {
  const folder = temporaryFolder()
  const first = await open(folder)
  const { chat } = first
  await chat.send('hello')
  const { memory } = chat.current
  await chat.current.writeWith(large())
  server.scripts.push(says('I am', ' large.'))
  await chat.send('who is there?')
  expect(server.sent.map(({ body }) => body.messages)).toEqual([
    [
      { role: 'user', content: 'hello' },
      { role: 'assistant', content: 'You said hello. Good.' },
      { role: 'user', content: 'who is there?' },
    ],
  ])
  expect(server.sent[0]?.body).not.toHaveProperty('temperature')
  expect(replyOf(chat, 2)).toMatchObject({ text: 'I am large.', by: large(), writing: { tokens: 2 } })
  // No local memory moved, and none is told of this turn.
  expect(chat.current.memory).toEqual(memory)
  expect(chat.current.trail).toHaveLength(1)
  expect(first.engine.opened.flatMap(({ requests }) => requests)).toHaveLength(1)
  const left = sentAway(chat.current.keeping.nodes)
  expect([...left].sort()).toEqual([1, 2, 3, 4])
  await chat.current.close()

  // Opened again: the marks are there, the server still answers, and nothing is read here for it.
  const next = await open(folder)
  const rehear = vi.spyOn(ScriptedConversation.prototype, 'rehear')
  await next.chat.open(next.list()[0]?.id ?? '')
  expect(shown(next.chat)).toEqual(['hello', 'You said hello. Good.', 'who is there?', 'I am large.'])
  expect([1, 2].map((turn) => replyOf(next.chat, turn).by)).toEqual([null, large()])
  expect(next.chat.current.keeping.writer).toEqual(large())
  expect(next.engine.opened).toEqual([])

  // In a file, and in the chat that is made of it.
  const id = next.chat.current.keeping.id ?? ''
  const { bytes } = await next.bridge.exportConversation({ id })
  const copy = await next.bridge.importConversation({ bytes })
  const { transcript } = await next.bridge.openConversation({ id: copy.id })
  expect(transcript.writer).toEqual(large())
  expect(transcript.nodes.map(({ by }) => by)).toEqual([undefined, undefined, undefined, large()])

  // Back here: what was said meanwhile is read, and no more.
  await next.chat.current.writeWith(null)
  expect(rehear.mock.calls.map(([messages]) => messages)).toEqual([
    [
      { role: 'user', content: 'who is there?' },
      { role: 'assistant', content: 'I am large.' },
    ],
  ])
  await next.chat.send('and now?')
  expect(replyOf(next.chat, 3)).toMatchObject({ text: 'You said and now?. Good.', by: null })
  expect(server.sent).toHaveLength(1)
  expect([...sentAway(next.chat.current.keeping.nodes)].sort()).toEqual([1, 2, 3, 4])

  // What is answered anew stands on a branch of its own, each with its mark.
  await next.chat.current.writeWith(large())
  await next.chat.regenerate(replyOf(next.chat, 3))
  expect(replyOf(next.chat, 3)).toMatchObject({ text: 'The answer.', by: large() })
  const versions = next.chat.current.keeping.versionsOf(replyOf(next.chat, 3).node)
  expect(versions.map(({ by }) => by)).toEqual([undefined, large()])
})

test('a failure is one sentence, is tried again, and loses nothing; another server is not asked instead', async () => {
  const { chat, bridge } = await open()
  await chat.current.writeWith(large())
  server.scripts.push(refuses(500, '{}'))
  await chat.send('hello')
  const failed = replyOf(chat, 1)
  expect(failed.phase).toMatchObject({
    type: 'failed',
    failure: { code: 'second-engine', sentence: expect.stringMatching(/failed \(500\)\.$/) as string },
  })
  expect(failed.phase.type === 'failed' && remedyFor(failed.phase.failure)).toBe('retry')
  await chat.retry()
  expect(shown(chat)).toEqual(['hello', 'The answer.'])

  await bridge.setRemote({ url: server.url, model: 'other' })
  await chat.send('still there?')
  expect(server.sent).toHaveLength(2)
  expect(replyOf(chat, 2).phase).toMatchObject({
    failure: { sentence: expect.stringContaining('nothing was sent') as string },
  })
  expect(shown(chat)).toEqual(['hello', 'The answer.', 'still there?', ''])
})

test('stopped, what has come stays and the server is left; asked aside, nothing is gone on from', async () => {
  const { chat } = await open()
  await chat.current.writeWith(large())
  const before = server.left
  server.scripts.push((response) => {
    begin(response)
    response.write(eventOf({ choices: [{ index: 0, delta: { content: 'Half of' } }] }))
  })
  const sending = chat.send('hello')
  await vi.waitFor(() => expect(shown(chat)).toEqual(['hello', 'Half of']))
  chat.stop()
  await sending
  expect(replyOf(chat, 1)).toMatchObject({ text: 'Half of', phase: { type: 'ended', finishReason: 'abort' } })
  expect(chat.current.keeping.nodes).toMatchObject([{ text: 'hello' }, { text: 'Half of', end: 'abort' }])
  await expect.poll(() => server.left).toBe(before + 1)

  await chat.send('beside?', true)
  expect(replyOf(chat, 2)).toMatchObject({ aside: true, by: large() })
  await chat.send('onwards')
  expect(server.sent.at(-1)?.body.messages).toEqual([
    { role: 'user', content: 'hello' },
    { role: 'assistant', content: 'Half of' },
    { role: 'user', content: 'onwards' },
  ])
})

test('a document is only kept, and sent with the next question; a chat that nobody keeps asks as well', async () => {
  const { chat, engine, list } = await open()
  chat.startNew(true)
  await chat.current.writeWith(large())
  const opened = engine.opened.length
  await chat.read({ name: 'notes.txt', text: 'The gate is green.' })
  await chat.send('Which colour?')
  expect(server.sent[0]?.body.messages).toEqual([
    { role: 'user', content: 'Document:\n\nThe gate is green.\n\nWhich colour?' },
  ])
  expect(engine.opened).toHaveLength(opened)
  expect([...sentAway(chat.current.keeping.nodes)].sort()).toEqual([1, 2, 3])
  expect(list()).toEqual([])
  await chat.current.writeWith(null)
  expect(chat.current.memory?.position).toBe('The gate is green.Which colour?The answer.'.length)
})
