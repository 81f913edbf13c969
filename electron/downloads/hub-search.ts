import type { HubHit } from '../models/model-bridge.ts'
import { DownloadError } from './download-error.ts'
import { askHub, REPO, shortText } from './hub.ts'
import type { DownloadPorts } from './ports.ts'

const MOST_HITS = 20

/**
 * The models that write text and that the hub finds for these words, those that are fetched most first.
 *
 * @throws {DownloadError}, or the signal's reason
 */
export async function searchHub(
  hub: string,
  words: string,
  token: string,
  ports: Pick<DownloadPorts, 'fetch' | 'isAllowed'>,
  signal: AbortSignal,
): Promise<readonly HubHit[]> {
  const url = new URL(`${hub}/api/models`)
  const asked = { search: words, filter: 'text-generation', sort: 'downloads', direction: '-1' }
  for (const [name, value] of Object.entries({ ...asked, limit: String(MOST_HITS), config: 'true' }))
    url.searchParams.set(name, value)
  const response = await askHub(url, token, ports, signal)
  if (!response.ok) {
    await response.body?.cancel()
    const kind = response.status >= 500 ? 'network' : 'refused'
    throw new DownloadError(kind, `The hub refused to search (${response.status}).`)
  }
  const hits = parse(await shortText(response, url.host))
  if (hits === null)
    throw new DownloadError('damaged', `${url.host} answered the search in a way that is not understood.`)
  return hits
}

function parse(text: string): readonly HubHit[] | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null
  }
  return Array.isArray(value)
    ? value.slice(0, MOST_HITS).flatMap((hit: unknown) => parseHit(hit) ?? [])
    : null
}

function parseHit(hit: unknown): HubHit | null {
  const { id, downloads, config } = fieldsOf(hit)
  if (typeof id !== 'string' || !REPO.test(id)) return null
  const { model_type: modelType } = fieldsOf(config)
  return {
    repo: id,
    downloads: typeof downloads === 'number' && downloads > 0 ? Math.floor(downloads) : 0,
    modelType: typeof modelType === 'string' ? modelType.slice(0, 40) : '',
  }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
