import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Refusal } from '../conversations.ts'
import { type Disk, diskCode } from '../disk.ts'
import { asRecord } from '../entries.ts'
import type { Description } from './jobs.ts'
import type { InstalledModel } from './model-bridge.ts'
import { ORIGIN_FILE, readOrigin } from './origin.ts'

/** What a config may be long; real ones have some kilobytes. */
const LARGEST_CONFIG = 1_000_000
const DTYPES: Readonly<Record<string, string>> = { float32: 'f32', float16: 'f16', bfloat16: 'bf16' }

/** The models in a folder: folders with safetensors, GGUF files, and folders with GGUF files. */
export class InstalledModels {
  readonly folder: string
  readonly #disk: Disk
  readonly #describe: (path: string) => Promise<Description>
  /** by path, with the size and time of what was described */
  readonly #described = new Map<string, { readonly stamp: string; readonly found: Promise<Described> }>()

  /** @param describe what a GGUF file is; rejects with a sentence */
  constructor(folder: string, disk: Disk, describe: (path: string) => Promise<Description>) {
    this.folder = folder
    this.#disk = disk
    this.#describe = describe
  }

  async list(): Promise<readonly InstalledModel[]> {
    const entries = await this.#entries(this.folder)
    const models = await Promise.all(
      entries.map(async ({ name, isFolder }) => {
        // `….part` is being converted.
        if (isFolder) return name.endsWith('.part') ? [] : this.#inFolder(name)
        return isGguf(name) ? [await this.#gguf(this.folder, name, name)] : []
      }),
    )
    return models.flat().sort((a, b) => a.name.localeCompare(b.name) || a.id.localeCompare(b.id))
  }

  /** @throws {Refusal} there is no such model */
  async remove(id: string): Promise<void> {
    const model = (await this.list()).find((each) => each.id === id)
    if (!model) throw new Refusal('There is no such model any more.')
    const [folder = '', file] = id.split('/')
    if (file === undefined) {
      await rm(join(this.folder, folder), { recursive: true })
      return
    }
    await rm(join(this.folder, folder, file))
    const left = await this.#entries(join(this.folder, folder))
    if (left.every(({ name }) => name === ORIGIN_FILE))
      await rm(join(this.folder, folder), { recursive: true })
  }

  async #inFolder(name: string): Promise<InstalledModel[]> {
    const folder = join(this.folder, name)
    const files = (await this.#entries(folder)).filter(({ isFolder }) => !isFolder).map((file) => file.name)
    const models = await Promise.all(
      files.filter(isGguf).map((file) => this.#gguf(folder, file, `${name}/${file}`)),
    )
    const isForWebllm = files.includes('mlc-chat-config.json')
    if (!files.includes('config.json') && !isForWebllm) return models
    const origin = await readOrigin(this.#disk, folder)
    const config = await this.#config(join(folder, 'config.json'))
    const format = config === null ? '' : formatOf(config)
    const sizes = await this.#disk.statAll(folder, files)
    const bytes = [...sizes.values()].reduce((sum, { size }) => sum + size, 0)
    const problem = isForWebllm
      ? 'It is kept for WebLLM, and can be chosen in Compare.'
      : files.some((file) => file.endsWith('.part'))
        ? 'It has not arrived whole: `plateau download` with its name goes on.'
        : !files.some((file) => file.endsWith('.safetensors'))
          ? 'It has no weights.'
          : config === null
            ? 'Its config.json cannot be read.'
            : ''
    const plain = format !== '' && name.endsWith(`-${format}`) ? name.slice(0, -format.length - 1) : name
    const { repo = '', revision = '' } = origin ?? {}
    const shown = repo.split('/').at(-1) || plain
    return [
      ...models,
      {
        ...{ id: name, name: shown, bytes, format, config, weightBytes: null, repo, revision, problem },
        hasReport: files.includes('hybridize.json'),
      },
    ]
  }

  async #gguf(folder: string, file: string, id: string): Promise<InstalledModel> {
    const path = join(folder, file)
    const { size, modified } = await this.#disk.stat(path)
    const stamp = `${size} ${modified}`
    const known = this.#described.get(path)
    const found = known?.stamp === stamp ? known.found : described(this.#describe(path))
    this.#described.set(path, { stamp, found })
    const origin = folder === this.folder ? null : await readOrigin(this.#disk, folder)
    const { repo = '', revision = '' } = origin ?? {}
    return {
      id,
      name: file.replace(/\.gguf$/i, ''),
      bytes: size,
      repo,
      revision,
      hasReport: false,
      ...(await found),
    }
  }

  async #config(path: string): Promise<Readonly<Record<string, unknown>> | null> {
    try {
      if ((await this.#disk.stat(path)).size > LARGEST_CONFIG) return null
      return asRecord(JSON.parse(new TextDecoder().decode(await this.#disk.read(path))))
    } catch {
      return null
    }
  }

  /** What has a plain name; nothing where there is no such folder. Links are passed over, as they are when served. */
  async #entries(folder: string): Promise<{ readonly name: string; readonly isFolder: boolean }[]> {
    try {
      const entries = await readdir(folder, { withFileTypes: true })
      return entries
        .filter((entry) => !entry.name.startsWith('.') && (entry.isFile() || entry.isDirectory()))
        .map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() }))
    } catch (error) {
      if (diskCode(error) === 'ENOENT') return []
      throw error
    }
  }
}

type Described = Description & { readonly problem: string }

async function described(description: Promise<Description>): Promise<Described> {
  try {
    return { ...(await description), problem: '' }
  } catch (error) {
    return {
      format: '',
      config: null,
      weightBytes: null,
      problem: error instanceof Error ? error.message : String(error),
    }
  }
}

function formatOf(config: Readonly<Record<string, unknown>>): string {
  const { quantization, torch_dtype: torchDtype, dtype = torchDtype } = config
  const own = typeof quantization === 'object' && quantization !== null ? { ...quantization } : {}
  if ('format' in own && (own.format === 'q4' || own.format === 'q8')) return own.format
  return (typeof dtype === 'string' && Object.hasOwn(DTYPES, dtype) && DTYPES[dtype]) || ''
}

function isGguf(name: string): boolean {
  return name.toLowerCase().endsWith('.gguf')
}
