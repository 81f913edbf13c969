import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Bridge } from './bridge.ts'
import { answerBridge } from './bridge-http.ts'
import { listen, LOOPBACK } from './listen.ts'
import { isSecret, newSecret } from './secret.ts'
import { refuse, SECURITY_HEADERS, serve, type ServedFolders } from './serve.ts'

export interface BrowserShell {
  /** opens the window, once: the ticket in it is exchanged for a cookie */
  readonly entryUrl: string
  readonly origin: string
  /** a browser came in with the ticket */
  readonly entered: boolean
  close(): void
}

const COOKIE = 'plateau'
const ENTRY = '/open/'
const BRIDGE = '/bridge/'
/** What a browser says of a request that our own page, or nobody's, made. */
const OWN_SITES: unknown[] = ['same-origin', 'none']

/**
 * Serve the bundle, the built-in model and the bridge to one browser on this machine.
 *
 * Checked before anything else: the Host header is exactly ours (against DNS rebinding); so is an Origin header where
 * there is one; no other page asks (cookies and SameSite do not tell ports apart); and the secret cookie is there. The cookie comes with the entry address, which is good for one visit,
 * because other users can read it in the list of processes.
 *
 * `port` is tried first, so that the window keeps its origin and what it stores; a taken one gives way to a free one.
 */
export async function startBrowserShell(
  folders: ServedFolders,
  bridge: Bridge,
  port: number,
): Promise<BrowserShell> {
  const secret = newSecret()
  let ticket: string | null = newSecret()
  let host = ''

  const answer = async (incoming: IncomingMessage): Promise<Response> => {
    const { host: asked, origin, cookie, 'sec-fetch-site': site = 'none' } = incoming.headers
    const isForeign = (origin !== undefined && origin !== `http://${host}`) || !OWN_SITES.includes(site)
    const isOurs = asked === host && incoming.headersDistinct['host']?.length === 1
    if (!isOurs || isForeign) return refuse(403, 'This address belongs to Plateau.')
    const address = `http://${host}${incoming.url ?? '/'}`
    if (!URL.canParse(address)) return refuse(400, 'That is no address.')
    const url = new URL(address)
    if (incoming.method === 'GET' && url.pathname.startsWith(ENTRY)) {
      if (ticket === null || !isSecret(url.pathname.slice(ENTRY.length), ticket))
        return refuse(403, 'This address was good for one visit; start Plateau again.')
      ticket = null
      const setCookie = `${COOKIE}=${secret}; HttpOnly; SameSite=Strict; Path=/`
      return new Response(null, {
        status: 303,
        headers: { ...SECURITY_HEADERS, location: '/', 'set-cookie': setCookie },
      })
    }
    if (!isSecret(cookieValue(cookie), secret)) return refuse(403, 'Start Plateau to open its window.')
    if (url.pathname.startsWith(BRIDGE))
      // Only our page can send a POST with our Origin: no link, form or image elsewhere calls the bridge.
      return incoming.method === 'POST' && origin !== undefined
        ? answerBridge(bridge, incoming, url.pathname.slice(BRIDGE.length))
        : refuse(405, 'The bridge answers POST from its own page.')
    const headers = new Headers(incoming.headers.range === undefined ? {} : { range: incoming.headers.range })
    return serve(new Request(url, { method: incoming.method ?? 'GET', headers }), folders)
  }

  const server = createServer((incoming, outgoing) => {
    answer(incoming)
      .then((response) => send(response, outgoing))
      // A browser that goes away in the middle of a file is no failure of ours.
      .catch(() => outgoing.destroy())
  })
  const bound = await listen(server, port).catch(() => listen(server, 0))
  host = `${LOOPBACK}:${bound}`
  return {
    entryUrl: `http://${host}${ENTRY}${ticket}`,
    origin: `http://${host}`,
    get entered() {
      return ticket === null
    },
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

async function send(response: Response, outgoing: ServerResponse): Promise<void> {
  outgoing.writeHead(response.status, Object.fromEntries(response.headers))
  if (response.body) await pipeline(Readable.from(response.body), outgoing)
  else outgoing.end()
}

function cookieValue(header: string | undefined): string {
  const prefix = `${COOKIE}=`
  const pair = header?.split('; ').find((part) => part.startsWith(prefix))
  return pair?.slice(prefix.length) ?? ''
}
