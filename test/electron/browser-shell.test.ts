import { createServer, request, type IncomingHttpHeaders } from 'node:http'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type BrowserShell, startBrowserShell } from '../../electron/browser-shell.ts'
import type { ServedFolders } from '../../electron/serve.ts'
import { OPENED, testBridge } from '../support/test-bridge.ts'
import { servedFolders, WEIGHTS } from '../support/served-folders.ts'

const { bridge: BRIDGE } = await testBridge({ version: '1.2.3', shell: 'browser', webgpu: '' })

let folders: ServedFolders
let shell: BrowserShell

beforeAll(async () => {
  folders = await servedFolders()
})
afterEach(() => shell.close())

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** node:http, because fetch sets Host and Origin itself. */
function ask(
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
  body: Uint8Array | string = '',
): Promise<Answer> {
  const { hostname, port } = new URL(shell.origin)
  return new Promise((resolve, reject) => {
    const outgoing = request({ hostname, port, path, headers, method, agent: false }, (incoming) => {
      const parts: Buffer[] = []
      incoming.on('data', (part: Buffer) => parts.push(part))
      incoming.on('end', () =>
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          body: Buffer.concat(parts),
        }),
      )
    })
    outgoing.on('error', reject).end(body)
  })
}

async function enter(): Promise<{ cookie: string }> {
  const { headers } = await ask(new URL(shell.entryUrl).pathname)
  return { cookie: headers['set-cookie']?.[0]?.split(';')[0] ?? '' }
}

describe('the way in', () => {
  test('the entry address gives a cookie that no script reads and no other site sends, once', async () => {
    shell = await startBrowserShell(folders, BRIDGE, 0)
    const path = new URL(shell.entryUrl).pathname
    expect(shell.entered).toBe(false)
    const first = await ask(path)
    expect(first.status).toBe(303)
    expect(first.headers.location).toBe('/')
    expect(first.headers['set-cookie']?.[0]).toMatch(
      /^plateau=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/$/,
    )
    expect(shell.entered).toBe(true)
    const second = await ask(path)
    expect(second.status).toBe(403)
    expect(second.headers['set-cookie']).toBeUndefined()
  })

  test('with the cookie the page and the model are there, with ranges and the policy', async () => {
    shell = await startBrowserShell(folders, BRIDGE, 0)
    const cookie = await enter()
    const page = await ask('/', cookie)
    expect(page.status).toBe(200)
    expect(page.body.toString()).toContain('<title>Plateau</title>')
    expect(page.headers['content-security-policy']).toContain("default-src 'none'")
    expect(page.headers['x-dns-prefetch-control']).toBe('off')
    const whole = await ask('/model/pocket/model.safetensors', cookie)
    expect(Buffer.compare(whole.body, WEIGHTS)).toBe(0)
    const part = await ask('/model/pocket/model.safetensors', { ...cookie, range: 'bytes=10-12' })
    expect(part.status).toBe(206)
    expect([...part.body]).toEqual([10, 11, 12])
  })
})

describe('who is kept out', () => {
  test.each([
    ['no cookie', {}],
    ['a wrong cookie', { cookie: `plateau=${'A'.repeat(43)}` }],
    ['a cookie of another name', { cookie: 'other=x' }],
  ])('%s', async (_name, headers) => {
    shell = await startBrowserShell(folders, BRIDGE, 0)
    await enter()
    const { status, body } = await ask('/', headers)
    expect(status).toBe(403)
    expect(body.toString()).toBe('Start Plateau to open its window.\n')
  })

  test('a wrong ticket, which does not use up the right one', async () => {
    shell = await startBrowserShell(folders, BRIDGE, 0)
    expect((await ask('/open/')).status).toBe(403)
    expect((await ask(`/open/${'A'.repeat(43)}`)).status).toBe(403)
    expect((await enter()).cookie).not.toBe('')
  })

  test('another Host, even with cookie or ticket: DNS rebinding', async () => {
    shell = await startBrowserShell(folders, BRIDGE, 0)
    const { port } = new URL(shell.origin)
    for (const host of [
      `localhost:${port}`,
      'attacker.example',
      `127.0.0.1`,
      `127.0.0.1:${port}.attacker.example`,
    ])
      expect((await ask(new URL(shell.entryUrl).pathname, { host })).status).toBe(403)
    const cookie = await enter()
    expect((await ask('/', { ...cookie, host: `localhost:${port}` })).status).toBe(403)
  })

  test('another Origin, with the cookie; and no CORS header is ever sent', async () => {
    shell = await startBrowserShell(folders, BRIDGE, 0)
    const cookie = await enter()
    for (const origin of ['https://attacker.example', 'null', 'http://127.0.0.1:1'])
      expect((await ask('/', { ...cookie, origin })).status).toBe(403)
    const ours = await ask('/', { ...cookie, origin: shell.origin })
    expect(ours.status).toBe(200)
    expect(ours.headers['access-control-allow-origin']).toBeUndefined()
  })

  test('paths that leave the folders', async () => {
    shell = await startBrowserShell(folders, BRIDGE, 0)
    const cookie = await enter()
    for (const path of [
      '/../secret.txt',
      '/%2e%2e/secret.txt',
      '/..%2fsecret.txt',
      '//secret.txt',
      '/.built-from',
    ])
      expect((await ask(path, cookie)).status).toBe(404)
    expect((await ask('http://attacker.example/', cookie)).status).toBe(400)
  })
})

describe('the bridge', () => {
  test('answers a POST from its own page, and nothing else', async () => {
    shell = await startBrowserShell(folders, BRIDGE, 0)
    const cookie = await enter()
    const ours = { ...cookie, origin: shell.origin }
    const answer = await ask('/bridge/appInfo', ours, 'POST')
    expect(JSON.parse(answer.body.toString())).toEqual({
      answer: { version: '1.2.3', shell: 'browser', webgpu: '' },
    })
    expect((await ask('/bridge/appInfo', ours)).status).toBe(405)
    expect((await ask('/bridge/appInfo', cookie, 'POST')).status).toBe(405)
    expect((await ask('/bridge/constructor', ours, 'POST')).status).toBe(404)
  })

  test('takes arguments as JSON and bytes as they are, and says no in a sentence', async () => {
    shell = await startBrowserShell(folders, BRIDGE, 0)
    const ours = { ...(await enter()), origin: shell.origin }
    const call = async (method: string, argument: unknown) => {
      const { body } = await ask(`/bridge/${method}`, ours, 'POST', JSON.stringify(argument))
      return JSON.parse(body.toString()) as unknown
    }
    const id = await BRIDGE.newConversation()
    expect(await call('openConversation', { id })).toEqual({ refusal: 'There is no such chat.' })
    expect(await call('addEntries', { id, entries: [OPENED] })).toEqual({})
    expect(await call('openConversation', { id })).toMatchObject({ answer: { readOnly: '' } })
    const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i)
    const headers = {
      ...ours,
      'content-type': 'application/octet-stream',
      'plateau-argument': encodeURIComponent(JSON.stringify({ id, node: 2 })),
    }
    expect((await ask('/bridge/saveSnapshot', headers, 'POST', bytes)).body.toString()).toBe('{}')
    const loaded = await ask('/bridge/loadSnapshot', ours, 'POST', JSON.stringify({ id, node: 2 }))
    expect(new Uint8Array(loaded.body)).toEqual(bytes)
    expect((await ask('/bridge/openConversation', ours, 'POST', '{')).status).toBe(400)
    const broken = { ...headers, 'plateau-argument': '%' }
    expect((await ask('/bridge/saveSnapshot', broken, 'POST', bytes)).status).toBe(400)
  })
})

test('a taken port gives way to a free one', async () => {
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const address = other.address()
  const taken = typeof address === 'object' && address ? address.port : 0
  shell = await startBrowserShell(folders, BRIDGE, taken)
  expect(new URL(shell.origin).port).not.toBe(String(taken))
  expect((await enter()).cookie).not.toBe('')
  other.close()
})
