import OpenAI from 'openai'
import { afterEach, expect, test, vi } from 'vitest'
import { type Bridge, type BridgeMethod, CHANNELS } from '../../electron/bridge.ts'
import { callBridge } from '../../electron/bridge-calls.ts'
import { Errands } from '../../electron/server/errands.ts'
import type { OpenedServer } from '../../electron/server/open-server.ts'
import { ErrandRunner } from '../../renderer/state/errands.ts'
import { LocalServer } from '../../renderer/state/local-server.svelte.ts'
import { ShellRefusal } from '../../renderer/state/shell.ts'
import { freePort } from '../support/free-port.ts'
import { ScriptedEngine, type Script } from '../support/scripted-engine.ts'
import { temporaryFolder, testBridge } from '../support/test-bridge.ts'

const APP = { version: '1.2.3', shell: 'electron', webgpu: '' } as const
const open: OpenedServer[] = []
afterEach(() => Promise.all(open.splice(0).map((server) => server.close())))

/** The bridge as a window has it: what it sends is checked on the way. */
function checked(bridge: Bridge): Bridge {
  const call = async (method: BridgeMethod, argument: unknown): Promise<unknown> => {
    const outcome = await callBridge(bridge, method, argument)
    if ('refusal' in outcome) throw new ShellRefusal(outcome.refusal)
    return outcome.answer
  }
  const methods = Object.keys(CHANNELS) as BridgeMethod[]
  const calls: object = Object.fromEntries(
    methods.map((method) => [method, (argument: unknown) => call(method, argument)]),
  )
  return calls as Bridge
}

/** A window with a scripted engine, a shell, and the server that is switched on in the settings. */
async function setUp(script: Script, folder = temporaryFolder()) {
  const { bridge: unchecked, server, conversations } = await testBridge(APP, folder)
  const bridge = checked(unchecked)
  open.push(server)
  const engine = new ScriptedEngine(script)
  const shown: string[] = []
  const runner = new ErrandRunner({
    bridge,
    engine: () => Promise.resolve(engine),
    modelName: () => engine.info.modelName,
    show: (id, note) => shown.push(`show ${id} ${note}`),
    refuse: (sentence) => shown.push(sentence),
  })
  void runner.run()
  const settings = new LocalServer(bridge)
  await settings.refresh()
  return { bridge, server, conversations, engine, settings, shown, folder }
}

const SAY: Script = { answer: (message) => ({ text: `You said: ${message}` }), tokenMilliseconds: 0 }
const messages = [{ role: 'user' as const, content: 'hello there' }]

test('the switch is off; on, the engine of the window answers programs that have the token', async () => {
  const { settings } = await setUp(SAY)
  expect(settings.report).toMatchObject({ on: false, url: '', token: '', port: 47_824 })
  const port = await freePort()
  await settings.switch(true, port)
  const { url = '', token = '' } = settings.report ?? {}
  expect(url).toBe(`http://127.0.0.1:${port}/v1`)
  const client = new OpenAI({ baseURL: url, apiKey: token, maxRetries: 0 })
  const answer = await client.chat.completions.create({ model: '', messages })
  expect(answer.choices[0]?.message.content).toBe('You said: hello there')
  const stream = await client.chat.completions.create({ model: '', messages, stream: true })
  let text = ''
  for await (const { choices } of stream) text += choices[0]?.delta.content ?? ''
  expect(text).toBe('You said: hello there')
  expect((await client.models.list()).data[0]?.id).toBe('Pocket')
  await expect(client.chat.completions.create({ model: '', messages, n: 3 })).rejects.toThrow('400')

  await settings.renewToken()
  await expect(client.models.list()).rejects.toThrow('401')
  await settings.switch(false)
  expect(settings.report?.url).toBe('')
  await expect(client.models.list()).rejects.toThrow(OpenAI.APIConnectionError)
})

test('it is on again after a new start, with the same token; a taken port is said', async () => {
  const first = await setUp(SAY)
  const port = await freePort()
  await first.settings.switch(true, port)
  const token = first.settings.report?.token
  const second = await setUp(SAY, first.folder)
  expect(second.settings.report).toMatchObject({ on: true, url: '', token })
  expect(second.settings.problem).toBe(`Port ${port} is taken by another program; choose another.`)
  await first.server.close()
  await second.settings.switch(true)
  expect(second.settings.problem).toBe('')
  expect(second.settings.report?.url).toContain(`:${port}/`)
  await second.settings.switch(true, 80)
  expect(second.settings.problem).toBe('A port is a number from 1024 to 65535.')
})

test('a client that goes away stops the engine of the window', async () => {
  const waiting: (() => void)[] = []
  const { settings, engine } = await setUp({
    ...SAY,
    pause: () => new Promise((resolve) => waiting.push(resolve)),
  })
  await settings.switch(true, await freePort())
  const { url, token } = settings.report!
  const client = new OpenAI({ baseURL: url, apiKey: token, maxRetries: 0 })
  const gone = new AbortController()
  const asked = client.chat.completions
    .create({ model: '', messages }, { signal: gone.signal })
    .catch((error: unknown) => error)
  await vi.waitFor(() => expect(waiting).toHaveLength(1))
  gone.abort()
  expect(await asked).toBeInstanceOf(OpenAI.APIUserAbortError)
  const going = setInterval(() => waiting.splice(0).forEach((resume) => resume()), 1)
  const next = await client.chat.completions.create({ model: '', messages })
  clearInterval(going)
  expect(next.choices[0]?.message.content).toBe('You said: hello there')
  // The prompt was read; of the answer nothing was made.
  expect(engine.opened[0]?.position).toBeLessThan(12)
})

test('without a window there is no answer, and with one that is gone it ends', async () => {
  let now = 0
  const errands = new Errands(() => now)
  const none = new AbortController().signal
  await expect(errands.complete({}, none).next()).rejects.toThrow('The window of Plateau is not open.')
  const asked = errands.next(1, 'Pocket')
  const pieces = errands.complete({ a: 1 }, none)
  const first = pieces.next()
  expect(await asked).toEqual({ type: 'answer', id: 1, request: { a: 1 } })
  expect(errands.answer(1, ['"x"'], null)).toBe(true)
  expect(await first).toEqual({ done: false, value: 'x' })
  now = 120_000
  await expect(pieces.next()).rejects.toThrow('The window of Plateau was closed.')
  expect(errands.answer(1, ['"y"'], null)).toBe(false)
})

test('a request whose client is gone before a window takes it is never begun', async () => {
  const errands = new Errands()
  void errands.next(1, 'Pocket')
  errands.give({ type: 'refuse', sentence: 'so that nobody waits' })
  const gone = new AbortController()
  const asked = errands.complete({}, gone.signal).next()
  gone.abort()
  expect(await asked).toEqual({ done: true, value: undefined })
  const next = errands.next(1, 'Pocket')
  errands.give({ type: 'show', conversation: 'c', note: '' })
  expect(await next).toEqual({ type: 'show', conversation: 'c', note: '' })
})
