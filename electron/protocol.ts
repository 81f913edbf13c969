import { protocol } from 'electron'
import { serve, type ServedFolders } from './serve.ts'

const SCHEME = 'app'
const HOST = 'plateau'
export const PAGE_URL = `${SCHEME}://${HOST}/`

/** Make app:// a scheme like https: an origin of its own, a secure context, fetch and streams. Before `ready`. */
export function registerScheme(): void {
  protocol.registerSchemesAsPrivileged([
    {
      scheme: SCHEME,
      privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true, codeCache: true },
    },
  ])
}

/** Answer app://plateau/ from `folders`, with byte ranges and the content security policy. */
export function serveScheme(folders: ServedFolders): void {
  protocol.handle(SCHEME, (request) =>
    isOurPage(request.url) ? serve(request, folders) : new Response(null, { status: 404 }),
  )
}

/** Node's URL has no `origin` for a scheme that is not the web's own, so the parts are compared. */
export function isOurPage(url: string): boolean {
  if (!URL.canParse(url)) return false
  const { protocol: scheme, host } = new URL(url)
  return scheme === `${SCHEME}:` && host === HOST
}
