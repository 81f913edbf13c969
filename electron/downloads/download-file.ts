import { basename, dirname } from 'node:path'
import { diskCode, type DiskFile, writeAll } from '../disk.ts'
import { DownloadError } from './download-error.ts'
import { Part } from './part.ts'
import type { DownloadPorts } from './ports.ts'

export interface FileToDownload {
  readonly url: string
  /** where it goes */
  readonly path: string
  /** `null` where the list did not say */
  readonly bytes: number | null
  /** hex; `null` where it is not known: the length alone is checked then */
  readonly sha256: string | null
}

/** Tries in a row that bring no byte. */
const TRIES = 5
const FIRST_PAUSE_MILLISECONDS = 500
const MOST_REDIRECTS = 5

/**
 * Fetch one file, going on where an earlier try ended. The file has its name only when it is whole and, where the hash
 * is known, right. Aborted, what came is kept: calling again goes on.
 *
 * @param token for the first host only, never where it redirects to; empty for none
 * @param onBytes how many bytes of the file are here
 * @throws {DownloadError}, or the signal's reason
 */
export async function downloadFile(
  file: FileToDownload,
  token: string,
  ports: DownloadPorts,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const part = new Part(ports.disk, file.path)
  try {
    await ports.disk.makeFolder(dirname(file.path))
    for (let tries = 0; ;) {
      const before = (await part.found(file.url)).bytes
      try {
        await advance(file, part, token, ports, signal, onBytes)
        break
      } catch (error) {
        signal.throwIfAborted()
        if (error instanceof DownloadError && error.problem !== 'network') throw error
        if (isOfDisk(error)) throw error
        tries = (await part.found(file.url)).bytes > before ? 0 : tries + 1
        if (tries === TRIES) throw asNetworkError(file, error)
      }
      await ports.sleep(FIRST_PAUSE_MILLISECONDS * 2 ** Math.max(0, tries - 1), signal)
    }
    if (file.sha256 !== null && (await ports.sha256(part.path, signal)) !== file.sha256.toLowerCase()) {
      await part.drop()
      throw new DownloadError(
        'damaged',
        `${basename(file.path)} came damaged: its SHA-256 is not the one expected; download it again.`,
      )
    }
    await part.finish()
    await ports.disk.syncFolder(dirname(file.path))
  } catch (error) {
    signal.throwIfAborted()
    throw isOfDisk(error) ? asDiskError(file, error) : error
  }
}

/** Append what is missing. Resolves when the part is as long as the file. */
async function advance(
  file: FileToDownload,
  part: Part,
  token: string,
  ports: DownloadPorts,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const found = await part.found(file.url)
  // Without a version to compare, only a known hash tells whether old bytes and new ones are of one file.
  const keep = found.etag !== '' || file.sha256 !== null ? found.bytes : 0
  if (keep > 0 && keep === file.bytes) return
  const response = await get(file, keep, found.etag, token, ports, signal)
  if (response.status === 416) {
    // Nothing is missing, where only the server knew how long the file is; or what is here is of another file.
    if (response.headers.get('content-range') === `bytes */${keep}`) return
    await part.drop()
    throw new DownloadError('network', `${basename(file.path)} has become shorter.`)
  }
  const { start, total } = extent(file, response, keep)
  if (file.bytes !== null && total !== null && total !== file.bytes) {
    await response.body?.cancel()
    const lengths = `${total} bytes instead of ${file.bytes}`
    throw new DownloadError(
      'damaged',
      `${basename(file.path)} has ${lengths}: the model was changed; get its list again.`,
    )
  }
  if (start === 0) await part.begin({ url: file.url, etag: strongTag(response) })
  onBytes(start)
  const end = await append(part.path, start, response, total ?? file.bytes, ports, signal, onBytes)
  const expected = total ?? file.bytes
  if (expected !== null && end < expected)
    throw new DownloadError(
      'network',
      `${basename(file.path)} was cut off after ${end} of ${expected} bytes.`,
    )
}

async function append(
  path: string,
  start: number,
  response: Response,
  most: number | null,
  ports: DownloadPorts,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<number> {
  let end = start
  let file: DiskFile | null = null
  try {
    file = await ports.disk.open(path, 'append')
    for await (const bytes of response.body ?? []) {
      signal.throwIfAborted()
      // More than was said would fill the disk with what the hash refuses anyway.
      const rest = most === null ? bytes : bytes.subarray(0, most - end)
      await writeAll(file, rest)
      end += rest.length
      onBytes(end)
      if (rest.length < bytes.length) break
    }
    await file.sync()
  } finally {
    await file?.close()
  }
  return end
}

async function get(
  file: FileToDownload,
  start: number,
  etag: string,
  token: string,
  ports: DownloadPorts,
  signal: AbortSignal,
): Promise<Response> {
  const name = basename(file.path)
  let url = new URL(file.url)
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
    if (!ports.isAllowed(url))
      throw new DownloadError(
        'host',
        `${name} would come from ${url.host}, which models are not fetched from.`,
      )
    const headers = new Headers({ 'Accept-Encoding': 'identity' })
    if (token !== '' && url.origin === new URL(file.url).origin)
      headers.set('Authorization', `Bearer ${token}`)
    if (start > 0) headers.set('Range', `bytes=${start}-`)
    if (start > 0 && etag !== '') headers.set('If-Range', etag)
    const response = await ports.fetch(url, { headers, signal, redirect: 'manual' })
    const location = response.headers.get('location')
    if (response.status >= 300 && response.status < 400 && location !== null) {
      await response.body?.cancel()
      url = new URL(location, url)
      continue
    }
    if (response.ok && !isPage(response, name)) return response
    await response.body?.cancel()
    if (response.status === 416) return response
    throw refusal(name, response)
  }
  throw new DownloadError(
    'refused',
    `${name} was sent on from address to address more than ${MOST_REDIRECTS} times.`,
  )
}

function refusal(name: string, response: Response): DownloadError {
  const { status } = response
  if (status === 401 || status === 403 || response.ok)
    return new DownloadError(
      'login',
      `${name} may not be fetched without a login: the model is gated, or the token is wrong.`,
    )
  if (status === 404 || status === 410) return new DownloadError('missing', `${name} is not there any more.`)
  // Too many requests, and what a server says when it is not well, may pass.
  const problem = status === 429 || status >= 500 ? 'network' : 'refused'
  return new DownloadError(problem, `The server refused ${name} (${status}).`)
}

/** A login page where a file should be. */
function isPage(response: Response, name: string): boolean {
  const type = response.headers.get('content-type') ?? ''
  return type.startsWith('text/html') && !/\.html?$/i.test(name)
}

/** Where the answer's bytes begin in the file, and how long the file is. */
function extent(
  file: FileToDownload,
  response: Response,
  asked: number,
): { start: number; total: number | null } {
  const { headers } = response
  // Of a compressed answer the length is not the file's.
  const length = headers.has('content-encoding') ? null : headers.get('content-length')
  if (response.status !== 206) return { start: 0, total: length === null ? null : Number(length) }
  const [, start, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get('content-range') ?? '') ?? []
  if (start === undefined || Number(start) !== asked)
    throw new DownloadError(
      'refused',
      `The server sent another piece of ${basename(file.path)} than was asked for.`,
    )
  return { start: asked, total: total === undefined || total === '*' ? file.bytes : Number(total) }
}

function strongTag({ headers }: Response): string {
  const tag = headers.get('etag') ?? ''
  return tag.startsWith('W/') ? '' : tag
}

/** Node's network errors have codes too, but no path or system call on a file. */
function isOfDisk(error: unknown): boolean {
  return [
    'ENOSPC',
    'EDQUOT',
    'EIO',
    'EROFS',
    'EACCES',
    'EPERM',
    'ENOENT',
    'EMFILE',
    'ENOTDIR',
    'EISDIR',
  ].includes(diskCode(error))
}

function asDiskError({ path }: FileToDownload, error: unknown): DownloadError {
  const code = diskCode(error)
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new DownloadError(
      'disk-full',
      `The disk is full: make room and go on; what came of ${basename(path)} is kept.`,
      { cause: error },
    )
  return new DownloadError('disk', `${basename(path)} could not be written (${code}).`, { cause: error })
}

function asNetworkError({ path }: FileToDownload, error: unknown): DownloadError {
  const reason = error instanceof DownloadError ? error.message : `${basename(path)} could not be reached.`
  return new DownloadError('network', `${reason} Go on when the network is back; what came is kept.`, {
    cause: error,
  })
}
