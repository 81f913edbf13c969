import { EngineError } from './errors.ts'
import { parseJson } from './formats/json.ts'
import { fileInMemory, type RandomAccessFile } from './formats/random-access.ts'
import { readSafetensors } from './formats/safetensors.ts'
import { mergeShards, readShardIndex } from './formats/shards.ts'
import type { Tensor } from './formats/tensor.ts'
import { readGgufModel } from './gguf-model.ts'
import { asTrained } from './model/trained-further.ts'
import type { ModelFolder } from './model-folder.ts'

/** A model folder, wherever it lies: fetched by the window, read from disk in Node. */
export interface ModelFiles {
  /** what to call the model: the folder's name */
  readonly name: string
  /**
   * A whole file.
   * @throws {EngineError} `missing-file`
   */
  bytes(file: string, onProgress?: (loaded: number, total: number) => void): Promise<Uint8Array<ArrayBuffer>>
  /**
   * A file to be read in pieces; the caller closes it.
   * @throws {EngineError} `missing-file`
   */
  open(file: string): Promise<RandomAccessFile>
  /** the GGUF file that is the whole model, where there is no folder of files */
  readonly gguf?: string
}

/** The list `sha256sum` writes; a model folder that has one is checked against it. */
const CHECKSUMS = 'SHA256SUMS'
const WEIGHTS = 'model.safetensors'
/** Where newer folders have the chat template; it goes before the one in tokenizer_config.json, as in Transformers. */
const TEMPLATE = 'chat_template.jinja'
const SHARD_INDEX = 'model.safetensors.index.json'
// Larger weights are read tensor by tensor. Their hash is the business of who fetched them: it takes a whole reading.
const WHOLE_BYTES = 64 * 2 ** 20

/**
 * Read the settings of a model folder and find its tensors, and check hashes where the folder lists them: of every
 * file that is read whole, which are all but weights above 64 MiB. A GGUF file is read as the folder it stands for.
 *
 * @throws {EngineError} `missing-file`, `bad-file`, `bad-hash`, `unsupported-file`; nothing stays open then
 */
export async function readModelFiles(
  files: ModelFiles,
  onProgress: (loaded: number, total: number) => void,
): Promise<ModelFolder> {
  if (files.gguf !== undefined) return openGguf(files, files.gguf)
  const checksums = parseChecksums(await optional(() => files.bytes(CHECKSUMS)))
  const read = async (file: string): Promise<Uint8Array<ArrayBuffer>> => {
    const bytes = await files.bytes(file, file.endsWith('.safetensors') ? onProgress : undefined)
    const expected = checksums.get(file)
    if (expected !== undefined) {
      const found = hex(await crypto.subtle.digest('SHA-256', bytes))
      if (found !== expected) throw new EngineError({ code: 'bad-hash', file, expected, found })
    }
    return bytes
  }
  const json = async (file: string): Promise<unknown> => parse(await read(file), file)
  const [config, tokenizer, tokenizerConfig, generationConfig, template] = await Promise.all([
    json('config.json'),
    json('tokenizer.json'),
    json('tokenizer_config.json'),
    optional(() => json('generation_config.json')),
    optional(() => read(TEMPLATE)),
  ])

  const opened: RandomAccessFile[] = []
  const close = async (): Promise<void> => {
    await Promise.all(opened.map((file) => file.close()))
  }
  const open = async (name: string): Promise<RandomAccessFile> => {
    const file = await files.open(name)
    opened.push(file)
    return file.size > WHOLE_BYTES ? file : fileInMemory(name, await read(name))
  }
  try {
    const tensors = await openWeights(open, json)
    const settings = {
      config: asTrained(config, tensors),
      configFile: 'config.json',
      tokenizer,
      tokenizerConfig: template === null ? tokenizerConfig : withTemplate(tokenizerConfig, template),
      generationConfig: generationConfig ?? {},
    }
    return { name: files.name, ...settings, tensors, close }
  } catch (error) {
    await close()
    throw error
  }
}

async function openGguf(files: ModelFiles, name: string): Promise<ModelFolder> {
  const file = await files.open(name)
  try {
    return await readGgufModel(file, files.name)
  } catch (error) {
    await file.close()
    throw error
  }
}

/** One file of weights, or the shards that an index lists. */
async function openWeights(
  open: (name: string) => Promise<RandomAccessFile>,
  json: (name: string) => Promise<unknown>,
): Promise<Map<string, Tensor>> {
  const index = await optional(() => json(SHARD_INDEX))
  if (index === null) return readSafetensors(await open(WEIGHTS))
  const fileOf = readShardIndex(index, SHARD_INDEX)
  const shards = new Map<string, Map<string, Tensor>>()
  for (const name of new Set(fileOf.values())) shards.set(name, await readSafetensors(await open(name)))
  return mergeShards(fileOf, shards)
}

async function optional<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof EngineError && error.failure.code === 'missing-file') return null
    throw error
  }
}

function parse(bytes: Uint8Array, file: string): unknown {
  try {
    return parseJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw new EngineError({ code: 'bad-file', file, reason: 'it is not valid JSON' })
  }
}

function withTemplate(tokenizerConfig: unknown, template: Uint8Array): unknown {
  if (typeof tokenizerConfig !== 'object' || tokenizerConfig === null) return tokenizerConfig
  return { ...tokenizerConfig, chat_template: new TextDecoder().decode(template) }
}

/** Lines of `<64 hex digits>  <file>`; anything else is ignored. */
function parseChecksums(bytes: Uint8Array | null): Map<string, string> {
  const sums = new Map<string, string>()
  for (const line of bytes ? new TextDecoder().decode(bytes).split('\n') : []) {
    const match = /^([0-9a-f]{64}) [ *](\S+)$/.exec(line.trim())
    if (match?.[1] !== undefined && match[2] !== undefined) sums.set(match[2], match[1])
  }
  return sums
}

function hex(digest: ArrayBuffer): string {
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
