import { join } from 'node:path'
import { type Disk, diskCode, replaceFile } from '../disk.ts'
import { newSecret } from '../secret.ts'

const FILE = 'server-token'
/** With a secret as `newSecret` makes them. */
const TOKEN = /^plateau-[\w-]{43}$/

/** The token of the local server, the same for window and terminal, in a file that only this user can read. */
export class ServerToken {
  readonly path: string
  readonly #folder: string
  readonly #disk: Disk

  constructor(folder: string, disk: Disk) {
    this.path = join(folder, FILE)
    this.#folder = folder
    this.#disk = disk
  }

  /** The token, and whether it was made just now because there was none. */
  async get(): Promise<{ readonly token: string; readonly isNew: boolean }> {
    const kept = await this.#read()
    if (TOKEN.test(kept)) return { token: kept, isNew: false }
    return { token: await this.renew(), isNew: true }
  }

  /** Another one: who has the old one is not answered any more. */
  async renew(): Promise<string> {
    const token = `plateau-${newSecret()}`
    await this.#disk.makeFolder(this.#folder)
    await replaceFile(this.#disk, this.path, new TextEncoder().encode(`${token}\n`))
    return token
  }

  async #read(): Promise<string> {
    try {
      return new TextDecoder().decode(await this.#disk.read(this.path)).trim()
    } catch (error) {
      if (diskCode(error) === 'ENOENT') return ''
      throw error
    }
  }
}
