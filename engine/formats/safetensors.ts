import { EngineError } from '../errors.ts'
import { isRecord, parseJson } from './json.ts'

export type Dtype = keyof typeof ELEMENT_BYTES

export interface Tensor {
  readonly dtype: Dtype
  readonly shape: readonly number[]
  /** the file's own bytes, not a copy: little-endian, row-major, not always aligned to an element */
  readonly data: Uint8Array<ArrayBuffer>
}

const ELEMENT_BYTES = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E4M3: 1,
  F8_E5M2: 1,
  U16: 2,
  I16: 2,
  F16: 2,
  BF16: 2,
  U32: 4,
  I32: 4,
  F32: 4,
  U64: 8,
  I64: 8,
  F64: 8,
} as const

const LENGTH_BYTES = 8
// The largest published headers are below 1 MiB (some ten thousand tensors); the format itself allows 100 MB.
const MAX_HEADER_BYTES = 16 * 2 ** 20

interface Entry extends Tensor {
  readonly name: string
  readonly begin: number
  readonly end: number
}

/**
 * Read a safetensors file strictly: every byte belongs to the header or to exactly one tensor.
 *
 *     u64 N | N bytes of JSON {name: {dtype, shape, data_offsets: [begin, end]}} | data
 *
 * Nothing is allocated for a tensor: `data` is a view. Source: the format's README, huggingface/safetensors.
 *
 * @param file named in the error
 * @throws {EngineError} `bad-file`: cut short, a header that is not JSON or names a key twice, an unknown
 *   dtype, a size that does not fit the shape, a hole, an overlap, or bytes after the last tensor
 */
export function readSafetensors(
  bytes: Uint8Array<ArrayBuffer>,
  file = 'model.safetensors',
): Map<string, Tensor> {
  const fail: Fail = (reason) => {
    throw new EngineError({ code: 'bad-file', file, reason })
  }
  const { header, data } = splitHeader(bytes, fail)
  const entries: Entry[] = []
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') checkMetadata(value, fail)
    else entries.push(readEntry(name, value, data, fail))
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
  if (end !== data.length) fail(`${data.length - end} bytes after the last tensor belong to none`)
  return new Map(entries.map(({ name, dtype, shape, data }) => [name, { dtype, shape, data }]))
}

type Fail = (reason: string) => never

function splitHeader(bytes: Uint8Array<ArrayBuffer>, fail: Fail) {
  if (bytes.length < LENGTH_BYTES) fail(`it ends after ${bytes.length} bytes, inside the header's length`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const claimed = view.getBigUint64(0, true)
  if (claimed > MAX_HEADER_BYTES) fail(`its header claims ${claimed} bytes, more than ${MAX_HEADER_BYTES}`)
  const length = Number(claimed)
  const start = LENGTH_BYTES + length
  if (start > bytes.length) fail(`it ends inside its header, after ${bytes.length} of ${start} bytes`)
  if (bytes[LENGTH_BYTES] !== 0x7b) fail('its header does not begin with {')
  const header = parseHeader(bytes.subarray(LENGTH_BYTES, start))
  if (typeof header === 'string') return fail(`its header cannot be read: ${header}`)
  return { header, data: bytes.subarray(start) }
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

function readEntry(name: string, value: unknown, data: Uint8Array<ArrayBuffer>, fail: Fail): Entry {
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
  if (end > data.length) fail(`${what} ends at byte ${end} of ${data.length}`)
  const size = shape.reduce((product, dimension) => product * dimension, ELEMENT_BYTES[dtype])
  if (size !== end - begin) {
    fail(`${what} has ${end - begin} bytes, and [${shape.join(', ')}] of ${dtype} has ${size}`)
  }
  return { name, dtype, shape, begin, end, data: data.subarray(begin, end) }
}

function isDtype(value: unknown): value is Dtype {
  return typeof value === 'string' && Object.hasOwn(ELEMENT_BYTES, value)
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
