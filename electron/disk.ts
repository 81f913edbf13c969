import { statSync } from 'node:fs'
import { mkdir, open, readdir, readFile, rename, stat, truncate, unlink, utimes } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** A file that is being written. */
export interface DiskFile {
  /** How many of `bytes` were taken: all of them, or fewer. */
  write(bytes: Uint8Array): Promise<number>
  /** Resolves when what was written will outlive a power cut. */
  sync(): Promise<void>
  close(): Promise<void>
}

export interface FileStat {
  readonly size: number
  readonly modified: number
}

/** All that is asked of the disk: one small operation each, so that a test can let any one of them fail. */
export interface Disk {
  open(path: string, how: 'append' | 'create' | 'replace'): Promise<DiskFile>
  read(path: string): Promise<Uint8Array<ArrayBuffer>>
  truncate(path: string, length: number): Promise<void>
  rename(from: string, to: string): Promise<void>
  remove(path: string): Promise<void>
  list(folder: string): Promise<string[]>
  stat(path: string): Promise<FileStat>
  /** `stat` of many files in a folder at once; what is not there is left out. */
  statAll(folder: string, names: readonly string[]): Promise<Map<string, FileStat>>
  makeFolder(path: string): Promise<void>
  /** Make names in a folder, new and renamed, outlive a power cut. */
  syncFolder(path: string): Promise<void>
  /** Note that a file was used now. */
  touch(path: string, now: number): Promise<void>
}

/** Others get their turn in between. */
const STATS_AT_ONCE = 500

const FLAGS = { append: 'a', create: 'wx', replace: 'w' } as const

/** This machine's disk. What is written here is for this user alone. */
export const nodeDisk: Disk = {
  async open(path, how) {
    const file = await open(path, FLAGS[how], 0o600)
    return {
      write: async (bytes) => (await file.write(bytes)).bytesWritten,
      sync: () => file.datasync(),
      close: () => file.close(),
    }
  },
  read: async (path) => new Uint8Array(await readFile(path)),
  truncate: (path, length) => truncate(path, length),
  rename: (from, to) => rename(from, to),
  remove: (path) => unlink(path),
  list: (folder) => readdir(folder),
  async stat(path) {
    const { size, mtimeMs } = await stat(path)
    return { size, modified: mtimeMs }
  },
  async statAll(folder, names) {
    const found = new Map<string, FileStat>()
    for (const [i, name] of names.entries()) {
      // Asked one by one through the thread pool, ten thousand files take ten times as long.
      const one = statSync(join(folder, name), { throwIfNoEntry: false })
      if (one) found.set(name, { size: one.size, modified: one.mtimeMs })
      if (i % STATS_AT_ONCE === STATS_AT_ONCE - 1) await new Promise(setImmediate)
    }
    return found
  },
  async makeFolder(path) {
    await mkdir(path, { recursive: true, mode: 0o700 })
  },
  async syncFolder(path) {
    // Windows has no such thing, and refuses to open a folder.
    if (process.platform === 'win32') return
    const folder = await open(path, 'r')
    try {
      await folder.sync()
    } finally {
      await folder.close()
    }
  },
  touch: (path, now) => utimes(path, now / 1000, now / 1000),
}

/** Write all of `bytes` to an open file. */
export async function writeAll(file: DiskFile, bytes: Uint8Array): Promise<void> {
  let rest = bytes
  while (rest.length > 0) {
    const taken = await file.write(rest)
    if (taken === 0) throw new Error('the disk takes nothing more')
    rest = rest.subarray(taken)
  }
}

/** What a file is called until it is whole: no other writer's is called so, and the name says whose it is. */
const UNFINISHED = /\.([0-9]+)-[0-9]+\.plateau-new$/
let unfinished = 0

/** Put `bytes` in the place of a file: after a crash at any moment there is the old one or the new one, whole. */
export async function replaceFile(disk: Disk, path: string, bytes: Uint8Array): Promise<void> {
  await removeUnfinished(disk, path)
  const fresh = `${path}.${process.pid}-${++unfinished}.plateau-new`
  try {
    const file = await disk.open(fresh, 'replace')
    try {
      await writeAll(file, bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    await disk.rename(fresh, path)
  } catch (error) {
    await disk.remove(fresh).catch(() => undefined)
    throw error
  }
  await disk.syncFolder(dirname(path))
}

/** The folders of each disk that were looked through. */
const lookedThrough = new WeakMap<Disk, Set<string>>()

/** Remove what programs that died while they wrote left in a file's folder, once for each folder. */
async function removeUnfinished(disk: Disk, path: string): Promise<void> {
  const folder = dirname(path)
  const seen = lookedThrough.get(disk) ?? new Set()
  lookedThrough.set(disk, seen)
  if (seen.has(folder)) return
  try {
    for (const name of await listFolder(disk, folder)) {
      const pid = UNFINISHED.exec(name)?.[1]
      if (pid !== undefined && !isRunning(Number(pid))) await removeIfThere(disk, join(folder, name))
    }
  } catch (error) {
    // A folder that a user named may be one that is only written to.
    if (!['EACCES', 'EPERM'].includes(diskCode(error))) throw error
  }
  seen.add(folder)
}

/** Whether a process of that id runs. */
export function isRunning(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // It runs, and belongs to someone else.
    return diskCode(error) === 'EPERM'
  }
}

/** The code of a failure of the disk, such as `ENOENT`; empty for any other failure. */
export function diskCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

/** The names in a folder; none when there is no such folder. */
export async function listFolder(disk: Disk, folder: string): Promise<string[]> {
  try {
    return await disk.list(folder)
  } catch (error) {
    if (diskCode(error) === 'ENOENT') return []
    throw error
  }
}

/** Remove a file that may not be there. */
export async function removeIfThere(disk: Disk, path: string): Promise<void> {
  try {
    await disk.remove(path)
  } catch (error) {
    if (diskCode(error) !== 'ENOENT') throw error
  }
}
