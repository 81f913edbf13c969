import { join } from 'node:path'
import { type Disk, replaceFile } from '../disk.ts'
import { asRecord } from '../entries.ts'
import type { Origin } from './jobs.ts'

/** Beside the files of a model that was fetched: where from, and at which commit. */
export const ORIGIN_FILE = 'source.json'

/** `null` where there is none, or it is not what it should be. */
export async function readOrigin(disk: Disk, folder: string): Promise<Origin | null> {
  try {
    const text = new TextDecoder().decode(await disk.read(join(folder, ORIGIN_FILE)))
    const { repo, revision } = asRecord(JSON.parse(text))
    return typeof repo === 'string' && typeof revision === 'string' ? { repo, revision } : null
  } catch {
    return null
  }
}

export async function writeOrigin(disk: Disk, folder: string, { repo, revision }: Origin): Promise<void> {
  const text = `${JSON.stringify({ repo, revision }, null, 1)}\n`
  await replaceFile(disk, join(folder, ORIGIN_FILE), new TextEncoder().encode(text))
}
