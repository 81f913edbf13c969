import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildStale } from '../../bin/build.js'
import { modelFolder } from '../../bin/model-folder.ts'
import { encodeEntry, type Entry } from '../../electron/entries.ts'
import { encodeHeader, encodeRecords } from '../../electron/records.ts'
import { loadEngine } from '../../engine/engine.ts'
import type { MemoryReport } from '../../engine/protocol.ts'
import { capturingGpu } from '../support/gpu.ts'
import { OPTIONS } from '../support/memory-scripts.ts'
import { seeded } from '../support/numerics.ts'
import { closeConversations, OPENED, temporaryFolder, testConversations } from '../support/test-bridge.ts'
import { LOAD_MILLISECONDS, RealWindow } from '../support/real-window.ts'
import { row, times } from './rows.ts'

const TEXTS = ['assets/samples/letter.txt', 'README.md', 'CHANGELOG.md', 'DECISIONS.md']
const { signal } = new AbortController()

/** What both shells say of a memory that came back. */
const RESTORED = /Memory restored · (.+?) · ([\d,.]+) ms · ([\d,]+) tokens? re-read/

beforeAll(async () => {
  await buildStale('bin')
})
afterAll(closeConversations)

/** A conversation of so many tokens of Pocket, with its memory, in this data folder; its position and id. */
async function longChat(folder: string, tokens: number) {
  const { gpu } = capturingGpu()
  const engine = await loadEngine({ gpu, forceCpu: false, files: modelFolder('assets/pocket') })
  const conversation = await engine.open(OPTIONS)
  const conversations = await testConversations(folder)
  const id = conversations.newId()
  await conversations.add(id, [{ ...OPENED, model: engine.info.modelName } as Entry])
  let node = 0
  while (conversation.memory.position < tokens) {
    const path = TEXTS[node % TEXTS.length]!
    const text = readFileSync(path, 'utf8')
    const reading = conversation.read(path, text, signal)
    while (!(await reading.next()).done);
    const parent = node === 0 ? null : node
    await conversations.add(id, [{ type: 'document', node: ++node, parent, name: path, text, time: node }])
  }
  const [asked, time] = [node + 1, Date.now()]
  const request = { message: 'Who are you?', sampling: { temperature: 0 }, maxNewTokens: 40 }
  let text = ''
  let memory: MemoryReport | null = null
  for await (const event of conversation.generate(request, signal)) {
    if (event.type === 'delta') text += event.text
    if (event.type === 'end') memory = event.memory
  }
  await conversations.add(id, [
    { type: 'user', node: asked, parent: node, text: request.message, time, aside: false },
    { type: 'reply', node: asked + 1, parent: asked, time },
    { type: 'text', node: asked + 1, text },
    { type: 'end', node: asked + 1, reason: 'stop', memory },
  ])
  await conversations.saveSnapshot(id, asked + 1, await conversation.snapshot())
  await conversations.close()
  const { position } = conversation.memory
  engine.dispose()
  return { id, position }
}

test('a long chat is reopened in the window and in the terminal: no token is read again', async () => {
  const home = temporaryFolder()
  const folder = join(home, 'plateau')
  const { id, position } = await longChat(folder, times(100_000))
  const window = new RealWindow(folder)
  await window.open()
  await window.modelIsReady()
  await window.page.getByRole('navigation', { name: 'Chats' }).locator('button.open').first().click()
  const chip = window.page.getByText(/^Memory restored/)
  await chip.waitFor({ timeout: LOAD_MILLISECONDS })
  const inWindow = RESTORED.exec(await chip.innerText())
  await window.close()
  const args = ['dist/bin/plateau.js', 'chat', '--continue', id, '--prompt', 'Thank you.']
  const { stderr } = spawnSync(process.execPath, args, { env: { ...process.env, XDG_DATA_HOME: home } })
  const inTerminal = RESTORED.exec(stderr.toString())
  row(
    'a long chat reopened',
    `${position} tokens`,
    `window ${inWindow?.[2]} ms, ${inWindow?.[3]} tokens read again`,
    `terminal ${inTerminal?.[2]} ms, ${inTerminal?.[3]} tokens read again`,
  )
  expect([inWindow?.[3], inTerminal?.[3]]).toEqual(['0', '0'])
})

const WORDS = 'rain harbour letter evening garden music winter bread river window friend lamp'.split(' ')

const idOf = (number: number) => `20240101-000000-${number.toString(36).padStart(6, '0')}`

/** So many conversations of ten messages. */
function writeHistory(folder: string, count: number): void {
  const random = seeded(31)
  const sentence = () =>
    Array.from({ length: 30 }, () => WORDS[Math.floor(random() * WORDS.length)]).join(' ')
  mkdirSync(join(folder, 'conversations'), { recursive: true })
  for (let i = 0; i < count; i++) {
    const entries: Entry[] = [OPENED]
    for (let node = 1; node <= 10; node += 2) {
      const [time, parent] = [1_700_000_000_000 + i * 60_000 + node, node === 1 ? null : node - 1]
      const text = `${node === 1 ? `Chat ${i}: ` : ''}${sentence()}`
      entries.push(
        { type: 'user', node, parent, text, time, aside: false },
        { type: 'reply', node: node + 1, parent: node, time },
        { type: 'text', node: node + 1, text: sentence() },
        { type: 'end', node: node + 1, reason: 'stop', memory: null },
      )
    }
    const bytes = Buffer.concat([encodeHeader(), encodeRecords(entries.map(encodeEntry), 0)])
    writeFileSync(join(folder, 'conversations', `${idOf(i)}.journal`), bytes)
  }
}

/** Milliseconds by the clock and of the processor. */
async function timed<T>(work: () => Promise<T>): Promise<{ result: T; words: string }> {
  const [start, before] = [performance.now(), process.cpuUsage()]
  const result = await work()
  const { user, system } = process.cpuUsage(before)
  const wall = Math.round(performance.now() - start)
  return { result, words: `${wall} ms (${Math.round((user + system) / 1000)} of the processor)` }
}

test('a long history: list, search and start', async () => {
  const folder = temporaryFolder()
  const count = times(10_000)
  writeHistory(folder, count)
  const first = await testConversations(folder)
  expect(await first.list()).toHaveLength(count)
  await first.search('rain')
  await first.close()

  const second = await testConversations(folder)
  const list = await timed(() => second.list())
  expect(list.result).toHaveLength(count)
  await second.search('harbour')
  const search = await timed(() => second.search(`Chat ${count - 1}`))
  expect(search.result.map(({ id }) => id)).toContain(idOf(count - 1))
  await second.close()

  // What of it is the length of the history, and not the start of any window.
  const short = temporaryFolder()
  writeHistory(short, 10)
  row(
    'conversations in history',
    count,
    `list ${list.words}`,
    `search ${search.words}`,
    `window ${await startOf(folder)}`,
    `with 10 of them ${await startOf(short)}`,
  )
})

/** From the navigation until the list stands: milliseconds by the clock, and of the processor in the page's process. */
async function startOf(folder: string): Promise<string> {
  const window = new RealWindow(folder)
  await window.open()
  await window.page.locator('nav button.open').first().waitFor({ timeout: LOAD_MILLISECONDS })
  const clock = await window.page.evaluate(() => Math.round(performance.now()))
  const session = await window.page.context().newCDPSession(window.page)
  await session.send('Performance.enable')
  const { metrics } = await session.send('Performance.getMetrics')
  await window.close()
  const seconds = metrics.find(({ name }) => name === 'ProcessTime')?.value ?? NaN
  return `${clock} ms (${Math.round(1000 * seconds)} of the processor)`
}
