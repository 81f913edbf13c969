import type { IncomingMessage } from 'node:http'
import { joined } from './joined.ts'

/** `null` when it is larger than `largest` bytes; what is left of it is not read. */
export async function readBody(
  incoming: IncomingMessage,
  largest: number,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of incoming as AsyncIterable<Uint8Array>) {
    size += part.length
    if (size > largest) return null
    parts.push(part)
  }
  return joined(parts)
}
