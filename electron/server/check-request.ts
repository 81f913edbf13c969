import type { IncomingMessage } from 'node:http'
import { readBody } from '../request-body.ts'
import { isSecret } from '../secret.ts'
import { CompletionRefusal } from './completion-host.ts'

/** Long conversations fit; what is longer than any model here could read does not. */
const LARGEST_BODY = 8 << 20
/** Deeper than any field of a request. */
const DEEPEST = 16

/**
 * Who may ask: who says our own address in Host (a page that leads a name of its own here does not), is no page of
 * another origin, and has the token.
 *
 * @throws {CompletionRefusal}
 */
export function checkSender(
  { headers, headersDistinct }: IncomingMessage,
  port: number,
  token: string,
): void {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`]
  const [host = '', second] = headersDistinct['host'] ?? []
  if (!hosts.includes(host) || second !== undefined)
    throw new CompletionRefusal(403, `Ask this server as ${hosts.join(' or ')}.`)
  const { origin, 'sec-fetch-site': site } = headers
  if (origin !== undefined && origin !== `http://${host}`)
    throw new CompletionRefusal(403, 'Pages of other origins are not answered.')
  if (site !== undefined && site !== 'same-origin' && site !== 'none')
    throw new CompletionRefusal(403, 'Pages of other sites are not answered.')
  const given = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1] ?? ''
  if (!isSecret(given, token))
    throw new CompletionRefusal(
      401,
      'The token is missing or wrong; send it as "Authorization: Bearer TOKEN".',
    )
}

/**
 * The body, which has to be a JSON object.
 *
 * @throws {CompletionRefusal}
 */
export async function readRequest(incoming: IncomingMessage): Promise<object> {
  const type = incoming.headers['content-type'] ?? ''
  if (!/^application\/json(?:;\s*charset=utf-8)?$/i.test(type))
    throw new CompletionRefusal(415, 'The body should be application/json.')
  if (incoming.headers['content-encoding'] !== undefined)
    throw new CompletionRefusal(415, 'The body should not be compressed.')
  const body = await readBody(incoming, LARGEST_BODY)
  if (body === null) throw new CompletionRefusal(413, `The body is larger than ${LARGEST_BODY >> 20} MiB.`)
  const value = parse(body)
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new CompletionRefusal(400, 'The body should be a JSON object.')
  if (isDeeperThan(DEEPEST, value)) throw new CompletionRefusal(400, 'The body is nested too deeply.')
  return value
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    throw new CompletionRefusal(400, 'The body is not JSON.')
  }
}

function isDeeperThan(levels: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((inner) => isDeeperThan(levels - 1, inner))
}
