import { createHash } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { downloadFile, type FileToDownload } from '../../electron/downloads/download-file.ts'
import { downloadModel, type DownloadProgress } from '../../electron/downloads/download-model.ts'
import { isModelHost } from '../../electron/downloads/hosts.ts'
import type { DownloadPorts } from '../../electron/downloads/ports.ts'
import { LOCAL_PORTS } from '../support/published-model.ts'
import { cutAt, ScriptedFileServer, send } from '../support/scripted-file-server.ts'
import { BODY, ScriptedWeights } from '../support/scripted-weights.ts'

const never = new AbortController().signal

let server: ScriptedWeights
let folder: string
let ports: DownloadPorts
const pauses: number[] = []

beforeEach(async () => {
  server = new ScriptedWeights()
  await server.start()
  folder = server.folder
  pauses.length = 0
  ports = {
    ...LOCAL_PORTS,
    sleep: (milliseconds) => Promise.resolve(void pauses.push(milliseconds)),
  }
})
afterEach(() => server.stop())

const fetched = (file = server.file(), signal = never, token = '') =>
  downloadFile(file, token, ports, signal, () => undefined)

const ranges = () => server.requests.map(({ range }) => range)

describe('one file', () => {
  test('comes whole, and leaves nothing else', async () => {
    await fetched()
    await server.takeWhole()
    expect(ranges()).toEqual([''])
  })

  test('cut at every percent, it goes on from there', async () => {
    for (let percent = 0; percent < 100; percent++) {
      server.misbehaviours.push(cutAt(percent / 100))
      await fetched()
      await server.takeWhole()
      const [, second = ''] = ranges()
      // What was on its way when the connection broke may be lost.
      const from = Number(/^bytes=(\d+)-$/.exec(second)?.[1] ?? 0)
      expect(from).toBeLessThanOrEqual(percent * 1000)
      expect(server.requests).toHaveLength(2)
      server.requests.length = 0
    }
  })

  test('aborted and asked for again, also by another process, it goes on', async () => {
    const pause = new AbortController()
    const slow: typeof send = (_, response, { body, etag }) => {
      response.writeHead(200, { 'Content-Length': body.length, ETag: etag }).write(body.subarray(0, 60_000))
    }
    server.misbehaviours.push(slow)
    const paused = downloadFile(server.file(), '', ports, pause.signal, (bytes) => {
      if (bytes >= 60_000) pause.abort(new Error('paused'))
    })
    await expect(paused).rejects.toThrow('paused')
    expect(await readdir(join(folder, 'model'))).toEqual(['weights.part', 'weights.part.json'])
    await fetched()
    expect(ranges()).toEqual(['', 'bytes=60000-'])
    await server.takeWhole()
  })

  test('the whole instead of the rest begins anew, as does a file that has become another', async () => {
    server.misbehaviours.push(cutAt(0.5), (request, response, { body, etag }) => {
      delete request.headers.range
      send(request, response, { body, etag })
    })
    await fetched()
    await server.takeWhole()

    server.misbehaviours.push(cutAt(0.5), (request, response, { body }) => {
      send(request, response, { body, etag: '"two"' })
    })
    await fetched(server.file({ sha256: null }))
    await server.takeWhole()
  })

  test('without a version or a hash, old bytes are not trusted', async () => {
    server.files.set('/weights', { body: BODY, etag: 'W/"weak"' })
    server.misbehaviours.push(cutAt(0.5))
    await fetched(server.file({ sha256: null }))
    expect(ranges()).toEqual(['', ''])
    await server.takeWhole()
  })

  test('of an unknown length, whole already: nothing more is fetched', async () => {
    await fetched()
    await writeFile(join(folder, 'model/weights.part'), BODY)
    const note = JSON.stringify({ url: server.file().url, etag: '"one"' })
    await writeFile(join(folder, 'model/weights.part.json'), note)
    await fetched(server.file({ bytes: null, sha256: null }))
    expect(ranges()).toEqual(['', `bytes=${BODY.length}-`])
    await server.takeWhole()
  })

  test.each([
    [
      'a login page',
      (_: unknown, response) => void response.writeHead(200, { 'Content-Type': 'text/html' }).end('<html>'),
      /^weights may not be fetched without a login/,
    ],
    ['a gated model', (_: unknown, response) => void response.writeHead(403).end(), /without a login/],
    [
      'a wrong length',
      (_: unknown, response) => void response.writeHead(200, { 'Content-Length': '5' }).end('hello'),
      /^weights has 5 bytes instead of 100000/,
    ],
    [
      'another piece',
      (_: unknown, response) => void response.writeHead(206, { 'Content-Range': 'bytes 7-8/9' }).end('xx'),
      /another piece/,
    ],
    [
      'a teapot',
      (_: unknown, response) => void response.writeHead(418).end(),
      /^The server refused weights \(418\)\.$/,
    ],
    [
      'another host',
      (_: unknown, response) =>
        void response.writeHead(302, { Location: 'https://evil.example/weights' }).end(),
      /^weights would come from evil\.example, which models are not fetched from\.$/,
    ],
    ['itself for ever', null, /from address to address/],
  ] as [string, ((request: unknown, response: ServerResponse) => void) | null, RegExp][])(
    '%s is refused in one sentence, at once',
    async (_name, misbehave, sentence) => {
      const loop = (_: unknown, response: ServerResponse) =>
        void response.writeHead(302, { Location: '/weights' }).end()
      server.misbehaviours.push(...(misbehave ? [misbehave] : Array.from({ length: 9 }, () => loop)))
      await expect(fetched()).rejects.toThrow(sentence)
      expect(pauses).toEqual([])
      await expect(readFile(join(folder, 'model/weights'))).rejects.toThrow('ENOENT')
    },
  )

  test('a wrong hash: nothing of it stays', async () => {
    await expect(fetched(server.file({ sha256: '0'.repeat(64) }))).rejects.toThrow('weights came damaged')
    expect(await readdir(join(folder, 'model'))).toEqual([])
  })

  test('a server that is gone: tried again with growing pauses, then one sentence; the part is kept', async () => {
    server.misbehaviours.push(cutAt(0.3), ...Array.from({ length: 9 }, () => cutAt(0)))
    await expect(fetched()).rejects.toThrow(/Go on when the network is back; what came is kept\.$/)
    expect(pauses.slice(-4)).toEqual([500, 1000, 2000, 4000])
    server.misbehaviours.length = 0
    await fetched()
    await server.takeWhole()
  })

  test('the token goes to the host that was named, and to no other', async () => {
    const elsewhere = new ScriptedFileServer()
    await elsewhere.start()
    elsewhere.files.set('/stored', { body: BODY, etag: '"one"' })
    server.misbehaviours.push((_, response) =>
      response.writeHead(302, { Location: `${elsewhere.origin}/stored` }).end(),
    )
    await fetched(server.file(), never, 'hf_secret')
    expect(server.requests[0]?.authorization).toBe('Bearer hf_secret')
    expect(elsewhere.requests[0]?.authorization).toBe('')
    elsewhere.stop()
    await server.takeWhole()
  })
})

describe('a model', () => {
  const sizes = [10, 50_000, 20_000, 40_000, 30_000]
  const files = (): FileToDownload[] =>
    sizes.map((bytes, i) => {
      const body = BODY.subarray(0, bytes)
      server.files.set(`/${i}`, { body, etag: `"${i}"` })
      const sha256 = createHash('sha256').update(body).digest('hex')
      return { url: `${server.origin}/${i}`, path: join(folder, `model/${i}`), bytes, sha256 }
    })

  test('three files at a time, the largest first; progress adds up', async () => {
    const seen: DownloadProgress[] = []
    await downloadModel(files(), '', ports, never, (progress) => seen.push(progress))
    expect(
      server.requests
        .slice(0, 3)
        .map(({ path }) => path)
        .sort(),
    ).toEqual(['/1', '/3', '/4'])
    expect(server.most).toBeLessThanOrEqual(3)
    expect((await readdir(join(folder, 'model'))).sort()).toEqual(['0', '1', '2', '3', '4'])
    const total = sizes.reduce((a, b) => a + b)
    expect(seen[0]).toMatchObject({ bytes: 0, totalBytes: total, bytesPerSecond: 0, secondsLeft: null })
    expect(seen.at(-1)).toMatchObject({ bytes: total, totalBytes: total })
    for (const [i, { bytes }] of seen.entries()) expect(bytes).toBeGreaterThanOrEqual(seen[i - 1]?.bytes ?? 0)
  })

  test('files that are there stay; one of another length comes again', async () => {
    const all = files()
    await downloadModel(all, '', ports, never, () => undefined)
    await writeFile(join(folder, 'model/2'), 'short')
    server.requests.length = 0
    await downloadModel(all, '', ports, never, () => undefined)
    expect(server.requests.map(({ path }) => path)).toEqual(['/2'])
  })

  test('one that fails stops the others, and what came is kept', async () => {
    const all = files()
    server.files.delete('/3')
    await expect(downloadModel(all, '', ports, never, () => undefined)).rejects.toThrow(
      '3 is not there any more.',
    )
    server.files.set('/3', { body: BODY.subarray(0, 40_000), etag: '"3"' })
    await downloadModel(all, '', ports, never, () => undefined)
    expect(await readdir(join(folder, 'model'))).toHaveLength(5)
  })

  test('no room: said before a byte is fetched', async () => {
    ports = { ...ports, freeBytes: () => Promise.resolve(1000) }
    const refused = downloadModel(files(), '', ports, never, () => undefined)
    await expect(refused).rejects.toThrow(
      'The disk has 0.0 GB free and the model needs 0.0 GB more: make room and go on.',
    )
    expect(server.requests).toEqual([])
  })
})

test.each([
  ['https://huggingface.co/a/b', true],
  ['https://cdn-lfs.huggingface.co/x', true],
  ['https://cas-bridge.xethub.hf.co/x', true],
  ['http://huggingface.co/a', false],
  ['https://huggingface.co.evil.example/a', false],
  ['https://nothuggingface.co/a', false],
  ['https://huggingface.co:8443/a', false],
  ['https://user@huggingface.co/a', false],
  ['file:///etc/passwd', false],
])('models are fetched from %s: %s', (url, allowed) => {
  expect(isModelHost(new URL(url))).toBe(allowed)
})
