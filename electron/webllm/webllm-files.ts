import { join } from 'node:path'
import { Refusal } from '../conversations.ts'
import { diskCode } from '../disk.ts'
import { downloadFile, type FileToDownload } from '../downloads/download-file.ts'
import { filesOf, type HubModel, listModel } from '../downloads/hub.ts'
import type { DownloadPorts } from '../downloads/ports.ts'

/** `/webllm/MODEL/resolve/main/FILE` of our own origin, which is how WebLLM writes an address. */
export const WEBLLM_PREFIX = '/webllm/'
/** WebLLM's own models are all of one owner, and its libraries of one folder, that of its version. */
const OWNER = 'mlc-ai'
export const WEBLLM_LIBRARIES =
  'https://raw.githubusercontent.com/mlc-ai/binary-mlc-llm-libs/main/web-llm-models/v0_2_86/base/'

const MODEL = /^[A-Za-z0-9][\w.-]{0,90}-MLC$/
const LIBRARY = /^[A-Za-z0-9][\w.-]{0,120}-webgpu\.wasm$/
const FILE =
  /^(?:mlc-chat-config\.json|tensor-cache\.json|tokenizer\.(?:json|model)|params_shard_\d{1,5}\.bin)$/
const NEVER = new AbortController().signal

/**
 * The files that WebLLM asks for, as it asks for them: fetched once by the rules that hold for every model (hosts,
 * SHA-256 where the hub has one, resumed after a break), and kept where the library shows and deletes them.
 */
export class WebllmFiles {
  readonly #folder: string
  readonly #hub: string
  readonly #ports: DownloadPorts
  readonly #lists = new Map<string, Promise<HubModel>>()
  readonly #coming = new Map<string, Promise<void>>()

  /** @param folder of the user's models */
  constructor(folder: string, hub: string, ports: DownloadPorts) {
    this.#folder = folder
    this.#hub = hub
    const isLibrary = ({ href }: URL) =>
      href.startsWith(WEBLLM_LIBRARIES) && LIBRARY.test(href.slice(WEBLLM_LIBRARIES.length))
    this.#ports = { ...ports, isAllowed: (url) => ports.isAllowed(url) || isLibrary(url) }
  }

  /**
   * Where the file lies that a path of our origin names; `null` for what WebLLM has no use for.
   *
   * @throws {DownloadError}
   */
  async find(pathname: string): Promise<string | null> {
    const [, , model = '', resolve, main, file = '', ...more] = pathname.split('/')
    if (resolve !== 'resolve' || main !== 'main' || more.length > 0 || !MODEL.test(model)) return null
    if (!FILE.test(file) && !LIBRARY.test(file)) return null
    const path = join(this.#folder, model, file)
    let coming = this.#coming.get(path)
    if (!coming) {
      coming = this.#bring(model, file, path).finally(() => this.#coming.delete(path))
      this.#coming.set(path, coming)
    }
    await coming
    return path
  }

  async #bring(model: string, file: string, path: string): Promise<void> {
    try {
      await this.#ports.disk.stat(path)
      return
    } catch (error) {
      if (diskCode(error) !== 'ENOENT') throw error
    }
    await downloadFile(await this.#source(model, file, path), '', this.#ports, NEVER, () => undefined)
  }

  async #source(model: string, file: string, path: string): Promise<FileToDownload> {
    if (LIBRARY.test(file)) return { url: `${WEBLLM_LIBRARIES}${file}`, path, bytes: null, sha256: null }
    const [found] = filesOf(this.#hub, await this.#list(model), file, () => path)
    if (!found) throw new Refusal(`${model} has no file ${file}.`)
    return found
  }

  /** Asked once; again after a failure. */
  #list(model: string): Promise<HubModel> {
    const known = this.#lists.get(model)
    if (known) return known
    const list = listModel(this.#hub, `${OWNER}/${model}`, 'main', '', this.#ports, NEVER)
    this.#lists.set(model, list)
    list.catch(() => this.#lists.delete(model))
    return list
  }
}
