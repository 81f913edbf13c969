import { BlockList, isIP } from 'node:net'
import { Refusal } from '../conversations.ts'

const LONGEST_ADDRESS = 500

/** Machines of the same house. 169.254 is left out: nobody runs models there, and clouds keep their passwords there. */
const NEAR = new BlockList()
NEAR.addSubnet('127.0.0.0', 8, 'ipv4')
NEAR.addSubnet('10.0.0.0', 8, 'ipv4')
NEAR.addSubnet('172.16.0.0', 12, 'ipv4')
NEAR.addSubnet('192.168.0.0', 16, 'ipv4')
NEAR.addAddress('::1', 'ipv6')
NEAR.addSubnet('fc00::', 7, 'ipv6')

/**
 * The base address of a server as a user writes or pastes it: `/v1` where no path is given, without `/chat/completions`.
 *
 * https, because what is said and the key would be read by everybody on the way; http only to this machine and to
 * private addresses, where the way is the user's own. A name may lead anywhere, so it is not enough for http.
 *
 * @throws {Refusal}
 */
export function parseAddress(given: string): URL {
  const text = given.trim()
  if (text.length > LONGEST_ADDRESS || !URL.canParse(text) || !/^https?:\/\//i.test(text))
    throw new Refusal('Give the whole address, as in https://models.example/v1 or http://127.0.0.1:8080/v1.')
  const url = new URL(text)
  if (url.username !== '' || url.password !== '')
    throw new Refusal('Leave the name and the password out of the address; a key has its own field.')
  if (url.protocol === 'http:' && !isNear(url.hostname))
    throw new Refusal(
      `${url.host} is asked by https only: without it anyone on the way reads along. Machines at home are asked by their number, as in http://192.168.1.5:8000/v1.`,
    )
  url.search = ''
  url.hash = ''
  url.pathname = url.pathname.replace(/\/+$/, '').replace(/\/chat\/completions$/, '') || '/v1'
  return url
}

function isNear(hostname: string): boolean {
  if (hostname === 'localhost') return true
  const bare = hostname.replace(/^\[(.*)\]$/, '$1')
  const family = isIP(bare)
  return family !== 0 && NEAR.check(bare, family === 4 ? 'ipv4' : 'ipv6')
}
