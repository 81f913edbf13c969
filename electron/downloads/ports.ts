import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { type Disk, nodeDisk } from '../disk.ts'
import { isModelHost } from './hosts.ts'

/** All that a download touches outside itself. */
export interface DownloadPorts {
  readonly disk: Disk
  readonly fetch: (url: URL, init: RequestInit) => Promise<Response>
  /** may bytes be fetched from there, the places it redirects to included */
  readonly isAllowed: (url: URL) => boolean
  /** hex */
  readonly sha256: (path: string, signal: AbortSignal) => Promise<string>
  readonly freeBytes: (folder: string) => Promise<number>
  readonly now: () => number
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>
}

/** This machine's disk and network, and the hosts that models come from. */
export const nodePorts: DownloadPorts = {
  disk: nodeDisk,
  fetch: (url, init) => fetch(url, init),
  isAllowed: isModelHost,
  async sha256(path, signal) {
    const hash = createHash('sha256')
    for await (const bytes of createReadStream(path, { signal })) hash.update(bytes as Uint8Array)
    return hash.digest('hex')
  },
  async freeBytes(folder) {
    const { bavail, bsize } = await statfs(folder)
    return bavail * bsize
  },
  now: () => performance.now(),
  sleep: (milliseconds, signal) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, milliseconds)
      signal.addEventListener(
        'abort',
        () => {
          clearTimeout(timer)
          reject(signal.reason as Error)
        },
        { once: true },
      )
    }),
}
