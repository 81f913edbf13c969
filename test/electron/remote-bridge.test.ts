import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Bridge, BridgeMethod } from '../../electron/bridge.ts'
import { callBridge } from '../../electron/bridge-calls.ts'
import { nodeDisk } from '../../electron/disk.ts'
import type { RemoteEvent, RemoteReport } from '../../electron/remote/remote-bridge.ts'
import { Remote } from '../../electron/remote/remote.ts'
import { SessionToken } from '../../electron/tokens/kept-token.ts'
import {
  begin,
  heard,
  QUESTION,
  refuses,
  says,
  scriptedCompletions,
} from '../support/scripted-completions.ts'
import { temporaryFolder, testBridge } from '../support/test-bridge.ts'

const server = scriptedCompletions()
const other = scriptedCompletions()

const NEVER = new AbortController().signal

describe('the one server that is named', () => {
  async function open(folder: string, confirm = true) {
    const hosts: string[] = []
    const remote = await Remote.open({
      folder,
      disk: nodeDisk,
      key: new SessionToken(),
      confirm: (host) => {
        hosts.push(host)
        return Promise.resolve(confirm)
      },
      fetch,
    })
    return { remote, hosts }
  }

  test('is off until it is named, is kept without its key, and forgotten when asked', async () => {
    const folder = temporaryFolder()
    const { remote, hosts } = await open(folder)
    expect(await remote.remote()).toMatchObject({ url: '', host: '', key: { given: false } })
    await expect(heard(remote.ask(QUESTION, NEVER))).rejects.toThrow('No server is named')
    await expect(remote.setRemoteKey({ key: 'sk-mine' })).rejects.toThrow('Name the server first')
    await remote.setRemote({ url: server.url, model: ' tiny ' })
    await remote.setRemoteKey({ key: 'sk-mine' })
    expect((await heard(remote.ask(QUESTION, NEVER))).text).toBe('The answer.')
    expect(server.sent[0]).toMatchObject({ authorization: 'Bearer sk-mine', body: { model: 'tiny' } })
    expect(hosts).toEqual([server.host])
    expect(readFileSync(join(folder, 'remote.json'), 'utf8')).not.toContain('sk-mine')
    expect(await (await open(folder)).remote.remote()).toMatchObject({ host: server.host, model: 'tiny' })
    await remote.setRemote({ url: '', model: '' })
    expect(existsSync(join(folder, 'remote.json'))).toBe(false)
    expect(await remote.remote()).toMatchObject({ url: '', key: { given: false } })
  })

  test('a key stays with its server, and no new one is used without a yes', async () => {
    const { remote } = await open(temporaryFolder())
    await remote.setRemote({ url: server.url, model: 'tiny' })
    await remote.setRemoteKey({ key: 'sk-mine' })
    await remote.setRemote({ url: server.url, model: 'larger' })
    expect((await remote.remote()).key.given).toBe(true)
    await remote.setRemote({ url: other.url, model: 'tiny' })
    await heard(remote.ask(QUESTION, NEVER))
    expect(other.sent[0]?.authorization).toBe('')

    const { remote: denied } = await open(temporaryFolder(), false)
    await expect(denied.setRemote({ url: server.url, model: 'tiny' })).rejects.toThrow('was not named')
    expect((await denied.remote()).url).toBe('')
  })
})

describe('over the bridge', () => {
  let bridge: Bridge
  beforeAll(async () => {
    ;({ bridge } = await testBridge({ version: '0', shell: 'browser', webgpu: '' }))
  })

  async function call<Answer>(method: BridgeMethod, argument?: unknown): Promise<Answer> {
    const outcome = await callBridge(bridge, method, argument)
    if ('refusal' in outcome) throw new Error(outcome.refusal)
    return outcome.answer as Answer
  }

  test('an answer comes in pieces, and a failure as its sentence', async () => {
    const { host } = await call<RemoteReport>('setRemote', { url: server.url, model: 'tiny' })
    expect(host).toBe(server.host)
    server.scripts.push(says('Good', ' day.'), refuses(429, '{}'))
    const to = { host, model: 'tiny' }
    const { id } = await call<{ id: number }>('askRemote', { ...QUESTION, to })
    const events: RemoteEvent[] = []
    while (events.at(-1)?.type !== 'end') events.push(...(await call<RemoteEvent[]>('hearRemote', { id })))
    expect(events.flatMap((event) => (event.type === 'delta' ? [event.text] : []))).toEqual(['Good', ' day.'])
    await expect(call('hearRemote', { id })).rejects.toThrow('Nobody is asked')
    const second = await call<{ id: number }>('askRemote', { ...QUESTION, to })
    await expect(call('hearRemote', second)).rejects.toThrow('ask again later')
  })

  test('a window that leaves ends the request', async () => {
    const before = server.left
    server.scripts.push(begin)
    const to = { host: server.host, model: 'tiny' }
    const asking = await call<{ id: number }>('askRemote', { ...QUESTION, to })
    await expect.poll(() => server.sent.length).toBe(1)
    await call('leaveRemote', asking)
    await expect.poll(() => server.left).toBe(before + 1)
  })

  test.each([
    ['setRemote', { url: 'http://models.example', model: 'x' }, 'https only'],
    ['setRemote', { url: server, model: 'x' }, 'not what it should be'],
    ['setRemote', { url: 'https://models.example', model: 'a\nb' }, 'not what it should be'],
    ['setRemote', { url: 'https://models.example', model: ' ' }, 'name of the model'],
    ['setRemoteKey', { key: 'two words' }, 'no token'],
    ['askRemote', { ...QUESTION, messages: [] }, 'nothing to ask'],
    ['askRemote', { ...QUESTION, messages: [{ role: 'tool', content: '' }] }, 'A message'],
    ['askRemote', { ...QUESTION, temperature: NaN }, 'temperature'],
    ['askRemote', { ...QUESTION, maxNewTokens: 1e9 }, 'length of an answer'],
    ['askRemote', QUESTION, 'not what it should be'],
    ['askRemote', { ...QUESTION, to: { host: 'models.example', model: 'x' } }, 'nothing was sent'],
    ['hearRemote', { id: '1' }, 'Nobody is asked'],
    ['leaveRemote', null, 'Nobody is asked'],
  ] as const)('%s refuses %o', async (method, argument, sentence) => {
    await expect(call(method, argument)).rejects.toThrow(sentence)
  })
})
