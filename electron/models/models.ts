import { statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { downloadFile } from '../downloads/download-file.ts'
import { filesOf, listModel } from '../downloads/hub.ts'
import { searchHub } from '../downloads/hub-search.ts'
import { Refusal } from '../conversations.ts'
import { removeIfThere } from '../disk.ts'
import { type ArrivalPorts, Arrivals } from './arrivals.ts'
import { InstalledModels } from './installed.ts'
import type { HubHit, HubReport, ModelBridge, ModelsReport } from './model-bridge.ts'

export interface ModelPorts extends ArrivalPorts {
  /** ask the user for a file or folder; empty when none was chosen */
  readonly pick: (what: 'file' | 'folder') => Promise<string>
}

/** Where models lie in a data folder: the window, `plateau download` and `plateau import` share it. */
export function modelsFolder(dataFolder: string): string {
  return join(dataFolder, 'models')
}

const NEVER = new AbortController().signal

/** The library: what is here, what is on its way, and what the hub has. */
export class Models implements ModelBridge {
  readonly #installed: InstalledModels
  readonly #arrivals: Arrivals
  readonly #downloads: string
  readonly #ports: ModelPorts
  #lookUps = 0

  static async open(dataFolder: string, ports: ModelPorts): Promise<Models> {
    const downloads = join(dataFolder, 'downloads')
    const folder = modelsFolder(dataFolder)
    return new Models(folder, downloads, await Arrivals.open(folder, downloads, ports), ports)
  }

  private constructor(folder: string, downloads: string, arrivals: Arrivals, ports: ModelPorts) {
    this.#downloads = downloads
    this.#arrivals = arrivals
    this.#ports = ports
    this.#installed = new InstalledModels(folder, ports.ports.disk, async (path) => {
      const description = await ports.runJob({ type: 'describe', path }, () => undefined, NEVER)
      return description ?? { format: '', config: null, weightBytes: null }
    })
  }

  async listModels(): Promise<ModelsReport> {
    const { token } = this.#ports
    const { folder } = this.#installed
    const { bavail, bsize } = await statfs(folder).catch(() => statfs('/'))
    return {
      folder,
      freeBytes: bavail * bsize,
      // Before the list, or what arrives in between is in neither.
      arrivals: this.#arrivals.report(),
      installed: await this.#installed.list(),
      token: { given: (await token.get()) !== '', kept: await token.place() },
    }
  }

  /** @throws {DownloadError} */
  async lookUpModel({ repo }: { readonly repo: string }): Promise<HubReport> {
    const { hub, ports, token } = this.#ports
    const model = await listModel(hub, repo, 'main', await token.get(), ports, NEVER)
    const sizes = (names: RegExp) => model.files.filter(({ name }) => names.test(name))
    const hasFolder = sizes(/^model(-\d{5}-of-\d{5})?\.safetensors$/).length > 0
    const files = hasFolder ? filesOf(hub, model, null, (name) => name) : []
    return {
      repo: model.repo,
      revision: model.revision,
      bytes: hasFolder ? files.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0) : null,
      ggufs: sizes(/\.gguf$/i).map(({ name, bytes }) => ({ file: name, bytes })),
      config: model.files.some(({ name, bytes }) => name === 'config.json' && bytes < 1_000_000)
        ? await this.#config(filesOf(hub, model, 'config.json', () => this.#aside()))
        : null,
    }
  }

  /** @throws {DownloadError} */
  async searchModels({ words }: { readonly words: string }): Promise<readonly HubHit[]> {
    const { hub, ports, token } = this.#ports
    return searchHub(hub, words, await token.get(), ports, NEVER)
  }

  downloadModel(argument: Parameters<ModelBridge['downloadModel']>[0]): Promise<void> {
    return this.#arrivals.download(argument)
  }

  importModel({ path, quant }: Parameters<ModelBridge['importModel']>[0]): Promise<void> {
    return this.#arrivals.import(path, quant)
  }

  async fitModel({ id, ...fit }: Parameters<ModelBridge['fitModel']>[0]): Promise<void> {
    const model = (await this.#installed.list()).find((each) => each.id === id)
    if (!model) throw new Refusal('There is no such model any more.')
    await this.#arrivals.fit(model, fit)
  }

  pauseArrival({ id }: { readonly id: string }): Promise<void> {
    return this.#arrivals.pause(id)
  }

  resumeArrival({ id }: { readonly id: string }): Promise<void> {
    this.#arrivals.resume(id)
    return Promise.resolve()
  }

  cancelArrival({ id }: { readonly id: string }): Promise<void> {
    return this.#arrivals.cancel(id)
  }

  deleteModel({ id }: { readonly id: string }): Promise<void> {
    return this.#installed.remove(id)
  }

  setHubToken({ token }: { readonly token: string }): Promise<void> {
    return this.#ports.token.set(token)
  }

  async pickModel({ what }: { readonly what: 'file' | 'folder' }): Promise<{ readonly path: string }> {
    return { path: await this.#ports.pick(what) }
  }

  /** Pause what is on its way. */
  close(): Promise<void> {
    return this.#arrivals.close()
  }

  #aside(): string {
    return join(this.#downloads, `.config-${this.#lookUps++}.json`)
  }

  /** The same road as every other file: hosts, redirects and login pages are looked at there. */
  async #config(files: ReturnType<typeof filesOf>): Promise<unknown> {
    const { ports, token } = this.#ports
    const [file] = files
    if (!file) return null
    try {
      await downloadFile(file, await token.get(), ports, NEVER, () => undefined)
      return JSON.parse(new TextDecoder().decode(await ports.disk.read(file.path))) as unknown
    } catch (error) {
      if (error instanceof SyntaxError) return null
      throw error
    } finally {
      await removeIfThere(ports.disk, file.path)
    }
  }
}
