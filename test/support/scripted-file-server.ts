import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface ServedFile {
  readonly body: Uint8Array
  readonly etag: string
}

/** One answer of the server, in place of the right one. */
export type Misbehaviour = (request: IncomingMessage, response: ServerResponse, file: ServedFile) => void

/** A file server on 127.0.0.1 that knows ranges and versions, and misbehaves as it is told, once for each entry. */
export class ScriptedFileServer {
  readonly files = new Map<string, ServedFile>()
  readonly misbehaviours: Misbehaviour[] = []
  readonly requests: { readonly path: string; readonly range: string; readonly authorization: string }[] = []
  /** of requests answered at the same time */
  most = 0
  #open = 0
  readonly #server = createServer((request, response) => this.#answer(request, response))

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return this.origin
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  stop(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url ?? ''
    const { range = '', authorization = '' } = request.headers
    this.requests.push({ path, range, authorization })
    this.most = Math.max(this.most, ++this.#open)
    response.on('close', () => this.#open--)
    const file = this.files.get(path)
    if (!file) {
      response.writeHead(404).end()
      return
    }
    const misbehave = this.misbehaviours.shift()
    if (misbehave) misbehave(request, response, file)
    else send(request, response, file)
  }
}

/** As HTTP says: the range that was asked for if the file is still that version, else the whole. */
export function send(request: IncomingMessage, response: ServerResponse, { body, etag }: ServedFile): void {
  const ifRange = request.headers['if-range']
  const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? -1)
  if (start >= body.length) {
    response.writeHead(416, { 'Content-Range': `bytes */${body.length}` }).end()
  } else if (start > 0 && (ifRange === undefined || ifRange === etag)) {
    const part = body.subarray(start)
    const range = `bytes ${start}-${body.length - 1}/${body.length}`
    response.writeHead(206, { 'Content-Range': range, 'Content-Length': part.length, ETag: etag }).end(part)
  } else {
    response.writeHead(200, { 'Content-Length': body.length, ETag: etag }).end(body)
  }
}

/** The right beginning, then the connection breaks after this share of what was to come. */
export function cutAt(share: number): Misbehaviour {
  return (request, response, { body, etag }) => {
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
    const part = body.subarray(start)
    const range = start > 0 ? { 'Content-Range': `bytes ${start}-${body.length - 1}/${body.length}` } : {}
    response.writeHead(start > 0 ? 206 : 200, { ...range, 'Content-Length': part.length, ETag: etag })
    response.write(part.subarray(0, Math.floor(part.length * share)), () => response.destroy())
    if (share === 0) response.destroy()
  }
}
