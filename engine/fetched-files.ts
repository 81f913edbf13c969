import { EngineError } from './errors.ts'
import { joined } from './formats/joined.ts'
import type { RandomAccessFile } from './formats/random-access.ts'
import type { ModelFiles } from './model-files.ts'

/**
 * A model behind a URL of our own origin, `app://` in Electron and 127.0.0.1 in the browser window: a folder, or one
 * GGUF file.
 */
export function fetchedFiles(url: string): ModelFiles {
  const [, front = '', gguf] = /^(.*\/)([^/]+\.gguf)$/i.exec(url) ?? []
  const base = gguf !== undefined ? front : url.endsWith('/') ? url : `${url}/`
  const name = decodeURIComponent(gguf?.slice(0, -'.gguf'.length) ?? base.split('/').at(-2) ?? base)
  return {
    name,
    ...(gguf === undefined ? {} : { gguf: decodeURIComponent(gguf) }),
    bytes: async (file, onProgress) => {
      const response = await request(base, file, {})
      const total = sizeOf(response)
      const parts: Uint8Array[] = []
      let loaded = 0
      for await (const part of response.body ?? []) {
        parts.push(part)
        loaded += part.byteLength
        onProgress?.(loaded, Math.max(total, loaded))
      }
      if (total > 0 && loaded !== total) throw missing(file, `${loaded} of ${total} bytes arrived`)
      return joined(parts)
    },
    open: async (file): Promise<RandomAccessFile> => {
      const size = sizeOf(await request(base, file, { method: 'HEAD' }))
      return {
        name: file,
        size,
        async read(offset, length) {
          if (length === 0) return new Uint8Array(0)
          const range = `bytes=${offset}-${offset + length - 1}`
          const response = await request(base, file, { headers: { range } })
          const bytes = new Uint8Array(await response.arrayBuffer())
          if (response.status !== 206 || bytes.length !== length) {
            throw missing(file, `${bytes.length} of ${length} bytes arrived`)
          }
          return bytes
        },
        close: () => Promise.resolve(),
      }
    },
  }
}

async function request(base: string, file: string, init: RequestInit): Promise<Response> {
  let response: Response
  try {
    response = await fetch(base + encodeURIComponent(file), init)
  } catch (error) {
    throw missing(file, error instanceof Error ? error.message : 'the request failed')
  }
  if (!response.ok) throw missing(file, `the answer was ${response.status}`)
  return response
}

function sizeOf(response: Response): number {
  return Number(response.headers.get('content-length') ?? 0)
}

function missing(file: string, reason: string): EngineError {
  return new EngineError({ code: 'missing-file', file, reason })
}
