import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { listen, LOOPBACK } from '../listen.ts'
import { checkSender, readRequest } from './check-request.ts'
import { type CompletionHost, CompletionRefusal } from './completion-host.ts'
import { Turns } from './turns.ts'

export interface LocalServer {
  /** the base address that OpenAI's clients take */
  readonly url: string
  /** Ends the answers that are being given. */
  close(): Promise<void>
}

export interface LocalServerOptions {
  readonly host: CompletionHost
  /** asked at each request: a new one counts at once */
  readonly token: () => string
  /** 0 takes a free one */
  readonly port: number
}

/** What follows is its name. */
const ONE_MODEL = 'GET /v1/models/'
const MOST_WAITING = 32
const MOST_CONNECTIONS = 128
const HEADERS_MILLISECONDS = 10_000
const REQUEST_MILLISECONDS = 60_000

const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
} as const

/**
 * OpenAI's chat completions on 127.0.0.1, for programs of this machine that know the token.
 *
 * One answer is given at a time, others wait. A client that goes away ends its answer, and its place in the queue.
 *
 * @throws {Error} with the system's code where the port cannot be had
 */
export async function startLocalServer({ host, token, port }: LocalServerOptions): Promise<LocalServer> {
  const turns = new Turns(MOST_WAITING)
  const running = new Set<AbortController>()
  let bound = port

  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    checkSender(incoming, bound, token())
    const { method = '', url = '' } = incoming
    const asked = `${method} ${url.split('?')[0]}`
    if (asked.startsWith(ONE_MODEL)) {
      const model = await host.model()
      if (decode(asked.slice(ONE_MODEL.length)) !== model)
        throw new CompletionRefusal(404, `The model that answers here is "${model}".`)
      sendJson(outgoing, 200, describeModel(model))
      return
    }
    switch (asked) {
      case 'GET /v1/models':
        sendJson(outgoing, 200, { object: 'list', data: [describeModel(await host.model())] })
        return
      case 'POST /v1/chat/completions': {
        const stop = new AbortController()
        running.add(stop)
        outgoing.once('close', () => stop.abort())
        try {
          await complete(await readRequest(incoming), outgoing, stop.signal)
        } finally {
          running.delete(stop)
        }
        return
      }
      default:
        throw new CompletionRefusal(404, 'There are GET /v1/models and POST /v1/chat/completions.')
    }
  }

  const complete = async (request: object, outgoing: ServerResponse, signal: AbortSignal): Promise<void> => {
    const giveBack = await turns.take(signal)
    if (giveBack === null) return
    try {
      const pieces = host.complete(request, signal)
      await ('stream' in request && request.stream === true
        ? sendEvents(outgoing, pieces, signal)
        : sendWhole(outgoing, pieces, signal))
    } finally {
      giveBack()
    }
  }

  const server = createServer((incoming, outgoing) => {
    answer(incoming, outgoing).catch((error: unknown) => refuse(outgoing, error))
  })
  server.headersTimeout = HEADERS_MILLISECONDS
  server.requestTimeout = REQUEST_MILLISECONDS
  server.maxConnections = MOST_CONNECTIONS
  bound = await listen(server, port)
  return {
    url: `http://${LOOPBACK}:${bound}/v1`,
    async close() {
      for (const stop of running) stop.abort()
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

/** The answer as one object: the only one there is. */
async function sendWhole(
  outgoing: ServerResponse,
  pieces: AsyncIterable<unknown>,
  signal: AbortSignal,
): Promise<void> {
  let whole: unknown = null
  for await (const piece of pieces) whole = piece
  if (!signal.aborted) sendJson(outgoing, 200, whole)
}

/** The answer as server-sent events. What fails before the first of them still has a status. */
async function sendEvents(
  outgoing: ServerResponse,
  pieces: AsyncIterable<unknown>,
  signal: AbortSignal,
): Promise<void> {
  for await (const piece of pieces) {
    if (signal.aborted) return
    if (!outgoing.headersSent) outgoing.writeHead(200, { ...HEADERS, 'content-type': 'text/event-stream' })
    // A client that reads slowly slows the model down; nothing piles up here.
    if (!outgoing.write(eventOf(piece))) await once(outgoing, 'drain', { signal }).catch(() => undefined)
  }
  outgoing.end('data: [DONE]\n\n')
}

function eventOf(piece: unknown): string {
  return `data: ${JSON.stringify(piece)}\n\n`
}

/** In OpenAI's shape. In the middle of an answer it is an event; clients throw it. */
function refuse(outgoing: ServerResponse, error: unknown): void {
  if (outgoing.destroyed) return
  const { status, message } =
    error instanceof CompletionRefusal ? error : new CompletionRefusal(500, 'Plateau failed to answer.')
  const type = status < 500 ? 'invalid_request_error' : 'server_error'
  const body = { error: { message, type, param: null, code: null } }
  if (outgoing.headersSent) outgoing.end(eventOf(body))
  else sendJson(outgoing, status, body)
}

function sendJson(outgoing: ServerResponse, status: number, value: unknown): void {
  // What is left of a body that was refused is not read.
  const rest = status >= 400 ? { connection: 'close' } : {}
  const challenge = status === 401 ? { 'www-authenticate': 'Bearer' } : {}
  outgoing.writeHead(status, { ...HEADERS, ...rest, ...challenge, 'content-type': 'application/json' })
  outgoing.end(`${JSON.stringify(value)}\n`)
}

/** The text of a part of a path; as it is where nothing was encoded. */
function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

function describeModel(id: string) {
  return { id, object: 'model', created: 0, owned_by: 'plateau' }
}
