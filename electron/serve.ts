import type { Stats } from 'node:fs'
import { lstat, open, stat } from 'node:fs/promises'
import { basename, extname, join, sep } from 'node:path'
import { describeRefusal } from './bridge-calls.ts'
import { WEBLLM_PREFIX, type WebllmFiles } from './webllm/webllm-files.ts'

/** What the window may fetch: the renderer's bundle at /, the built-in model at /model/pocket/, the user's at /models/. */
export interface ServedFolders {
  readonly renderer: string
  readonly pocket: string
  /** the user's models, a folder each or a GGUF file; left out where there are none */
  readonly models?: string
  /** what WebLLM asks for, fetched when it does */
  readonly webllm?: WebllmFiles
}

/** Nothing from elsewhere, and nothing the bundle does not need: no inline script, no eval, no frame, no form. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  // Text becomes markup or code nowhere but in the two policies: Svelte's, for its templates, and trusted-types.ts.
  "require-trusted-types-for 'script'",
  'trusted-types default svelte-trusted-html',
].join('; ')

/**
 * WebLLM's models are programs in WebAssembly, which a policy has to allow by name. It is allowed in the worker they run
 * in, which has a policy of its own, and not in the window.
 */
const WEBLLM_WORKER = /^webllm-worker-[\w-]+\.js$/
const WEBLLM_POLICY = CONTENT_SECURITY_POLICY.replace(
  "script-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
)

/** Nothing of the machine but the clipboard, for the copy buttons. */
const PERMISSIONS_POLICY = [
  'camera',
  'display-capture',
  'geolocation',
  'hid',
  'microphone',
  'midi',
  'payment',
  'serial',
  'usb',
]
  .map((feature) => `${feature}=()`)
  .join(', ')

export const SECURITY_HEADERS = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  // Chromium looks up the host of a link that the pointer is over: a name can carry words, and a server of names gets it.
  'x-dns-prefetch-control': 'off',
  'permissions-policy': PERMISSIONS_POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-cache',
} as const

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
}
const POCKET_PREFIX = '/model/pocket/'
const MODELS_PREFIX = '/models/'
/** All that a model is read from, and the chart of what it recalls. */
const MODEL_FILE = /\.(?:json|jinja|safetensors|gguf)$|^SHA256SUMS$|^hybridize\.svg$/i
const CHUNK_BYTES = 1 << 20

/** Answer one request for a file, whole or a byte range of it. The same for app:// and for the browser shell. */
export async function serve(request: Request, folders: ServedFolders): Promise<Response> {
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return refuse(405, 'Only GET and HEAD are answered here.')
  const { pathname } = new URL(request.url)
  let path: string | null
  try {
    path = pathname.startsWith(WEBLLM_PREFIX)
      ? ((await folders.webllm?.find(pathname)) ?? null)
      : locate(pathname, folders)
  } catch (error) {
    return refuse(502, describeRefusal(error))
  }
  const found = path === null ? null : await look(path, folders)
  if (path === null || !found?.isFile()) return refuse(404, 'There is no such file.')

  const range = parseRange(request.headers.get('range'), found.size)
  if (range === 'unsatisfiable')
    return refuse(416, 'There are no such bytes.', { 'content-range': `bytes */${found.size}` })
  const { start, end } = range ?? { start: 0, end: found.size }
  const headers = {
    ...SECURITY_HEADERS,
    ...(WEBLLM_WORKER.test(basename(path)) ? { 'content-security-policy': WEBLLM_POLICY } : {}),
    'content-type': CONTENT_TYPES[extname(path)] ?? 'application/octet-stream',
    'content-length': String(end - start),
    'accept-ranges': 'bytes',
    ...(range ? { 'content-range': `bytes ${start}-${end - 1}/${found.size}` } : {}),
  }
  const body = request.method === 'HEAD' || start === end ? null : fileStream(path, start, end)
  return new Response(body, { status: range ? 206 : 200, headers })
}

export function refuse(status: number, sentence: string, headers: Record<string, string> = {}): Response {
  const type = { 'content-type': 'text/plain; charset=utf-8' }
  return new Response(`${sentence}\n`, { status, headers: { ...SECURITY_HEADERS, ...type, ...headers } })
}

/** A model may come from anywhere: a link in it could lead out of its folder, so none is followed. */
function look(path: string, { models }: ServedFolders): Promise<Stats | null> {
  const isModel = models !== undefined && path.startsWith(models + sep)
  return (isModel ? lstat(path) : stat(path)).catch(() => null)
}

/** The file a URL path names; `null` for anything but plain names below one of the folders. */
function locate(pathname: string, { renderer, pocket, models }: ServedFolders): string | null {
  let path: string
  try {
    path = decodeURIComponent(pathname)
  } catch {
    return null
  }
  if (path === '/') return join(renderer, 'index.html')
  const prefix = [POCKET_PREFIX, MODELS_PREFIX].find((each) => path.startsWith(each)) ?? '/'
  const names = path.slice(prefix.length).split('/')
  // A name that begins with a dot is `..`, or hidden; a colon is a drive or a stream on Windows.
  if (names.some((name) => name === '' || name.startsWith('.') || /[\\:\0]/.test(name))) return null
  if (prefix === '/') return join(renderer, ...names)
  // The built-in model's folder also holds how it was trained, which the window has no use for.
  if (prefix === POCKET_PREFIX) return names.length === 1 ? join(pocket, ...names) : null
  const file = names.at(-1) ?? ''
  const isPlain = names.length === 2 || (names.length === 1 && /\.gguf$/i.test(file))
  return models !== undefined && isPlain && MODEL_FILE.test(file) ? join(models, ...names) : null
}

/** One range of a Range header, `end` exclusive; `null` (the whole file) for what is not one range of bytes. */
export function parseRange(
  header: string | null,
  size: number,
): { start: number; end: number } | 'unsatisfiable' | null {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '')
  const [first, last] = [match?.[1] ?? '', match?.[2] ?? '']
  if (first === '' && last === '') return null
  const start = first === '' ? Math.max(size - Number(last), 0) : Number(first)
  const end = first === '' || last === '' ? size : Math.min(Number(last) + 1, size)
  if (first !== '' && last !== '' && Number(last) < Number(first)) return null
  return start < end ? { start, end } : 'unsatisfiable'
}

function fileStream(path: string, start: number, end: number): ReadableStream<Uint8Array> {
  let position = start
  let file: Awaited<ReturnType<typeof open>> | null = null
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        file ??= await open(path)
        const chunk = new Uint8Array(Math.min(CHUNK_BYTES, end - position))
        const { bytesRead } = await file.read(chunk, 0, chunk.length, position)
        if (bytesRead === 0) throw new Error(`${path} became shorter while it was served`)
        position += bytesRead
        controller.enqueue(chunk.subarray(0, bytesRead))
        if (position < end) return
        await file.close()
        controller.close()
      } catch (error) {
        await file?.close()
        controller.error(error)
      }
    },
    cancel: () => file?.close(),
  })
}
