import { EngineError } from '../errors.ts'
import { isRecord, parseJson } from './json.ts'
import type { RandomAccessFile } from './random-access.ts'
import { ELEMENT_TYPES, type ElementType, type Tensor } from './tensor.ts'

/** Safetensors knows plain elements only. */
const isDtype = (value: unknown): value is ElementType =>
  typeof value === 'string' &&
  Object.hasOwn(ELEMENT_TYPES, value) &&
  ELEMENT_TYPES[value as ElementType].elements === 1

const LENGTH_BYTES = 8
// The largest published headers are below 1 MiB (some ten thousand tensors); the format itself allows 100 MB.
const MAX_HEADER_BYTES = 16 * 2 ** 20

interface Entry {
  readonly name: string
  readonly type: ElementType
  readonly shape: readonly number[]
  /** bytes from the start of the data */
  readonly begin: number
  readonly end: number
}

/**
 * Read the header of a safetensors file strictly: every byte of the file belongs to it or to exactly one tensor.
 *
 *     u64 N | N bytes of JSON {name: {dtype, shape, data_offsets: [begin, end]}} | data
 *
 * Nothing of a tensor is read. Source: the format's README, huggingface/safetensors.
 *
 * @throws {EngineError} `bad-file`: cut short, a header that is not JSON or names a key twice, an unknown
 *   dtype, a size that does not fit the shape, a hole, an overlap, or bytes after the last tensor
 */
export async function readSafetensors(file: RandomAccessFile): Promise<Map<string, Tensor>> {
  const fail: Fail = (reason) => {
    throw new EngineError({ code: 'bad-file', file: file.name, reason })
  }
  const { header, start } = await readHeader(file, fail)
  const dataBytes = file.size - start
  const entries: Entry[] = []
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') checkMetadata(value, fail)
    else entries.push(readEntry(name, value, dataBytes, fail))
  }
  // Empty tensors share their begin with the tensor after them.
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end)

  let end = 0
  for (const entry of entries) {
    if (entry.begin !== end) {
      const what = entry.begin > end ? 'there is a hole before' : 'another tensor overlaps'
      fail(`${what} tensor ${quote(entry.name)}`)
    }
    end = entry.end
  }
  if (end !== dataBytes) fail(`${dataBytes - end} bytes after the last tensor belong to none`)
  return new Map(
    entries.map(({ name, type, shape, begin, end }): [string, Tensor] => [
      name,
      { type, shape, file, begin: start + begin, byteLength: end - begin, pairedHeadDim: null },
    ]),
  )
}

type Fail = (reason: string) => never

async function readHeader(file: RandomAccessFile, fail: Fail) {
  if (file.size < LENGTH_BYTES) fail(`it ends after ${file.size} bytes, inside the header's length`)
  const lengthBytes = await file.read(0, LENGTH_BYTES)
  const claimed = new DataView(lengthBytes.buffer, lengthBytes.byteOffset).getBigUint64(0, true)
  if (claimed > MAX_HEADER_BYTES) fail(`its header claims ${claimed} bytes, more than ${MAX_HEADER_BYTES}`)
  const length = Number(claimed)
  const start = LENGTH_BYTES + length
  if (start > file.size) fail(`it ends inside its header, after ${file.size} of ${start} bytes`)
  const bytes = await file.read(LENGTH_BYTES, length)
  if (bytes[0] !== 0x7b) fail('its header does not begin with {')
  const header = parseHeader(bytes)
  if (typeof header === 'string') return fail(`its header cannot be read: ${header}`)
  return { header, start }
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> | string {
  try {
    const header = parseJson(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
    return isRecord(header) ? header : 'it is not an object'
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function checkMetadata(value: unknown, fail: Fail): void {
  if (!isRecord(value) || !Object.values(value).every((text) => typeof text === 'string')) {
    fail('its __metadata__ is not an object of strings')
  }
}

function readEntry(name: string, value: unknown, dataBytes: number, fail: Fail): Entry {
  const what = `tensor ${quote(name)}`
  if (!isRecord(value)) return fail(`${what} is not an object`)
  for (const key of Object.keys(value)) {
    if (key !== 'dtype' && key !== 'shape' && key !== 'data_offsets') {
      fail(`${what} has the unknown field ${quote(key)}`)
    }
  }
  const { dtype, shape, data_offsets: offsets } = value
  if (!isDtype(dtype)) return fail(`${what} has the unknown dtype ${quote(dtype)}`)
  if (!isSizes(shape)) return fail(`${what} has a shape that is not a list of sizes`)
  if (!isSizes(offsets)) return fail(`${what} has offsets that are not two sizes`)
  const [begin, end, third] = offsets
  if (begin === undefined || end === undefined || third !== undefined) {
    return fail(`${what} has offsets that are not two sizes`)
  }
  if (end < begin) fail(`${what} ends before it begins`)
  if (end > dataBytes) fail(`${what} ends at byte ${end} of ${dataBytes}`)
  const size = shape.reduce<number>((product, dimension) => product * dimension, ELEMENT_TYPES[dtype].bytes)
  if (size !== end - begin) {
    fail(`${what} has ${end - begin} bytes, and [${shape.join(', ')}] of ${dtype} has ${size}`)
  }
  return { name, type: dtype, shape, begin, end }
}

function isSizes(value: unknown): value is number[] {
  return (
    Array.isArray(value) &&
    value.every((size) => Number.isSafeInteger(size) && !Object.is(size, -0) && size >= 0)
  )
}

/** A hostile name may be a megabyte long. */
function quote(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value)
  return text.length > 80 ? `${text.slice(0, 77)}…` : text
}
