import type { Server } from 'node:http'

/** Only this machine reaches it: the other machines of a network have no way to this address. */
export const LOOPBACK = '127.0.0.1'

/**
 * Listen on this machine only; the port that it became, which is another than `port` where that is 0.
 *
 * @throws {Error} with the system's code where the port cannot be had
 */
export function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, LOOPBACK, () => {
      server.off('error', reject)
      const address = server.address()
      resolve(address !== null && typeof address === 'object' ? address.port : port)
    })
  })
}
