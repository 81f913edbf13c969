import { safeStorage } from 'electron'
import { join } from 'node:path'
import { type Disk, diskCode, removeIfThere, replaceFile } from '../disk.ts'
import { checkToken, type KeptToken } from './kept-token.ts'

/**
 * The token as the system's keychain keeps it; where there is none, or Chromium only pretends to one, this session's.
 * The keychain, which may ask its user for a password, is left alone until it is needed.
 */
export class KeychainToken implements KeptToken {
  readonly #path: string
  readonly #disk: Disk
  #token: Promise<string> | null = null

  /** @param file where it lies, encrypted with a key that the system's keychain holds; the file alone tells nothing */
  constructor(folder: string, disk: Disk, file: 'hub-token' | 'remote-key') {
    this.#path = join(folder, file)
    this.#disk = disk
  }

  get(): Promise<string> {
    this.#token ??= this.#read()
    return this.#token
  }

  async set(given: string): Promise<void> {
    const token = checkToken(given)
    const isKept = token !== '' && (await this.place()) === 'keychain'
    if (!isKept) await removeIfThere(this.#disk, this.#path)
    else
      await replaceFile(this.#disk, this.#path, Uint8Array.from(await safeStorage.encryptStringAsync(token)))
    this.#token = Promise.resolve(token)
  }

  /** Without a keyring on Linux Chromium encrypts with a password that is in its source. */
  async place(): Promise<'keychain' | 'session'> {
    const isReal = process.platform !== 'linux' || safeStorage.getSelectedStorageBackend() !== 'basic_text'
    return isReal && (await safeStorage.isAsyncEncryptionAvailable()) ? 'keychain' : 'session'
  }

  async #read(): Promise<string> {
    let bytes: Uint8Array
    try {
      bytes = await this.#disk.read(this.#path)
    } catch (error) {
      if (diskCode(error) === 'ENOENT') return ''
      throw error
    }
    try {
      return (await safeStorage.decryptStringAsync(Buffer.from(bytes))).result
    } catch {
      // Of another user or keychain: it is asked for again.
      return ''
    }
  }
}
