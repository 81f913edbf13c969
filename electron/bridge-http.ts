import type { IncomingMessage } from 'node:http'
import type { Bridge } from './bridge.ts'
import { callBridge, isBridgeMethod } from './bridge-calls.ts'
import { readBody } from './request-body.ts'
import { refuse, SECURITY_HEADERS } from './serve.ts'

/** The header that carries the rest of an argument whose `bytes` are the body. */
export const ARGUMENT_HEADER = 'plateau-argument'

const BYTES = 'application/octet-stream'
/** A snapshot of the largest size that the bridge takes, and a little. */
const LARGEST_BODY = 2 ** 30 + 2 ** 20

/** The bridge over HTTP: JSON in and out, and bytes as they are. Who may call has been checked. */
export async function answerBridge(
  bridge: Bridge,
  incoming: IncomingMessage,
  name: string,
): Promise<Response> {
  if (!isBridgeMethod(name)) return refuse(404, 'The bridge has no such method.')
  const body = await readBody(incoming, LARGEST_BODY)
  if (body === null) return refuse(413, 'That is too large.')
  let argument: unknown
  try {
    argument = decode(incoming, body)
  } catch {
    return refuse(400, 'The argument is not JSON.')
  }
  const outcome = await callBridge(bridge, name, argument)
  const answer: unknown = 'answer' in outcome ? outcome.answer : null
  if (
    typeof answer === 'object' &&
    answer !== null &&
    'bytes' in answer &&
    answer.bytes instanceof Uint8Array
  ) {
    const headers = { ...SECURITY_HEADERS, 'content-type': BYTES }
    return new Response(new Uint8Array(answer.bytes), { headers })
  }
  return Response.json(outcome, { headers: SECURITY_HEADERS })
}

function decode({ headers }: IncomingMessage, body: Uint8Array<ArrayBuffer>): unknown {
  const header = headers[ARGUMENT_HEADER]
  if (headers['content-type'] === BYTES && typeof header === 'string') {
    const rest: unknown = JSON.parse(decodeURIComponent(header))
    return { ...(typeof rest === 'object' ? rest : {}), bytes: body }
  }
  return body.length === 0 ? undefined : JSON.parse(new TextDecoder().decode(body))
}
