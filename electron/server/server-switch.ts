import { join } from 'node:path'
import { type Disk, diskCode, replaceFile } from '../disk.ts'
import { asRecord } from '../entries.ts'
import type { CompletionHost } from './completion-host.ts'
import { type LocalServer, startLocalServer } from './local-server.ts'
import type { ServerReport } from './server-bridge.ts'
import type { ServerToken } from './server-token.ts'

const FILE = 'server.json'
/** One beyond the window's own. Nothing is registered for it. */
const PORT = 47_824
const PRIVILEGED = 1024
const MOST_PORT = 65_535

export interface SwitchParts {
  readonly folder: string
  readonly disk: Disk
  readonly host: CompletionHost
  readonly token: ServerToken
}

/** The local server of the window: off until it is switched on, and then on at the next start too. */
export class ServerSwitch {
  readonly #parts: SwitchParts
  #on = false
  #port = PORT
  #token = ''
  #problem = ''
  #server: LocalServer | null = null
  /** changes, one after the other */
  #changing: Promise<unknown> = Promise.resolve()

  /** As it was left. A server that cannot begin is no reason for the window not to: `problem` says why. */
  static async open(parts: SwitchParts): Promise<ServerSwitch> {
    const made = new ServerSwitch(parts)
    const kept = await parts.disk.read(join(parts.folder, FILE)).catch(() => null)
    const { on, port } = asRecord(kept && parse(kept))
    if (isPort(port)) made.#port = port
    if (on === true) await made.#begin()
    return made
  }

  private constructor(parts: SwitchParts) {
    this.#parts = parts
  }

  async report(): Promise<ServerReport> {
    await this.#changing
    return {
      on: this.#on,
      url: this.#server?.url ?? '',
      port: this.#port,
      token: this.#token,
      tokenFile: this.#parts.token.path,
      problem: this.#problem,
    }
  }

  set(on: boolean, port: number): Promise<ServerReport> {
    return this.#change(async () => {
      await this.#end()
      this.#port = port
      if (on) await this.#begin()
      const { disk, folder } = this.#parts
      await disk.makeFolder(folder)
      await replaceFile(disk, join(folder, FILE), new TextEncoder().encode(JSON.stringify({ on, port })))
    })
  }

  renew(): Promise<ServerReport> {
    return this.#change(async () => {
      this.#token = await this.#parts.token.renew()
    })
  }

  async close(): Promise<void> {
    await this.#change(() => this.#end())
  }

  #change(change: () => Promise<void>): Promise<ServerReport> {
    const changed = this.#changing.then(change)
    this.#changing = changed.catch(() => undefined)
    return changed.then(() => this.report())
  }

  async #begin(): Promise<void> {
    this.#on = true
    try {
      const { host, token } = this.#parts
      this.#token = (await token.get()).token
      this.#server = await startLocalServer({ host, token: () => this.#token, port: this.#port })
    } catch (error) {
      const code = diskCode(error)
      const why =
        code === 'EADDRINUSE' ? 'taken by another program' : code === 'EACCES' ? 'refused by the system' : ''
      this.#problem = why
        ? `Port ${this.#port} is ${why}; choose another.`
        : `The server could not begin: ${error instanceof Error ? error.message : String(error)}.`
    }
  }

  async #end(): Promise<void> {
    this.#on = false
    this.#problem = ''
    await this.#server?.close()
    this.#server = null
  }
}

/** Below 1024 systems ask for more rights than a chat should have. */
export function isPort(port: unknown): port is number {
  return Number.isInteger(port) && Number(port) >= PRIVILEGED && Number(port) <= MOST_PORT
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return null
  }
}
