import type { PinnedFile } from '../models/model-bridge.ts'
import { DownloadError } from './download-error.ts'
import type { FileToDownload } from './download-file.ts'
import type { DownloadPorts } from './ports.ts'

export const HUB = 'https://huggingface.co'

/** A model on the hub at one revision: what is fetched of it does not change any more. */
export interface HubModel {
  readonly repo: string
  /** the commit */
  readonly revision: string
  readonly files: readonly HubFile[]
}

interface HubFile {
  readonly name: string
  readonly bytes: number
  /** hex; `null` for small files, of which the hub gives no SHA-256 */
  readonly sha256: string | null
}

/** owner/name */
export const REPO = /^[A-Za-z0-9][\w.-]{0,95}\/[A-Za-z0-9][\w.-]{0,95}$/
const COMMIT = /^[0-9a-f]{40}$/
export const SHA256 = /^[0-9a-f]{64}$/
/** Letters, digits and a few signs in each part of a path, none of which begins with a dot. */
const SAFE_NAME = /^(?:[A-Za-z0-9_][\w.+ -]*\/)*[A-Za-z0-9_][\w.+ -]*$/
const MOST_FILES = 10_000
const LONGEST_LIST = 20_000_000

/** What a model folder has beside its weights. */
const SMALL_FILES = [
  'config.json',
  'generation_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'chat_template.jinja',
  'model.safetensors.index.json',
  'SHA256SUMS',
]
const WEIGHTS = /^model(-\d{5}-of-\d{5})?\.safetensors$/

/**
 * What the hub has of a model.
 *
 * @param repo owner/name
 * @param revision a branch, a tag or a commit
 * @param pinned what is known of its files: it takes the place of what the hub leaves unsaid
 * @throws {DownloadError} the hub has another commit, or other files, than those that are pinned, among others; or the
 * signal's reason
 */
export async function listModel(
  hub: string,
  repo: string,
  revision: string,
  token: string,
  ports: Pick<DownloadPorts, 'fetch' | 'isAllowed'>,
  signal: AbortSignal,
  pinned: readonly PinnedFile[] = [],
): Promise<HubModel> {
  if (!REPO.test(repo) || repo.includes('..'))
    throw new DownloadError('missing', `"${repo}" is not the name of a model: it should be OWNER/NAME.`)
  const url = new URL(`${hub}/api/models/${repo}/revision/${encodeURIComponent(revision)}?blobs=true`)
  const response = await askHub(url, token, ports, signal)
  if (!response.ok) {
    await response.body?.cancel()
    throw refusal(repo, revision, response.status)
  }
  const model = parseModel(repo, await shortText(response, url.host), pinned)
  if (model === null)
    throw new DownloadError('damaged', `${url.host} described ${repo} in a way that is not understood.`)
  if (COMMIT.test(revision) && model.revision !== revision)
    throw new DownloadError('damaged', `${url.host} has another revision of ${repo} than was asked for.`)
  for (const pin of pinned) checkPinned(model, pin)
  return model
}

/** @throws {DownloadError} the hub does not have that file */
function checkPinned({ repo, files }: HubModel, { path, bytes, sha256 }: PinnedFile): void {
  const file = files.find(({ name }) => name === path)
  if (!file) throw new DownloadError('missing', `${repo} has no file "${path}".`)
  if (file.bytes !== bytes || (sha256 !== null && file.sha256 !== sha256))
    throw new DownloadError(
      'damaged',
      `${path} of ${repo} is not the file that is pinned: its size or SHA-256 is another.`,
    )
}

/**
 * One answer of the hub, good or bad, without following it elsewhere.
 *
 * @throws {DownloadError} the host is not allowed, or not there; or the signal's reason
 */
export async function askHub(
  url: URL,
  token: string,
  ports: Pick<DownloadPorts, 'fetch' | 'isAllowed'>,
  signal: AbortSignal,
): Promise<Response> {
  if (!ports.isAllowed(url)) throw new DownloadError('host', `Models are not fetched from ${url.host}.`)
  try {
    const headers = token === '' ? {} : { Authorization: `Bearer ${token}` }
    return await ports.fetch(url, { headers, signal, redirect: 'error' })
  } catch (error) {
    signal.throwIfAborted()
    throw new DownloadError('network', `${url.host} could not be reached; is there a network?`, {
      cause: error,
    })
  }
}

/**
 * The files to fetch so that the model can be loaded: the one named, or a Hugging Face folder.
 *
 * @param file a GGUF of the repository; `null` for the folder
 * @throws {DownloadError} it has no such file, or no weights that can be loaded
 */
export function filesOf(
  hub: string,
  model: HubModel,
  file: string | null,
  pathOf: (name: string) => string,
): FileToDownload[] {
  const { repo, revision } = model
  const wanted =
    file === null
      ? model.files.filter(({ name }) => SMALL_FILES.includes(name) || WEIGHTS.test(name))
      : model.files.filter(({ name }) => name === file)
  if (file === null && !wanted.some(({ name }) => WEIGHTS.test(name))) throw noWeights(model)
  if (wanted.length === 0) throw new DownloadError('missing', `${repo} has no file "${file ?? ''}".`)
  return wanted.map(({ name, bytes, sha256 }) => {
    const path = name.split('/').map(encodeURIComponent).join('/')
    return { url: `${hub}/${repo}/resolve/${revision}/${path}`, path: pathOf(name), bytes, sha256 }
  })
}

function noWeights({ repo, files }: HubModel): DownloadError {
  const gguf = files.filter(({ name }) => name.endsWith('.gguf')).map(({ name }) => name)
  const choice = gguf.length > 0 ? `; name one of its GGUF files: ${gguf.slice(0, 8).join(', ')}` : ''
  return new DownloadError('missing', `${repo} has no weights as safetensors${choice}.`)
}

function refusal(repo: string, revision: string, status: number): DownloadError {
  // The hub says "unauthorized" of models that are not there, too.
  if (status === 401 || status === 403)
    return new DownloadError(
      'login',
      `${repo} is not there, or needs a login: give a token that may read it.`,
    )
  if (status === 404)
    return new DownloadError('missing', `There is no model ${repo} at revision "${revision}".`)
  return new DownloadError(status >= 500 ? 'network' : 'refused', `The hub refused ${repo} (${status}).`)
}

/** @throws {DownloadError} it does not end */
export async function shortText(response: Response, host: string): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const bytes of response.body ?? []) {
    text += decoder.decode(bytes, { stream: true })
    if (text.length > LONGEST_LIST) throw new DownloadError('damaged', `${host} sent a list without an end.`)
  }
  return text
}

function parseModel(repo: string, text: string, pinned: readonly PinnedFile[]): HubModel | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null
  }
  if (!isRecord(value)) return null
  const { sha, siblings } = value
  if (typeof sha !== 'string' || !COMMIT.test(sha)) return null
  if (!Array.isArray(siblings) || siblings.length > MOST_FILES) return null
  // Files with names that a disk should not see are left out: no model needs them.
  return { repo, revision: sha, files: siblings.flatMap((file: unknown) => parseFile(file, pinned) ?? []) }
}

function parseFile(file: unknown, pinned: readonly PinnedFile[]): HubFile | null {
  if (!isRecord(file)) return null
  const { rfilename: name, lfs } = file
  if (typeof name !== 'string' || name.length > 250 || !SAFE_NAME.test(name)) return null
  const pin = pinned.find(({ path }) => path === name)
  const { size = pin?.bytes } = file
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) return null
  const hash = isRecord(lfs) ? lfs['sha256'] : null
  const isHash = typeof hash === 'string' && SHA256.test(hash)
  return { name, bytes: size, sha256: isHash ? hash : (pin?.sha256 ?? null) }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
