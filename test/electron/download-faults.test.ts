import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { nodeDisk } from '../../electron/disk.ts'
import { downloadFile } from '../../electron/downloads/download-file.ts'
import type { DownloadPorts } from '../../electron/downloads/ports.ts'
import { FaultyDisk, FaultyFetch } from '../support/fault-ports.ts'
import { LOCAL_PORTS } from '../support/published-model.ts'
import { ScriptedWeights } from '../support/scripted-weights.ts'

let server: ScriptedWeights

beforeEach(async () => {
  server = new ScriptedWeights()
  await server.start()
})
afterEach(() => server.stop())

/** What a download says that fails, without waiting between its tries; empty where it does not. */
async function fetched(changes: Partial<DownloadPorts> = {}): Promise<string> {
  const ports: DownloadPorts = { ...LOCAL_PORTS, sleep: () => Promise.resolve(), ...changes }
  return downloadFile(server.file(), '', ports, new AbortController().signal, () => undefined).then(
    () => '',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  )
}

test.each(['once', 'full'] as const)(
  'a disk that fails at any operation (%s): one sentence, and the next try makes it whole',
  async (fault) => {
    const count = new FaultyDisk(nodeDisk, Infinity, 'once')
    await fetched({ disk: count })
    await server.takeWhole()
    for (let n = 1; n <= count.operations; n++) {
      const disk = new FaultyDisk(nodeDisk, n, fault)
      const said = await fetched({ disk })
      if (said === '') expect(disk.failures).toBeLessThanOrEqual(fault === 'full' ? 0 : 1)
      else
        expect(said).toMatch(
          fault === 'full' ? /^The disk is full: make room and go on/ : /could not be written|came damaged/,
        )
      expect(await fetched()).toBe('')
      await server.takeWhole()
    }
  },
)

describe('a network that fails at any request or piece', () => {
  test('once: nobody hears of it', async () => {
    let n = 1
    for (let failed = true; failed; n++) {
      const network = new FaultyFetch(n, 'once')
      expect(await fetched({ fetch: network.fetch })).toBe('')
      await server.takeWhole()
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
      await server.takeWhole()
    }
    expect(server.requests.map(({ range }) => range)).toContainEqual(expect.stringMatching(/^bytes=[1-9]/))
  })
})
