/** A model that is known to be of a family that runs here. */
export interface CatalogueEntry {
  readonly repo: string
  readonly name: string
  /** one line: what it is good for */
  readonly about: string
  readonly licence: string
  /** the hub asks who reads it: a token is needed */
  readonly gated: boolean
  /** the commit that was tried; `main` where none is pinned, and then the commit of the first download is kept */
  readonly revision: string
  /** its config.json, as far as memory goes */
  readonly config: unknown
}

/** The catalogue as it was built with the window; entries that are not what they should be are left out. */
export function parseCatalogue(value: unknown): readonly CatalogueEntry[] {
  const models = asRecord(value)['models']
  return Array.isArray(models) ? models.flatMap((entry: unknown) => parseEntry(entry) ?? []) : []
}

function parseEntry(value: unknown): CatalogueEntry | null {
  const { repo, name, about, licence, gated, revision, config } = asRecord(value)
  if (typeof repo !== 'string' || typeof name !== 'string' || typeof about !== 'string') return null
  if (typeof licence !== 'string' || typeof config !== 'object' || config === null) return null
  const pinned = typeof revision === 'string' ? revision : 'main'
  return { repo, name, about, licence, gated: gated === true, revision: pinned, config }
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
