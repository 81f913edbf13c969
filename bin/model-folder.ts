import { type FileHandle, open, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { EngineError } from '../engine/errors.ts'
import type { ModelFiles } from '../engine/model-files.ts'

const CHUNK_BYTES = 4 << 20

/** The files of a model on disk: a folder, or one GGUF file. */
export function modelFolder(path: string): ModelFiles {
  const isGguf = path.toLowerCase().endsWith('.gguf')
  const folder = isGguf ? dirname(path) : path
  return {
    ...(isGguf ? { gguf: basename(path) } : {}),
    name: basename(resolve(path)).replace(/\.gguf$/i, ''),
    async bytes(name, onProgress) {
      const { file, size, missing } = await openIn(folder, name)
      try {
        const bytes = new Uint8Array(size)
        let loaded = 0
        while (loaded < size) {
          const { bytesRead } = await file.read(bytes, loaded, Math.min(CHUNK_BYTES, size - loaded))
          if (bytesRead === 0) throw missing('it became shorter while it was read')
          loaded += bytesRead
          onProgress?.(loaded, size)
        }
        return bytes
      } finally {
        await file.close()
      }
    },
    async open(name) {
      const { file, size, missing } = await openIn(folder, name)
      return {
        name,
        size,
        async read(offset, length) {
          const bytes = new Uint8Array(length)
          let loaded = 0
          while (loaded < length) {
            const { bytesRead } = await file.read(bytes, loaded, length - loaded, offset + loaded)
            if (bytesRead === 0) throw missing('it became shorter while it was read')
            loaded += bytesRead
          }
          return bytes
        },
        close: () => file.close(),
      }
    },
  }
}

interface OpenFile {
  readonly file: FileHandle
  readonly size: number
  readonly missing: (reason: string) => EngineError
}

async function openIn(folder: string, name: string): Promise<OpenFile> {
  const path = join(folder, name)
  const missing = (reason: string) => new EngineError({ code: 'missing-file', file: path, reason })
  const found = await stat(folder).catch(() => null)
  if (!found) throw missing('there is no such folder')
  if (!found.isDirectory()) throw missing(`${folder} is not a folder`)
  let file: FileHandle
  try {
    file = await open(path)
  } catch (error) {
    throw missing(reasonOf(error))
  }
  const information = await file.stat()
  if (information.isFile()) return { file, size: information.size, missing }
  await file.close()
  throw missing('it is not a file')
}

/** Why the system refused a file, in words. */
export function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  switch (code) {
    case 'ENOENT':
      return 'there is no such file'
    case 'EACCES':
    case 'EPERM':
      return 'reading it is not permitted'
    case 'EISDIR':
      return 'it is a folder'
    default:
      return error instanceof Error ? error.message : String(error)
  }
}
