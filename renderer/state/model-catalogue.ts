import type { PinnedFile } from '../../electron/models/model-bridge.ts'

/** A model that is known to be of a family that runs here. */
export interface CatalogueEntry {
  readonly repo: string
  readonly name: string
  /** one line: what it is good for */
  readonly about: string
  readonly licence: string
  /** the hub asks who reads it: a token is needed */
  readonly gated: boolean
  /** the commit; `main` where none is pinned, and then the commit of the first download is kept */
  readonly revision: string
  /** of that commit: what is known of the files that are fetched */
  readonly files: readonly PinnedFile[]
  /** its config.json, as far as memory goes */
  readonly config: unknown
}

const COMMIT = /^[0-9a-f]{40}$/
const SHA256 = /^[0-9a-f]{64}$/

/** The catalogue as it was built with the window; entries that are not what they should be are left out. */
export function parseCatalogue(value: unknown): readonly CatalogueEntry[] {
  const models = asRecord(value)['models']
  return Array.isArray(models) ? models.flatMap((entry: unknown) => parseEntry(entry) ?? []) : []
}

function parseEntry(value: unknown): CatalogueEntry | null {
  const { repo, name, about, licence, gated, revision = 'main', files = [], config } = asRecord(value)
  if (typeof repo !== 'string' || typeof name !== 'string' || typeof about !== 'string') return null
  if (typeof licence !== 'string' || typeof config !== 'object' || config === null) return null
  // Files change with what `main` is; those of a commit do not.
  if (typeof revision !== 'string' || !Array.isArray(files)) return null
  if (!COMMIT.test(revision) && (revision !== 'main' || files.length > 0)) return null
  const pinned = files.flatMap((file: unknown) => parseFile(file) ?? [])
  if (pinned.length < files.length) return null
  return { repo, name, about, licence, gated: gated === true, revision, files: pinned, config }
}

function parseFile(value: unknown): PinnedFile | null {
  const { path, bytes, sha256 = null } = asRecord(value)
  if (typeof path !== 'string' || typeof bytes !== 'number' || !Number.isSafeInteger(bytes) || bytes <= 0)
    return null
  if (sha256 !== null && (typeof sha256 !== 'string' || !SHA256.test(sha256))) return null
  return { path, bytes, sha256 }
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
