import { type Disk, diskCode, removeIfThere, replaceFile } from '../disk.ts'

/** Which version of which file the bytes in a `.part` belong to. */
interface Source {
  readonly url: string
  /** a strong ETag; empty when the server gave none */
  readonly etag: string
}

/** A file on its way: `PATH.part`, and beside it `PATH.part.json` that says what it is a part of. */
export class Part {
  readonly path: string
  readonly #disk: Disk
  readonly #target: string
  readonly #note: string

  constructor(disk: Disk, target: string) {
    this.#disk = disk
    this.#target = target
    this.path = `${target}.part`
    this.#note = `${target}.part.json`
  }

  /** Bytes there of this address, and the version they are of; none where anything is in doubt. */
  async found(url: string): Promise<{ readonly bytes: number; readonly etag: string }> {
    try {
      const source = parseSource(new TextDecoder().decode(await this.#disk.read(this.#note)))
      if (source?.url !== url) return { bytes: 0, etag: '' }
      return { bytes: (await this.#disk.stat(this.path)).size, etag: source.etag }
    } catch (error) {
      if (diskCode(error) === 'ENOENT') return { bytes: 0, etag: '' }
      throw error
    }
  }

  /** Begin anew, from nothing. */
  async begin(source: Source): Promise<void> {
    await removeIfThere(this.#disk, this.path)
    await replaceFile(this.#disk, this.#note, new TextEncoder().encode(JSON.stringify(source)))
  }

  /** The whole file is there and right: it takes its name. */
  async finish(): Promise<void> {
    await this.#disk.rename(this.path, this.#target)
    await removeIfThere(this.#disk, this.#note)
  }

  async drop(): Promise<void> {
    await removeIfThere(this.#disk, this.path)
    await removeIfThere(this.#disk, this.#note)
  }
}

function parseSource(text: string): Source | null {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || !('url' in value) || !('etag' in value)) return null
    const { url, etag } = value
    return typeof url === 'string' && typeof etag === 'string' ? { url, etag } : null
  } catch {
    return null
  }
}
