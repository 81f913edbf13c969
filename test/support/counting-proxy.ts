import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface CountingProxy {
  readonly port: number
  /** what it was asked to fetch: method and address, or the host of a tunnel */
  readonly asked: string[]
  close(): void
}

/** A proxy that fetches nothing: it writes down what leaves a browser for anywhere but this machine, and refuses. */
export async function startCountingProxy(): Promise<CountingProxy> {
  const asked: string[] = []
  const server: Server = createServer((request, response) => {
    asked.push(`${request.method ?? ''} ${request.url ?? ''}`)
    response.writeHead(502).end()
  })
  server.on('connect', (request, socket) => {
    asked.push(`CONNECT ${request.url ?? ''}`)
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // No test waits for it, and the browser holds on to its connections.
  server.unref()
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}
