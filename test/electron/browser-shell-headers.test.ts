import { request } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type BrowserShell, startBrowserShell } from '../../electron/browser-shell.ts'
import { servedFolders } from '../support/served-folders.ts'
import { testBridge } from '../support/test-bridge.ts'

let shell: BrowserShell
let secret = ''

interface Answer {
  readonly status: number
  readonly names: readonly string[]
  readonly cookie: string
}

/** Headers as a flat list, so that one can come twice or not at all. */
function ask(headers: readonly string[], method = 'GET', path = '/'): Promise<Answer> {
  const { hostname, port } = new URL(shell.origin)
  return new Promise((resolve, reject) => {
    const options = { hostname, port, path, method, headers: [...headers], setHost: false, agent: false }
    const outgoing = request(options, (incoming) => {
      incoming.resume().on('end', () =>
        resolve({
          status: incoming.statusCode ?? 0,
          names: Object.keys(incoming.headers),
          cookie: incoming.headers['set-cookie']?.[0] ?? '',
        }),
      )
    })
    outgoing.on('error', reject).end()
  })
}

beforeAll(async () => {
  const { bridge } = await testBridge({ version: '1.2.3', shell: 'browser', webgpu: '' })
  shell = await startBrowserShell(await servedFolders(), bridge, 0)
  const entry = await ask(['host', new URL(shell.origin).host], 'GET', new URL(shell.entryUrl).pathname)
  secret = entry.cookie.split(';')[0] ?? ''
})
afterAll(() => shell.close())

test('of 240 ways to ask only those of our own page are answered, and none is told that others may', async () => {
  const { host, port } = new URL(shell.origin)
  const hosts = [
    host,
    `localhost:${port}`,
    `127.0.0.1`,
    `127.0.0.1.attacker.example:${port}`,
    `127.0.0.1:${port}.`,
    'attacker.example',
  ]
  const origins = [null, shell.origin, 'null', 'https://attacker.example', `http://localhost:${port}`]
  const cookies = [secret, null, `${secret}x`, `plateau=${'A'.repeat(43)}`]
  const sites = [null, 'cross-site']
  const answered: string[] = []
  let asked = 0
  for (const asHost of hosts)
    for (const origin of origins)
      for (const cookie of cookies)
        for (const site of sites) {
          asked++
          const pairs = { host: asHost, origin, cookie, 'sec-fetch-site': site }
          const headers = Object.entries(pairs).flatMap(([name, value]) =>
            value === null ? [] : [name, value],
          )
          const { status, names } = await ask(headers)
          expect(names.filter((name) => name.startsWith('access-control-'))).toEqual([])
          expect([200, 403]).toContain(status)
          if (status === 200) answered.push(`${asHost} ${origin} ${cookie === secret} ${site}`)
        }
  expect(asked).toBe(240)
  expect(answered).toEqual([`${host} null true null`, `${host} ${shell.origin} true null`])
})

test.each([
  ['same-origin', 200],
  ['none', 200],
  ['same-site', 403],
  ['cross-site', 403],
  ['', 403],
])('asked by a page that is %j to it: %d', async (site, status) => {
  const { host } = new URL(shell.origin)
  expect((await ask(['host', host, 'cookie', secret, 'sec-fetch-site', site])).status).toBe(status)
})

test('two hosts, or none, are no host; a preflight gets no leave', async () => {
  const { host } = new URL(shell.origin)
  expect((await ask(['host', host, 'host', 'attacker.example', 'cookie', secret])).status).toBe(403)
  expect((await ask(['cookie', secret])).status).toBe(400)
  const preflight = [
    'host',
    host,
    'origin',
    'https://attacker.example',
    'access-control-request-method',
    'POST',
  ]
  const { status, names } = await ask(preflight, 'OPTIONS', '/bridge/appInfo')
  expect(status).toBe(403)
  expect(names.filter((name) => name.startsWith('access-control-'))).toEqual([])
})
