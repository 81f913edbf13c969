import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import type { AppInfo, Bridge } from '../../electron/bridge.ts'
import { createBridge } from '../../electron/bridge-calls.ts'
import { runModelJob } from '../../bin/model-job.ts'
import { Conversations, Refusal } from '../../electron/conversations.ts'
import { type Disk, nodeDisk } from '../../electron/disk.ts'
import { DocumentMemories } from '../../electron/documents.ts'
import { type DownloadPorts, nodePorts } from '../../electron/downloads/ports.ts'
import type { Entry } from '../../electron/entries.ts'
import { SessionToken } from '../../electron/tokens/kept-token.ts'
import type { RunJob } from '../../electron/models/jobs.ts'
import { Models } from '../../electron/models/models.ts'
import { Remote } from '../../electron/remote/remote.ts'
import { type OpenedServer, openServer } from '../../electron/server/open-server.ts'
import { packagedUpdater } from '../../electron/updates/packaged-updater.ts'
import { Updates } from '../../electron/updates/updates.ts'

/** The first entry of every conversation in tests. */
export const OPENED: Entry = {
  type: 'opened',
  created: 1_000,
  model: 'pocket',
  options: { attention: 'nha', window: null, system: '' },
}

const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** In memory where there is such a place, because thousands of writes wait for the disk; gone after the file's tests. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'plateau-test-'))
  folders.push(folder)
  return folder
}

/** It moves a second at each look. */
export function steadyClock(): () => number {
  let now = Date.now()
  return () => (now += 1000)
}

const opened: Conversations[] = []

/** Close what `testConversations` opened. */
export async function closeConversations(): Promise<void> {
  // A disk that fails on purpose may refuse that too.
  for (const conversations of opened.splice(0)) await conversations.close().catch(() => undefined)
}

/** Conversations on the disk, in a folder of their own unless one is given. */
export async function testConversations(
  folder = temporaryFolder(),
  disk: Disk = nodeDisk,
  now = steadyClock(),
): Promise<Conversations> {
  const conversations = await Conversations.open(folder, { disk, now, random: Math.random })
  opened.push(conversations)
  return conversations
}

/** The bridge as both shells serve it. */
export async function testBridge(
  info: AppInfo,
  folder = temporaryFolder(),
  hub: { readonly url: string; readonly ports: DownloadPorts; readonly runJob?: RunJob } = {
    url: 'https://hub.invalid',
    ports: nodePorts,
  },
  disk: Disk = nodeDisk,
  now = steadyClock(),
): Promise<{ bridge: Bridge; conversations: Conversations; models: Models; server: OpenedServer }> {
  const conversations = await testConversations(folder, disk, now)
  const models = await Models.open(folder, {
    hub: hub.url,
    ports: hub.ports,
    runJob: hub.runJob ?? inThisProcess,
    token: new SessionToken(),
    pick: () => Promise.resolve(''),
  })
  const server = await openServer(folder, nodeDisk)
  const remote = await Remote.open({
    folder,
    disk: nodeDisk,
    key: new SessionToken(),
    confirm: () => Promise.resolve(true),
    fetch,
  })
  return {
    bridge: createBridge(
      info,
      conversations,
      models,
      new DocumentMemories(disk, folder),
      server.bridge,
      remote,
      await Updates.open({ folder, disk, ...(await packagedUpdater(null)) }),
    ),
    conversations,
    models,
    server,
  }
}

/** The library's jobs without a process for each. */
export const inThisProcess: RunJob = async (job, onProgress, signal) => {
  const end = await runModelJob(job, onProgress)
  signal.throwIfAborted()
  if (end.type === 'refused') throw new Refusal(end.sentence)
  return end.type === 'done' ? end.description : null
}
