import { EngineError } from './errors.ts'
import type { ModelFiles } from './model-files.ts'

/** A model folder behind a URL of our own origin: `app://` in Electron, 127.0.0.1 in the browser window. */
export function fetchedFiles(folderUrl: string): ModelFiles {
  const base = folderUrl.endsWith('/') ? folderUrl : `${folderUrl}/`
  return {
    name: base.split('/').at(-2) ?? base,
    bytes: async (file, onProgress) => {
      const missing = (reason: string) => new EngineError({ code: 'missing-file', file, reason })
      let response: Response
      try {
        response = await fetch(base + file)
      } catch (error) {
        throw missing(error instanceof Error ? error.message : 'the request failed')
      }
      if (!response.ok || !response.body) throw missing(`the answer was ${response.status}`)
      const total = Number(response.headers.get('content-length') ?? 0)
      const parts: Uint8Array[] = []
      let loaded = 0
      for await (const part of response.body) {
        parts.push(part)
        loaded += part.byteLength
        onProgress?.(loaded, Math.max(total, loaded))
      }
      if (total > 0 && loaded !== total) throw missing(`${loaded} of ${total} bytes arrived`)
      const whole = new Uint8Array(loaded)
      let offset = 0
      for (const part of parts) {
        whole.set(part, offset)
        offset += part.byteLength
      }
      return whole
    },
  }
}
