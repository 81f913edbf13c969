import { open, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { EngineError } from '../engine/errors.ts'
import type { ModelFiles } from '../engine/model-files.ts'

const CHUNK_BYTES = 4 << 20

/** The files of a model folder on disk. */
export function modelFolder(folder: string): ModelFiles {
  return {
    name: basename(resolve(folder)),
    async bytes(name, onProgress) {
      const path = join(folder, name)
      const missing = (reason: string) => new EngineError({ code: 'missing-file', file: path, reason })
      const found = await stat(folder).catch(() => null)
      if (!found) throw missing('there is no such folder')
      if (!found.isDirectory()) throw missing(`${folder} is not a folder`)
      let file
      try {
        file = await open(path)
      } catch (error) {
        throw missing(reasonOf(error))
      }
      try {
        const information = await file.stat()
        if (!information.isFile()) throw missing('it is not a file')
        const bytes = new Uint8Array(information.size)
        let loaded = 0
        while (loaded < bytes.length) {
          const { bytesRead } = await file.read(bytes, loaded, Math.min(CHUNK_BYTES, bytes.length - loaded))
          if (bytesRead === 0) throw missing(`it became shorter while it was read`)
          loaded += bytesRead
          onProgress?.(loaded, bytes.length)
        }
        return bytes
      } finally {
        await file.close()
      }
    },
  }
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
