import type { Disk, DiskFile, FileStat } from '../../electron/disk.ts'

/** What goes wrong: one operation; every one from there on; or every one that needs room. */
export type Fault = 'once' | 'dead' | 'full'

/**
 * A disk whose N-th operation fails. A write that fails has taken half of its bytes, as a real one may have. `dead` is
 * a program that was killed there, `full` a disk without room until `space` is called.
 */
export class FaultyDisk implements Disk {
  operations = 0
  /** how many operations failed */
  failures = 0
  readonly #disk: Disk
  #failAt: number
  readonly #fault: Fault
  #space = false

  constructor(disk: Disk, failAt: number, fault: Fault) {
    this.#disk = disk
    this.#failAt = failAt
    this.#fault = fault
  }

  /** It fails from the `operations`-th operation from now on. */
  failIn(operations: number): void {
    this.#failAt = this.operations + operations
  }

  /** There is room again. */
  space(): void {
    this.#space = true
  }

  async open(path: string, how: 'append' | 'create' | 'replace'): Promise<DiskFile> {
    this.#step(how !== 'append')
    const file = await this.#disk.open(path, how)
    return {
      write: async (bytes) => {
        const half = bytes.subarray(0, bytes.length >> 1)
        try {
          this.#step(true)
        } catch (error) {
          if (half.length > 0) await file.write(half)
          throw error
        }
        // Short writes are allowed: the caller goes on with the rest.
        return file.write(bytes.length > 64 && this.operations % 3 === 0 ? half : bytes)
      },
      sync: async () => {
        this.#step(false)
        await file.sync()
      },
      close: async () => {
        await file.close()
        this.#step(false)
      },
    }
  }

  read(path: string): Promise<Uint8Array<ArrayBuffer>> {
    return this.#do(false, () => this.#disk.read(path))
  }
  truncate(path: string, length: number): Promise<void> {
    return this.#do(false, () => this.#disk.truncate(path, length))
  }
  rename(from: string, to: string): Promise<void> {
    return this.#do(false, () => this.#disk.rename(from, to))
  }
  remove(path: string): Promise<void> {
    return this.#do(false, () => this.#disk.remove(path))
  }
  list(folder: string): Promise<string[]> {
    return this.#do(false, () => this.#disk.list(folder))
  }
  stat(path: string): Promise<{ size: number; modified: number }> {
    return this.#do(false, () => this.#disk.stat(path))
  }
  statAll(folder: string, names: readonly string[]): Promise<Map<string, FileStat>> {
    return this.#do(false, () => this.#disk.statAll(folder, names))
  }
  makeFolder(path: string): Promise<void> {
    return this.#do(true, () => this.#disk.makeFolder(path))
  }
  syncFolder(path: string): Promise<void> {
    return this.#do(false, () => this.#disk.syncFolder(path))
  }
  touch(path: string, now: number): Promise<void> {
    return this.#do(false, () => this.#disk.touch(path, now))
  }

  async #do<T>(needsRoom: boolean, operation: () => Promise<T>): Promise<T> {
    this.#step(needsRoom)
    return operation()
  }

  #step(needsRoom: boolean): void {
    this.operations++
    if (this.operations < this.#failAt) return
    if (this.#fault === 'once') this.#failAt = Infinity
    if (this.#fault === 'full' && (this.#space || !needsRoom)) return
    this.failures++
    const code = this.#fault === 'full' ? 'ENOSPC' : 'EIO'
    throw Object.assign(new Error(`operation ${this.operations} fails (${code})`), { code })
  }
}

/** How far a clock that is set at its N-th look jumps. */
export const JUMPS = { back: -400 * 86_400_000, ahead: 400 * 86_400_000 } as const

/** A clock that somebody sets at its N-th look, and which goes on from there. */
export class FaultyClock {
  looks = 0
  readonly now: () => number

  constructor(now: () => number, failAt: number, jump: keyof typeof JUMPS) {
    this.now = () => now() + (++this.looks < failAt ? 0 : JUMPS[jump])
  }
}

/** The network gives as many at once as it likes. */
const PIECE_BYTES = 8192

/**
 * A network whose N-th operation fails: a request, or a piece of its body. `dead` is one that is gone from there on.
 */
export class FaultyFetch {
  operations = 0
  failures = 0
  readonly #failAt: number
  readonly #fault: 'once' | 'dead'

  constructor(failAt: number, fault: 'once' | 'dead') {
    this.#failAt = failAt
    this.#fault = fault
  }

  readonly fetch = async (url: URL, init: RequestInit): Promise<Response> => {
    this.#step()
    const response = await fetch(url, init)
    const pieces = new TransformStream<Uint8Array, Uint8Array>({
      transform: (bytes, controller) => {
        for (let from = 0; from < bytes.length; from += PIECE_BYTES) {
          this.#step()
          controller.enqueue(bytes.subarray(from, from + PIECE_BYTES))
        }
      },
    })
    return new Response(response.body?.pipeThrough(pieces) ?? null, response)
  }

  #step(): void {
    this.operations++
    const fails = this.#fault === 'once' ? this.operations === this.#failAt : this.operations >= this.#failAt
    if (!fails) return
    this.failures++
    throw new TypeError('fetch failed')
  }
}
