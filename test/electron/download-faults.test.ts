import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { nodeDisk } from '../../electron/disk.ts'
import { downloadFile } from '../../electron/downloads/download-file.ts'
import { type DownloadPorts, nodePorts } from '../../electron/downloads/ports.ts'
import { FaultyDisk, FaultyFetch } from '../support/fault-ports.ts'
import { seeded } from '../support/numerics.ts'
import { ScriptedFileServer } from '../support/scripted-file-server.ts'

const random = seeded(3)
const BODY = Uint8Array.from({ length: 100_000 }, () => Math.floor(random() * 256))
const SHA256 = createHash('sha256').update(BODY).digest('hex')

let server: ScriptedFileServer
let folder: string

beforeEach(async () => {
  server = new ScriptedFileServer()
  await server.start()
  server.files.set('/weights', { body: BODY, etag: '"one"' })
  folder = await mkdtemp(join(tmpdir(), 'plateau-download-'))
})
afterEach(async () => {
  server.stop()
  await rm(folder, { recursive: true, force: true })
})

/** What a download says that fails, without waiting between its tries; empty where it does not. */
async function fetched(changes: Partial<DownloadPorts> = {}): Promise<string> {
  const ports: DownloadPorts = {
    ...nodePorts,
    isAllowed: ({ hostname }) => hostname === '127.0.0.1',
    sleep: () => Promise.resolve(),
    ...changes,
  }
  const path = join(folder, 'model/weights')
  const file = { url: `${server.origin}/weights`, path, bytes: BODY.length, sha256: SHA256 }
  return downloadFile(file, '', ports, new AbortController().signal, () => undefined).then(
    () => '',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  )
}

async function expectWhole(): Promise<void> {
  expect(await readdir(join(folder, 'model'))).toEqual(['weights'])
  expect(Buffer.from(BODY).equals(await readFile(join(folder, 'model/weights')))).toBe(true)
  await rm(join(folder, 'model'), { recursive: true })
}

test.each(['once', 'full'] as const)(
  'a disk that fails at any operation (%s): one sentence, and the next try makes it whole',
  async (fault) => {
    const count = new FaultyDisk(nodeDisk, Infinity, 'once')
    await fetched({ disk: count })
    await expectWhole()
    for (let n = 1; n <= count.operations; n++) {
      const disk = new FaultyDisk(nodeDisk, n, fault)
      const said = await fetched({ disk })
      if (said === '') expect(disk.failures).toBeLessThanOrEqual(fault === 'full' ? 0 : 1)
      else
        expect(said).toMatch(
          fault === 'full' ? /^The disk is full: make room and go on/ : /could not be written|came damaged/,
        )
      expect(await fetched()).toBe('')
      await expectWhole()
    }
  },
)

describe('a network that fails at any request or piece', () => {
  test('once: nobody hears of it', async () => {
    let n = 1
    for (let failed = true; failed; n++) {
      const network = new FaultyFetch(n, 'once')
      expect(await fetched({ fetch: network.fetch })).toBe('')
      await expectWhole()
      failed = network.failures > 0
    }
    expect(n).toBeGreaterThan(10)
  })

  test('for good: one sentence, and later it goes on where it was', async () => {
    for (let n = 1, failed = true; failed; n++) {
      const network = new FaultyFetch(n, 'dead')
      const said = await fetched({ fetch: network.fetch })
      failed = network.failures > 0
      expect(said).toMatch(failed ? / Go on when the network is back; what came is kept\.$/ : /^$/)
      expect(await fetched()).toBe('')
      await expectWhole()
    }
    expect(server.requests.map(({ range }) => range)).toContainEqual(expect.stringMatching(/^bytes=[1-9]/))
  })
})
