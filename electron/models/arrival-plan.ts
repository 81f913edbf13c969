import { join } from 'node:path'
import { Refusal } from '../conversations.ts'
import { type Disk, diskCode, listFolder, replaceFile } from '../disk.ts'
import { SHA256 } from '../downloads/hub.ts'
import { asRecord } from '../entries.ts'
import type { Fit } from './jobs.ts'
import type { ArrivalQuant, PinnedFile } from './model-bridge.ts'

/** What is to arrive, and how. */
export interface Plan {
  /** its folder in the library */
  readonly id: string
  readonly name: string
  readonly kind: 'download' | 'import' | 'fit'
  /** owner/name; empty for an import */
  readonly repo: string
  /** as asked for, and from the first list on the commit */
  readonly revision: string
  /** a GGUF file of the repository; `null` for its folder */
  readonly file: string | null
  /** `null` keeps it as it is */
  readonly quant: ArrivalQuant | null
  /** what is known of its files beforehand */
  readonly pinned: readonly PinnedFile[]
  /** where it is fetched to, or imported from; the texts of a fit */
  readonly path: string
  /** the model of the library that is given a memory, and how */
  readonly fit: FitNote | null
}

export interface FitNote extends Fit {
  /** its id in the library */
  readonly model: string
}

/** Beside the files of a download, so that it goes on after the program was started again. */
export const NOTE = 'arrival.json'

const MOST_PINNED = 100
const QUANTS: readonly unknown[] = ['q4', 'q8', 'f16', null] satisfies (ArrivalQuant | null)[]

export async function writePlan(
  disk: Disk,
  { name, repo, revision, file, quant, pinned, path, fit }: Plan,
): Promise<void> {
  const text = JSON.stringify({ name, repo, revision, file, quant, pinned, fit })
  await replaceFile(disk, join(path, NOTE), new TextEncoder().encode(text))
}

/** The downloads and fits that were begun, and how much of each is here. */
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
    const { name, repo, revision, file, quant, fit = null, pinned: known = [] } = asRecord(note)
    if (typeof name !== 'string' || typeof repo !== 'string' || typeof revision !== 'string') return null
    if ((file !== null && typeof file !== 'string') || !isQuant(quant)) return null
    const pinned = parsePinned(known)
    if (pinned === null) return null
    const plan = { id, name, repo, revision, file, quant, pinned, path }
    if (fit === null) return { ...plan, kind: 'download', fit }
    const found = parseFit(fit)
    return found && { ...plan, kind: 'fit', fit: found }
  } catch (error) {
    if (error instanceof SyntaxError || ['ENOENT', 'ENOTDIR'].includes(diskCode(error))) return null
    throw error
  }
}

export function isQuant(value: unknown): value is ArrivalQuant | null {
  return QUANTS.includes(value)
}

/** `null` where it is not a list of files, each with its size. */
export function parsePinned(value: unknown): readonly PinnedFile[] | null {
  if (!Array.isArray(value) || value.length > MOST_PINNED) return null
  const files = value.flatMap((file: unknown) => parsePinnedFile(file) ?? [])
  return files.length === value.length ? files : null
}

function parsePinnedFile(file: unknown): PinnedFile | null {
  const { path, bytes, sha256 } = asRecord(file)
  if (typeof path !== 'string' || typeof bytes !== 'number' || !Number.isSafeInteger(bytes) || bytes <= 0)
    return null
  if (sha256 !== null && (typeof sha256 !== 'string' || !SHA256.test(sha256))) return null
  return { path, bytes, sha256 }
}

function parseFit(value: unknown): FitNote | null {
  const { model, stage, tokens, texts } = asRecord(value)
  if (typeof model !== 'string' || typeof tokens !== 'number' || !Array.isArray(texts)) return null
  if (stage !== 'gates' && stage !== 'gates+lora') return null
  return { model, stage, tokens, texts: texts.filter((text): text is string => typeof text === 'string') }
}

/**
 * What the window sends to learn from: JSON, [{name, text}].
 *
 * @throws {Refusal}
 */
export function parseTexts(bytes: Uint8Array): { readonly name: string; readonly text: string }[] {
  let list: unknown
  try {
    list = JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    list = null
  }
  const texts = Array.isArray(list) ? list.map(asRecord) : []
  const found = texts.flatMap(({ name, text }) =>
    typeof name === 'string' && typeof text === 'string' && text !== '' ? [{ name, text }] : [],
  )
  if (found.length === 0) throw new Refusal('There is no text to learn from.')
  return found
}
