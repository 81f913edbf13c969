import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { race, type Run } from '../../engine/compare/race.ts'
import { describe as say, toFailure } from '../../engine/errors.ts'
import { SecondContestant } from '../../engine/second/second-contestant.ts'
import { remoteKind } from '../../renderer/compare/sides.ts'
import { RemoteServer } from '../../renderer/state/remote-server.svelte.ts'
import { begin, refuses, says, ScriptedCompletions } from '../support/scripted-completions.ts'
import { asSeen } from '../support/seen-bridge.ts'
import { testBridge } from '../support/test-bridge.ts'

const server = new ScriptedCompletions()
let remote: RemoteServer

beforeAll(async () => {
  await server.start()
  const { bridge } = await testBridge({ version: '0', shell: 'browser', webgpu: '' })
  remote = new RemoteServer(asSeen(bridge))
})
afterAll(() => server.stop())
beforeEach(() => {
  server.sent.length = 0
  server.scripts.length = 0
})

const NEVER = new AbortController().signal
const TASK = {
  messages: ['first page', 'second page', 'third page'].map(
    (content) => ({ role: 'document', content }) as const,
  ),
  prompt: 'What now?',
  maxNewTokens: 8,
  longest: Infinity,
  limitBytes: 1,
}

test('is named, asked and forgotten; what is refused is its sentence', async () => {
  await remote.refresh()
  expect(remote.report?.url).toBe('')
  expect(await remote.name('models.example', 'tiny')).toBe(false)
  expect(remote.problem).toMatch(/^Give the whole address/)
  expect(await remote.name(server.url, 'tiny')).toBe(true)
  expect([remote.problem, remote.report?.host]).toEqual(['', server.host])
})

test('it takes a side of a race: all of it is sent with each question, nothing before', async () => {
  await remote.name(server.url, 'tiny')
  const kind = remoteKind(remote, remote.report ?? expect.fail())
  const contestant = await kind.open('', () => undefined, NEVER)
  await contestant.hear(TASK.messages, NEVER)
  expect(server.sent).toEqual([])
  await contestant.close()

  const [run] = await race([await kind.open('', () => undefined, NEVER)], TASK, NEVER, () => undefined)
  expect(run).toMatchObject({
    name: `tiny at ${server.host}`,
    text: 'The answer.',
    stop: null,
    stateBytes: null,
  })
  expect(run?.firstTokenMs).toBeGreaterThan(0)
  const moments = run?.series ?? []
  for (const { phase, msPerToken } of moments) if (phase === 'reading') expect(msPerToken).toBeNull()
  const positions = moments.map(({ position }) => position)
  expect(positions).toEqual(positions.toSorted((a, b) => a - b))
  expect(server.sent.find(({ body }) => JSON.stringify(body).includes('third page'))?.body.messages).toEqual([
    {
      role: 'user',
      content: expect.stringMatching(/^Document:\n\nfirst page\n\nDocument:[^]*What now\?$/) as string,
    },
  ])
})

test('a server that fails is a side that stops with its sentence; one that is left, no failure', async () => {
  await remote.name(server.url, 'tiny')
  const task = { ...TASK, messages: [] }
  server.scripts.push(refuses(401, '{}'))
  const [failed] = await race(
    [new SecondContestant('tiny', remote.as({ host: server.host, model: 'tiny' }))],
    task,
    NEVER,
    () => undefined,
  )
  expect(failed?.stop).toEqual({
    reason: 'failed',
    failure: { code: 'second-engine', sentence: expect.stringContaining('wants a key') as string },
  })

  const stop = new AbortController()
  const before = server.left
  server.scripts.push(begin)
  const racing: Promise<readonly Run[]> = race(
    [new SecondContestant('tiny', remote.as({ host: server.host, model: 'tiny' }))],
    task,
    stop.signal,
    () => undefined,
  )
  await expect.poll(() => server.sent.length).toBe(2)
  stop.abort()
  expect((await racing)[0]?.stop).toBeNull()
  await expect.poll(() => server.left).toBe(before + 1)
})

test('what a second engine answers is said again with the next question', async () => {
  await remote.name(server.url, 'tiny')
  server.scripts.push(says('I am', ' Mira.'))
  const contestant = new SecondContestant('tiny', remote.as({ host: server.host, model: 'tiny' }))
  const request = { message: 'Who?', sampling: { temperature: 0 }, maxNewTokens: 4 }
  for (const message of ['Who?', 'And who else?'])
    for await (const event of contestant.answer({ ...request, message }, NEVER))
      if (event.type === 'end') expect(event.finishReason).toBe('stop')
  expect(server.sent[1]?.body.messages).toEqual([
    { role: 'user', content: 'Who?' },
    { role: 'assistant', content: 'I am Mira.' },
    { role: 'user', content: 'And who else?' },
  ])
  await remote.name('', '')
  const refused = contestant.answer(request, NEVER).next()
  await expect(refused.catch((error: unknown) => say(toFailure(error)))).resolves.toMatch(
    /^No server is named/,
  )
})
