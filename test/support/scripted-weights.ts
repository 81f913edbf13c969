import { createHash } from 'node:crypto'
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { FileToDownload } from '../../electron/downloads/download-file.ts'
import { seeded } from './numerics.ts'
import { ScriptedFileServer } from './scripted-file-server.ts'
import { temporaryFolder } from './test-bridge.ts'

const random = seeded(3)
export const BODY = Uint8Array.from({ length: 100_000 }, () => Math.floor(random() * 256))

/** One file of weights on a server of its own, and the folder that it is downloaded to. */
export class ScriptedWeights extends ScriptedFileServer {
  readonly folder = temporaryFolder()

  override start(): Promise<string> {
    this.files.set('/weights', { body: BODY, etag: '"one"' })
    return super.start()
  }

  file(changes: Partial<FileToDownload> = {}): FileToDownload {
    return {
      url: `${this.origin}/weights`,
      path: join(this.folder, 'model/weights'),
      bytes: BODY.length,
      sha256: createHash('sha256').update(BODY).digest('hex'),
      ...changes,
    }
  }

  /** The file is there, whole, and nothing else; afterwards it is not. */
  async takeWhole(): Promise<void> {
    const model = join(this.folder, 'model')
    expect(await readdir(model)).toEqual(['weights'])
    expect(Buffer.from(BODY).equals(await readFile(join(model, 'weights')))).toBe(true)
    await rm(model, { recursive: true })
  }
}
