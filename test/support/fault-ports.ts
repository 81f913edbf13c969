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
