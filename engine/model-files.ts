import { EngineError } from './errors.ts'
import { parseJson } from './formats/json.ts'

/** A model folder, wherever it lies: fetched by the window, read from disk in Node. */
export interface ModelFiles {
  /** what to call the model: the folder's name */
  readonly name: string
  /**
   * A whole file.
   * @throws {EngineError} `missing-file`
   */
  bytes(file: string, onProgress?: (loaded: number, total: number) => void): Promise<Uint8Array<ArrayBuffer>>
}

export interface ModelFolder {
  readonly name: string
  readonly config: unknown
  readonly tokenizer: unknown
  readonly tokenizerConfig: unknown
  readonly generationConfig: unknown
  readonly weights: Uint8Array<ArrayBuffer>
}

/** The list `sha256sum` writes; a model folder that has one is checked against it. */
const CHECKSUMS = 'SHA256SUMS'

/**
 * Read every file of a model folder, the weights last, and check their hashes where the folder lists them.
 *
 * @throws {EngineError} `missing-file`, `bad-file`, `bad-hash`
 */
export async function readModelFiles(
  files: ModelFiles,
  onProgress: (loaded: number, total: number) => void,
): Promise<ModelFolder> {
  const checksums = parseChecksums(await optional(files, CHECKSUMS))
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
  const [config, tokenizer, tokenizerConfig] = await Promise.all([
    json('config.json'),
    json('tokenizer.json'),
    json('tokenizer_config.json'),
  ])
  const generation = await optional(files, 'generation_config.json')
  const generationConfig = generation ? parse(generation, 'generation_config.json') : {}
  const weights = await read('model.safetensors')
  return { name: files.name, config, tokenizer, tokenizerConfig, generationConfig, weights }
}

async function optional(files: ModelFiles, file: string): Promise<Uint8Array<ArrayBuffer> | null> {
  try {
    return await files.bytes(file)
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
