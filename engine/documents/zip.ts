import { type UnzipFileInfo, unzipSync } from 'fflate'
import { LARGEST_UNPACKED } from './document.ts'
import { damaged, DocumentError } from './failure.ts'

const MOST_PARTS = 20_000

/** The names in an archive; nothing is unpacked. @throws {DocumentError} `damaged` */
export function listZip(bytes: Uint8Array): string[] {
  const names: string[] = []
  open(bytes, ({ name }) => {
    names.push(name)
    return false
  })
  return names
}

/**
 * The parts that are `wanted`, unpacked. What a part is said to unpack to is counted before; one that becomes more is
 * damaged.
 *
 * @throws {DocumentError} `unpacks-too-large`, `damaged`
 */
export function unpack(
  bytes: Uint8Array,
  wanted: (name: string) => boolean,
): ReadonlyMap<string, Uint8Array<ArrayBuffer>> {
  let total = 0
  const parts = open(bytes, ({ name, size, originalSize }) => {
    if (!wanted(name)) return false
    // A part that is not packed takes what it has here, whatever it is said to unpack to.
    total += Math.max(size, originalSize)
    if (total > LARGEST_UNPACKED)
      throw new DocumentError({ code: 'unpacks-too-large', limit: LARGEST_UNPACKED })
    return true
  })
  return new Map(Object.entries(parts))
}

function open(bytes: Uint8Array, filter: (file: UnzipFileInfo) => boolean) {
  let count = 0
  try {
    return unzipSync(bytes, {
      filter: (file) => {
        if (++count > MOST_PARTS) throw new Error(`it has more than ${MOST_PARTS} parts`)
        return filter(file)
      },
    })
  } catch (error) {
    throw damaged(error)
  }
}
