import { createHash } from 'node:crypto'
import { EventEmitter } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, request, type Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { nodeDisk } from '../../electron/disk.ts'
import { packagedUpdater, updateHost } from '../../electron/updates/packaged-updater.ts'
import { Updates } from '../../electron/updates/updates.ts'
import { temporaryFolder } from '../support/test-bridge.ts'

/** electron-updater itself, with Electron's network and app played by Node. */
const require = createRequire(import.meta.url)
const PROGRAM = '#!/bin/sh\nexit 0\n'
const NEWER = Buffer.from(`${PROGRAM}# newer\n`)
const sha512 = (bytes: Uint8Array) => createHash('sha512').update(bytes).digest('base64')

let server: Server
let origin: string
const asked: { readonly path: string; readonly headers: object }[] = []
const announced = { version: '1.1.0', sha512: sha512(NEWER) }
let quits = 0
let isDown = false
let running: string

beforeAll(async () => {
  server = createServer(({ url = '', headers }, response) => {
    asked.push({ path: url.replace(/\?.*/, ''), headers })
    if (!url.includes('.yml')) return void response.end(NEWER)
    if (isDown) response.statusCode = 404
    const { version, sha512 } = announced
    const file = `Plateau-${version}.AppImage`
    const lines = [`version: ${version}`, 'files:', `  - url: ${file}`, `    sha512: ${sha512}`]
    response.end([...lines, `    size: ${NEWER.length}`, `path: ${file}`, `sha512: ${sha512}`, ''].join('\n'))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => server.close())

beforeEach(() => {
  const [resources, home] = [temporaryFolder(), temporaryFolder()]
  writeFileSync(join(resources, 'app-update.yml'), `provider: generic\nurl: ${origin}\n`)
  running = join(home, 'Plateau.AppImage')
  writeFileSync(running, PROGRAM)
  vi.stubEnv('APPIMAGE', running)
  vi.stubEnv('XDG_CACHE_HOME', home)
  Object.assign(process, { resourcesPath: resources })
  const electron = {
    app: Object.assign(new EventEmitter(), {
      isPackaged: true,
      whenReady: () => Promise.resolve(),
      getVersion: () => '1.0.0',
      getName: () => 'plateau',
      getPath: () => home,
      getAppPath: () => home,
      quit: () => quits++,
    }),
    autoUpdater: new EventEmitter(),
    session: { fromPartition: () => ({}) },
    net: { request: ({ session: _, ...options }: { session: object }) => request(options) },
  }
  const id = require.resolve('electron')
  require.cache[id] = { ...module(id), exports: electron }
  asked.length = 0
  quits = 0
  isDown = false
  Object.assign(announced, { version: '1.1.0', sha512: sha512(NEWER) })
})
afterEach(() => vi.unstubAllEnvs())

function module(id: string) {
  return {
    id,
    filename: id,
    path: '',
    loaded: true,
    children: [],
    paths: [],
    isPreloading: false,
    parent: null,
    require,
  }
}

/** As `packagedUpdater` has it for Linux, whatever system this runs on, and a new one each time. */
async function appImageUpdater() {
  const { AppImageUpdater } = await import('electron-updater')
  return new AppImageUpdater()
}

const open = (folder = temporaryFolder()) =>
  Updates.open({ folder, disk: nodeDisk, host: '127.0.0.1', updater: appImageUpdater })
const reaches = (updates: Updates, stage: string) =>
  vi.waitFor(() => expect(updates.report().stage).toBe(stage), 10_000)

describe('newer versions', () => {
  test('are not looked for until a person switches that on, and then at the next start too', async () => {
    const folder = temporaryFolder()
    const updates = await open(folder)
    expect(updates.report()).toMatchObject({ on: false, stage: 'idle' })
    updates.fetch()
    updates.install()
    expect(asked).toEqual([])
    await updates.set(true)
    await reaches(updates, 'found')
    expect(updates.report()).toMatchObject({ on: true, version: '1.1.0', problem: '' })
    await reaches(await open(folder), 'found')
    // Each told nothing but that somebody asks; nothing was fetched.
    expect(asked.map(({ path }) => path)).toEqual(Array(2).fill(asked[0]?.path))
    expect(asked[0]?.path).toMatch(/^\/latest.*\.yml$/)
    expect(asked[1]?.headers).toEqual(asked[0]?.headers)
    expect(asked[0]?.headers).toHaveProperty('x-user-staging-id', '00000000-0000-0000-0000-000000000000')
    await updates.set(false)
    expect((await open(folder)).report()).toMatchObject({ on: false, stage: 'idle' })
    expect(asked).toHaveLength(2)
  })

  test('of other bytes than were announced are refused; of the right ones one is put in place when asked', async () => {
    const updates = await open()
    announced.sha512 = sha512(Buffer.from('other bytes'))
    await updates.set(true)
    await reaches(updates, 'found')
    updates.fetch()
    await vi.waitFor(() => expect(updates.report().problem).toMatch(/its bytes are not those/), 10_000)
    expect(updates.report().stage).toBe('found')
    updates.install()
    expect(readFileSync(running, 'utf8')).toBe(PROGRAM)

    announced.sha512 = sha512(NEWER)
    await updates.set(true)
    await reaches(updates, 'found')
    updates.fetch()
    await reaches(updates, 'ready')
    expect(updates.report()).toMatchObject({ percent: 100, problem: '' })
    expect(quits).toBe(0)
    expect(readFileSync(running, 'utf8')).toBe(PROGRAM)
    updates.install()
    await vi.waitFor(() => expect(quits).toBe(1))
    expect(readFileSync(running)).toEqual(NEWER)
  })

  test.each(['1.0.0', '0.9.0'])('version %s is none for 1.0.0', async (version) => {
    Object.assign(announced, { version })
    const updates = await open()
    await updates.set(true)
    await reaches(updates, 'newest')
    expect(updates.fetch().stage).toBe('newest')
  })

  test('a server that has nothing of the kind is a sentence', async () => {
    isDown = true
    const updates = await open()
    await updates.set(true)
    await vi.waitFor(() => expect(updates.report().problem).not.toBe(''), 10_000)
    expect(updates.report().problem).toMatch(/^No newer version could be looked for: .*404.*\.$/)
    expect(updates.report()).toMatchObject({ stage: 'idle', version: '' })
  })
})

test.each([
  [
    'provider: generic\nurl: https://updates.example/plateau\nupdaterCacheDirName: plateau\n',
    'updates.example',
  ],
  ["provider: generic\nurl: 'https://updates.example:8443/'\n", 'updates.example:8443'],
  ['provider: generic\nurl: http://updates.example/\n', ''],
  ['provider: generic\nurl: https://me:secret@updates.example/\n', ''],
  ['provider: github\nowner: a\nrepo: b\n', ''],
  ['provider: s3\nurl: https://updates.example/\n', ''],
  ['provider: generic\n', ''],
  ['', ''],
])('the address in %j is asked at "%s"', (settings, host) => expect(updateHost(settings)).toBe(host))

test('what is no package has no host to ask, and a package without an address neither', async () => {
  expect((await packagedUpdater(null)).host).toBe('')
  expect((await packagedUpdater(temporaryFolder())).host).toBe('')
  const parts = await packagedUpdater(null)
  const updates = await Updates.open({ folder: temporaryFolder(), disk: nodeDisk, ...parts })
  expect(await updates.set(true)).toMatchObject({ host: '', on: false })
})
