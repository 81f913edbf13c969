import { statSync } from 'node:fs'
import OpenAI from 'openai'
import { expect, test } from 'vitest'
import { runCommandLine } from '../../bin/command-line.ts'
import { ScriptedWorld } from '../support/scripted-world.ts'

const newWorld = () =>
  new ScriptedWorld({ answer: (message) => ({ text: `Yes, ${message}` }), tokenMilliseconds: 0 })

test('plateau serve answers until Ctrl-C; the token is printed once and kept for this user alone', async () => {
  const world = newWorld()
  const running = runCommandLine(['serve', '--port', '0'], world)
  await world.stdout.until('It is kept in')
  const [, url = ''] = /answers at (\S+),/.exec(world.stdout.text) ?? []
  const [, token = ''] = /Token: (\S+)/.exec(world.stdout.text) ?? []
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v1$/)
  expect(token).toMatch(/^plateau-[\w-]{43}$/)
  const file = world.serverToken().path
  if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600)
  const client = new OpenAI({ baseURL: url, apiKey: token, maxRetries: 0 })
  const messages = [{ role: 'user' as const, content: 'hello' }]
  const answer = await client.chat.completions.create({ model: 'Pocket', messages })
  expect(answer.choices[0]?.message.content).toBe('Yes, hello')
  world.interrupt.abort()
  expect(await running).toBe(0)
  expect(world.engine.disposed).toBe(true)
  await expect(client.models.list()).rejects.toThrow(OpenAI.APIConnectionError)

  const again = newWorld()
  Object.assign(again, { serverToken: world.serverToken })
  const second = runCommandLine(['serve', '--port=0', '--json'], again)
  await again.stdout.until('}\n')
  again.interrupt.abort()
  expect(await second).toBe(0)
  expect(JSON.parse(again.stdout.text)).toMatchObject({ model: 'Pocket', token: null, tokenFile: file })
  expect(again.stdout.text).not.toContain(token)
})

test('--new-token shuts out who has the old one', async () => {
  const world = newWorld()
  const { token: old } = await world.serverToken().get()
  const running = runCommandLine(['serve', '--port=0', '--new-token', '--json'], world)
  await world.stdout.until('}\n')
  const { url, token } = JSON.parse(world.stdout.text) as { url: string; token: string }
  expect(token).not.toBe(old)
  await expect(new OpenAI({ baseURL: url, apiKey: old, maxRetries: 0 }).models.list()).rejects.toThrow('401')
  world.interrupt.abort()
  await running
})

test.each([
  [['--port', '70000'], 2, '--port must be at most 65535, not "70000".\n'],
  [['--port', 'x'], 2, '--port must be a whole number of at least 0, not "x".\n'],
])('plateau serve %j is refused in one sentence', async (args, code, sentence) => {
  const world = newWorld()
  expect(await runCommandLine(['serve', ...args], world)).toBe(code)
  expect(world.stderr.text).toBe(sentence)
})

test('a port that is taken is said in one sentence', async () => {
  const world = newWorld()
  const running = runCommandLine(['serve', '--port=0', '--json'], world)
  await world.stdout.until('}\n')
  const { port } = new URL((JSON.parse(world.stdout.text) as { url: string }).url)
  const other = newWorld()
  expect(await runCommandLine(['serve', '--port', port], other)).toBe(1)
  expect(other.stderr.text).toBe(`Port ${port} is taken; name another with --port, or 0 for a free one.\n`)
  world.interrupt.abort()
  await running
})
