import { join } from 'node:path'
import { type Disk, diskCode, listFolder, replaceFile } from '../disk.ts'
import { asRecord } from '../entries.ts'
import type { ArrivalQuant } from './model-bridge.ts'

/** What is to arrive, and how. */
export interface Plan {
  /** its folder in the library */
  readonly id: string
  readonly name: string
  readonly kind: 'download' | 'import'
  /** owner/name; empty for an import */
  readonly repo: string
  /** as asked for, and from the first list on the commit */
  readonly revision: string
  /** a GGUF file of the repository; `null` for its folder */
  readonly file: string | null
  /** `null` keeps it as it is */
  readonly quant: ArrivalQuant | null
  /** where it is fetched to, or imported from */
  readonly path: string
}

/** Beside the files of a download, so that it goes on after the program was started again. */
export const NOTE = 'arrival.json'

const QUANTS: readonly unknown[] = ['q4', 'q8', 'f16', null] satisfies (ArrivalQuant | null)[]

export async function writePlan(
  disk: Disk,
  { name, repo, revision, file, quant, path }: Plan,
): Promise<void> {
  const text = JSON.stringify({ name, repo, revision, file, quant })
  await replaceFile(disk, join(path, NOTE), new TextEncoder().encode(text))
}

/** The downloads that were begun, and how much of each is here. */
export async function readPlans(
  disk: Disk,
  downloads: string,
): Promise<readonly { readonly plan: Plan; readonly bytes: number }[]> {
  const plans: { plan: Plan; bytes: number }[] = []
  for (const id of (await listFolder(disk, downloads)).sort()) {
    const path = join(downloads, id)
    const plan = await readPlan(disk, id, path)
    if (plan === null) continue
    const sizes = await disk.statAll(path, await listFolder(disk, path))
    plans.push({ plan, bytes: [...sizes.values()].reduce((sum, { size }) => sum + size, 0) })
  }
  return plans
}

async function readPlan(disk: Disk, id: string, path: string): Promise<Plan | null> {
  try {
    const note: unknown = JSON.parse(new TextDecoder().decode(await disk.read(join(path, NOTE))))
    const { name, repo, revision, file, quant } = asRecord(note)
    if (typeof name !== 'string' || typeof repo !== 'string' || typeof revision !== 'string') return null
    if ((file !== null && typeof file !== 'string') || !isQuant(quant)) return null
    return { id, name, kind: 'download', repo, revision, file, quant, path }
  } catch (error) {
    if (error instanceof SyntaxError || ['ENOENT', 'ENOTDIR'].includes(diskCode(error))) return null
    throw error
  }
}

export function isQuant(value: unknown): value is ArrivalQuant | null {
  return QUANTS.includes(value)
}
