import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { openWindow, shown, showWindow } from '../support/kept-window.ts'
import { closeConversations, temporaryFolder } from '../support/test-bridge.ts'

afterEach(closeConversations)

test('the second window shows a conversation and writes nothing, until the first has let go and it takes over', async () => {
  const first = await openWindow(temporaryFolder())
  await first.chat.send('one')
  const id = first.chat.current.keeping.id ?? ''
  const second = showWindow(first.bridge, first.claims)
  await second.chat.open(id)
  expect(shown(second.chat)).toEqual(['one', 'You said one. Good.'])
  expect(second.chat.current.readOnly).toBe('it is open in another window')
  await second.chat.send('two')
  await second.chat.undo()
  await second.chat.takeOver()
  expect(shown(second.chat)).toEqual(['one', 'You said one. Good.'])
  await second.chat.remove(id)
  expect(second.chat.conversations?.problem).toContain('open in another window')
  // Looking at something else in the second window takes nothing from the first.
  second.chat.startNew()
  await second.chat.open(id)
  await first.chat.send('more')
  expect(first.chat.current.keeping.problem).toBe('')

  expect(second.chat.current.free).toBe(false)
  first.chat.startNew()
  await first.chat.send('something else')
  await expect.poll(() => second.chat.current.free).toBe(true)
  await second.chat.takeOver()
  expect(second.chat.current.readOnly).toBe('')
  await second.chat.send('two')
  expect(shown(second.chat).filter((_, i) => i % 2 === 0)).toEqual(['one', 'more', 'two'])
  await first.chat.open(id)
  expect(first.chat.current.readOnly).toBe('it is open in another window')
})

test('so does a window while another program has the conversation', async () => {
  const folder = temporaryFolder()
  const { chat } = await openWindow(folder)
  await chat.send('one')
  const id = chat.current.keeping.id ?? ''
  await chat.current.close()
  const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
  writeFileSync(join(folder, 'conversations', `${id}.lock`), `${other.pid}\n`)
  const window = await openWindow(folder)
  await window.chat.open(id)
  expect(window.chat.current.readOnly).toBe('it is open in another window or program')
  expect(window.chat.current.free).toBe(false)
  other.kill()
  await expect.poll(() => window.chat.current.free, { timeout: 10_000 }).toBe(true)
  await window.chat.takeOver()
  await window.chat.send('two')
  expect(window.chat.current.keeping.problem).toBe('')
  expect(shown(window.chat)).toHaveLength(4)
})
