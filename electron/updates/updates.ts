import type { AppUpdater } from 'electron-updater'
import { join } from 'node:path'
import { type Disk, replaceFile } from '../disk.ts'
import { asRecord } from '../entries.ts'
import type { UpdateReport } from './update-bridge.ts'

const FILE = 'updates.json'
/** electron-updater would tell each installation by a number of its own in every request. This is the same for all. */
const HEADERS = { 'x-user-staging-id': '00000000-0000-0000-0000-000000000000' }

/** What is taken of electron-updater. */
type Updater = Pick<
  AppUpdater,
  | 'autoDownload'
  | 'autoInstallOnAppQuit'
  | 'allowDowngrade'
  | 'allowPrerelease'
  | 'disableWebInstaller'
  | 'disableDifferentialDownload'
  | 'requestHeaders'
  | 'logger'
  | 'checkForUpdates'
  | 'downloadUpdate'
  | 'quitAndInstall'
> & { on(event: 'download-progress', listener: (progress: { readonly percent: number }) => void): unknown }

export interface UpdateParts {
  readonly folder: string
  readonly disk: Disk
  /** the host that the package was given; empty for none */
  readonly host: string
  /** loaded when it is first needed */
  readonly updater: () => Promise<Updater>
}

const NOTHING = { stage: 'idle', version: '', percent: 0, problem: '' } as const

/**
 * Newer versions: off until a person switches it on, then looked for at each start. Nothing is fetched or put in place
 * before it is asked for, and what was fetched only where its SHA-512 is the one that was announced.
 */
export class Updates {
  readonly #parts: UpdateParts
  #report: UpdateReport
  #updater: Promise<Updater> | null = null

  /** As it was left; the host is asked in the background where it was left on. */
  static async open(parts: UpdateParts): Promise<Updates> {
    const made = new Updates(parts)
    if (parts.host === '') return made
    const kept = await parts.disk.read(join(parts.folder, FILE)).catch(() => null)
    if (asRecord(kept && parse(kept))['on'] !== true) return made
    made.#tell({ on: true })
    void made.#look()
    return made
  }

  private constructor(parts: UpdateParts) {
    this.#parts = parts
    this.#report = { host: parts.host, on: false, ...NOTHING }
  }

  report(): UpdateReport {
    return this.#report
  }

  async set(on: boolean): Promise<UpdateReport> {
    const { disk, folder, host } = this.#parts
    if (host === '') return this.#report
    await disk.makeFolder(folder)
    await replaceFile(disk, join(folder, FILE), new TextEncoder().encode(JSON.stringify({ on })))
    this.#tell({ on, ...(on ? {} : NOTHING) })
    if (on) void this.#look()
    return this.#report
  }

  fetch(): UpdateReport {
    if (this.#report.stage === 'found') void this.#fetch()
    return this.#report
  }

  install(): UpdateReport {
    if (this.#report.stage === 'ready') void this.#loaded().then((updater) => updater.quitAndInstall())
    return this.#report
  }

  async #look(): Promise<void> {
    this.#tell({ ...NOTHING, stage: 'looking' })
    try {
      const found = await (await this.#loaded()).checkForUpdates()
      // Switched off meanwhile.
      if (!this.#report.on) return
      this.#tell(
        found?.isUpdateAvailable
          ? { stage: 'found', version: found.updateInfo.version }
          : { stage: 'newest', version: '' },
      )
    } catch (error) {
      this.#tell({ stage: 'idle', problem: `No newer version could be looked for: ${reasonOf(error)}.` })
    }
  }

  async #fetch(): Promise<void> {
    this.#tell({ stage: 'fetching', percent: 0, problem: '' })
    try {
      await (await this.#loaded()).downloadUpdate()
      this.#tell({ stage: 'ready', percent: 100 })
    } catch (error) {
      const reason = /sha512 checksum mismatch/.test(reasonOf(error))
        ? 'its bytes are not those that were announced'
        : reasonOf(error)
      this.#tell({ stage: 'found', percent: 0, problem: `It could not be fetched: ${reason}.` })
    }
  }

  #tell(change: Partial<UpdateReport>): void {
    this.#report = { ...this.#report, ...change }
  }

  #loaded(): Promise<Updater> {
    this.#updater ??= this.#parts.updater().then((updater) => {
      updater.autoDownload = false
      updater.autoInstallOnAppQuit = false
      updater.allowDowngrade = false
      updater.allowPrerelease = false
      updater.disableWebInstaller = true
      // One request for all of it, instead of many for the parts that differ.
      updater.disableDifferentialDownload = true
      updater.requestHeaders = HEADERS
      updater.logger = null
      updater.on('download-progress', ({ percent }) => this.#tell({ percent: Math.floor(percent) }))
      return updater
    })
    return this.#updater
  }
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return null
  }
}

/** The first line of it: the rest may be a page of the server's. */
function reasonOf(error: unknown): string {
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
  return line.slice(0, 200).replace(/\.$/, '')
}
