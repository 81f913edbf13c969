import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { callBridge } from '../../electron/bridge-calls.ts'
import type { DownloadPorts } from '../../electron/downloads/ports.ts'
import type { PinnedFile } from '../../electron/models/model-bridge.ts'
import type { Models } from '../../electron/models/models.ts'
import { arrival, arrived } from '../support/arrivals.ts'
import { LOCAL_PORTS, publish, REVISION } from '../support/published-model.ts'
import { ScriptedFileServer } from '../support/scripted-file-server.ts'
import { temporaryFolder, testBridge } from '../support/test-bridge.ts'
import { TINY, tinyModel } from '../support/tiny-model.ts'

const APP = { version: '1', shell: 'browser', webgpu: '' } as const
const FILES = tinyModel({ ...TINY, family: 'qwen3' })
const REPO = 'me/Tiny-Instruct'
const LIST = `/api/models/${REPO}/revision/${REVISION}?blobs=true`
const sha256Of = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const PINNED: readonly PinnedFile[] = [...FILES].map(([path, bytes]) => ({
  path,
  bytes: bytes.length,
  sha256: sha256Of(bytes),
}))
const PLAN = { repo: REPO, revision: REVISION, file: null, quant: 'q8', pinned: PINNED } as const

let server: ScriptedFileServer
let folder: string
let models: Models

async function open(ports: Partial<DownloadPorts> = {}) {
  const hub = { url: server.origin, ports: { ...LOCAL_PORTS, ...ports } }
  const opened = await testBridge(APP, folder, hub)
  models = opened.models
  return opened.bridge
}

beforeEach(async () => {
  server = new ScriptedFileServer()
  await server.start()
  folder = temporaryFolder()
  await open()
})
afterEach(async () => {
  await models.close()
  server.stop()
})

const body = (value: unknown) => ({ body: new TextEncoder().encode(JSON.stringify(value)), etag: '"list"' })

/** The hub's list, said otherwise. */
function listAs(change: (list: { sha: string; siblings: Record<string, unknown>[] }) => unknown): void {
  const list = server.files.get(LIST)
  server.files.set(LIST, body(change(JSON.parse(new TextDecoder().decode(list?.body)) as never)))
}

/** The same length, other bytes. */
function damage(file: string): void {
  const path = `/${REPO}/resolve/${REVISION}/${file}`
  const served = server.files.get(path)!
  server.files.set(path, { ...served, body: served.body.map((byte) => byte ^ 1) })
}

/** Nothing of a file, and nothing in the library. */
function nothingOf(file: string): void {
  const here = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  expect(here.filter((path) => path.includes(file))).toEqual([])
  expect(here.filter((path) => path.startsWith('models/'))).toEqual([])
}

describe('a model that is pinned', () => {
  test('is asked for at its commit, and at no other, and comes when it is what it should be', async () => {
    publish(server, REPO, FILES)
    await models.downloadModel(PLAN)
    const [model] = await arrived(models)
    expect(model).toMatchObject({ repo: REPO, revision: REVISION, problem: '' })
    expect(server.requests[0]?.path).toBe(LIST)
    expect(server.requests.slice(1).map(({ path }) => path.split('/')[4])).toEqual(
      [...FILES].map(() => REVISION),
    )
  })

  const other = 'f'.repeat(40)
  test.each<[string, string, () => void, RegExp]>([
    [
      'of another revision',
      'config.json',
      () => listAs((list) => ({ ...list, sha: other })),
      /^127\.0\.0\.1:\d+ has another revision of me\/Tiny-Instruct than was asked for\.$/,
    ],
    [
      'listed with another size',
      'tokenizer.json',
      () =>
        listAs(({ sha, siblings }) => ({
          sha,
          siblings: siblings.map((file) =>
            file['rfilename'] === 'tokenizer.json' ? { ...file, size: 9 } : file,
          ),
        })),
      /^tokenizer\.json of me\/Tiny-Instruct is not the file that is pinned: its size or SHA-256 is another\.$/,
    ],
    [
      'listed with another SHA-256',
      'model.safetensors',
      () =>
        listAs(({ sha, siblings }) => ({
          sha,
          siblings: siblings.map((file) =>
            'lfs' in file ? { ...file, lfs: { sha256: 'a'.repeat(64) } } : file,
          ),
        })),
      /^model\.safetensors of me\/Tiny-Instruct is not the file that is pinned/,
    ],
    [
      'listed without a file',
      'config.json',
      () =>
        listAs(({ sha, siblings }) => ({
          sha,
          siblings: siblings.filter(({ rfilename }) => rfilename !== 'config.json'),
        })),
      /^me\/Tiny-Instruct has no file "config\.json"\.$/,
    ],
  ])('%s is refused in one sentence, before a file is fetched', async (_name, file, spoil, sentence) => {
    publish(server, REPO, FILES)
    spoil()
    await models.downloadModel(PLAN)
    const { problem } = await arrival(models, 'failed')
    expect(problem).toMatch(sentence)
    expect(server.requests.map(({ path }) => path)).toEqual([LIST])
    nothingOf(file)
  })

  // The hub gives no SHA-256 of small files: only what is pinned tells.
  test.each(['tokenizer.json', 'model.safetensors'])(
    '%s that comes with other bytes is refused before it has its name',
    async (file) => {
      publish(server, REPO, FILES)
      damage(file)
      await models.downloadModel(PLAN)
      const { problem, id } = await arrival(models, 'failed')
      expect(problem).toBe(`${file} came damaged: its SHA-256 is not the one expected; download it again.`)
      nothingOf(file)
      publish(server, REPO, FILES)
      await models.resumeArrival({ id })
      expect(await arrived(models)).toHaveLength(1)
    },
  )

  test('that comes with another length is refused', async () => {
    publish(server, REPO, FILES)
    server.files.set(`/${REPO}/resolve/${REVISION}/tokenizer.json`, body('short'))
    await models.downloadModel(PLAN)
    expect((await arrival(models, 'failed')).problem).toMatch(/^tokenizer\.json has 7 bytes instead of \d+:/)
    nothingOf('tokenizer.json')
  })

  test('has its room on the disk checked by what is pinned, where the hub says no sizes', async () => {
    publish(server, REPO, FILES)
    listAs(({ sha, siblings }) => ({ sha, siblings: siblings.map(({ rfilename }) => ({ rfilename })) }))
    await open({ freeBytes: () => Promise.resolve(1000) })
    await models.downloadModel(PLAN)
    const { problem, id } = await arrival(models, 'failed')
    expect(problem).toMatch(/^The disk has 0\.0 GB free and the model needs/)
    expect(server.requests.map(({ path }) => path)).toEqual([LIST])
    // After a new start what is pinned is known still.
    await open()
    damage('config.json')
    await models.resumeArrival({ id })
    expect((await arrival(models, 'failed')).problem).toMatch(/^config\.json came damaged/)
  })
})

test('a download that was begun before anything was pinned goes on', async () => {
  publish(server, REPO, FILES)
  server.misbehaviours.push((_request, response) => void response.writeHead(404).end())
  await models.downloadModel({ ...PLAN, pinned: [] })
  const { id } = await arrival(models, 'failed')
  const path = join(folder, 'downloads', id, 'arrival.json')
  const note = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>
  delete note['pinned']
  writeFileSync(path, JSON.stringify(note))
  await open()
  await models.resumeArrival({ id })
  expect(await arrived(models)).toHaveLength(1)
})

test('a list of files that is none is refused at the bridge', async () => {
  const bridge = await open()
  const [file] = PINNED
  for (const pinned of [
    7,
    [7],
    [{ ...file, bytes: -1 }],
    [{ ...file, sha256: 'x' }],
    [{ path: 'a', bytes: 1 }],
    Array.from({ length: 101 }, () => file),
  ])
    expect(await callBridge(bridge, 'downloadModel', { ...PLAN, pinned })).toEqual({
      refusal: 'The list of files is not what it should be.',
    })
  expect((await models.listModels()).arrivals).toEqual([])
})
