import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ServedFolders } from '../../electron/serve.ts'
import { temporaryFolder } from './test-bridge.ts'

/** 3 MB, so that a file is sent in more than one piece. */
export const WEIGHTS = Uint8Array.from({ length: 3_000_001 }, (_, i) => i % 251)

/** A small bundle and model to serve, with a secret beside them that must never be. */
export async function servedFolders(): Promise<ServedFolders> {
  const root = temporaryFolder()
  const folders = { renderer: join(root, 'renderer'), pocket: join(root, 'pocket') }
  await mkdir(join(folders.renderer, 'assets'), { recursive: true })
  await mkdir(join(folders.pocket, 'train'), { recursive: true })
  await writeFile(join(root, 'secret.txt'), 'secret')
  await writeFile(join(folders.renderer, 'index.html'), '<!doctype html><title>Plateau</title>')
  await writeFile(join(folders.renderer, 'assets/main.js'), 'export {}')
  await writeFile(join(folders.renderer, '.built-from'), 'secret')
  await writeFile(join(folders.pocket, 'config.json'), '{}')
  await writeFile(join(folders.pocket, 'empty.bin'), '')
  await writeFile(join(folders.pocket, 'model.safetensors'), WEIGHTS)
  await writeFile(join(folders.pocket, 'train/train.py'), 'secret')
  return folders
}
