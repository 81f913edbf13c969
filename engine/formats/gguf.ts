import { EngineError } from '../errors.ts'
import { DECODABLE } from './decode.ts'
import { GgufCursor, type GgufValue, NeedsMore } from './gguf-cursor.ts'
import { readAtMost, type RandomAccessFile } from './random-access.ts'
import { ELEMENT_TYPES, type ElementType, type Tensor } from './tensor.ts'

export interface Gguf {
  /** 2 or 3, which differ in nothing that is read here */
  readonly version: number
  readonly metadata: ReadonlyMap<string, GgufValue>
  /** by GGUF's own names, shapes rows first */
  readonly tensors: ReadonlyMap<string, Tensor>
}

const MAGIC = 0x46554747
/** ggml's numbers of the types that can be computed with, and the names of those that cannot. */
const TYPES: readonly string[] = (
  'F32 F16 Q4_0 Q4_1 - - Q5_0 Q5_1 Q8_0 Q8_1 Q2_K Q3_K Q4_K Q5_K Q6_K Q8_K IQ2_XXS IQ2_XS IQ3_XXS IQ1_S IQ4_NL ' +
  'IQ3_S IQ2_S IQ4_XS I8 I16 I32 I64 F64 IQ1_M BF16 - - - TQ1_0 TQ2_0 - - - MXFP4 NVFP4'
).split(' ')

const MAX_VALUES = 65_536
const MAX_TENSORS = 100_000
const MAX_KEY_BYTES = 65_535
const MAX_NAME_BYTES = 256
const MAX_TEXT_BYTES = 10_000_000
const MAX_ELEMENTS = 10_000_000
const MAX_DIMENSIONS = 4
const MAX_ALIGNMENT = 2 ** 20
const DEFAULT_ALIGNMENT = 32
// Vocabularies of 150,000 tokens with their merges take about 6 MB, so most headers are read in one or two goes.
const FIRST_READ = 2 ** 20
const MAX_HEADER_BYTES = 2 ** 26

/**
 * Read the header of a GGUF file strictly: every byte of the file belongs to the header, to padding or to exactly one
 * tensor.
 *
 *     u32 "GGUF" | u32 version | u64 tensors | u64 values | values | tensors | padding | data
 *     value    text key | u32 type | value                       text: u64 bytes | UTF-8
 *     tensor   text name | u32 n | u64 size × n | u32 type | u64 offset into data
 *
 * Nothing of a tensor is read, and nothing is allocated before its size was checked against the file's. Source: ggml's
 * docs/gguf.md and gguf.cpp.
 *
 * @throws {EngineError} `bad-file`: cut short, a count or length over its limit, a key or name twice, a type or size
 *   that cannot be, a hole, an overlap, or bytes after the last tensor; `unsupported-file`: a whole file of a kind that
 *   cannot be used, such as big-endian ones and tensor types that are not decoded here
 */
export async function readGguf(file: RandomAccessFile): Promise<Gguf> {
  for (let length = FIRST_READ; ; length *= 4) {
    const front = await readAtMost(file, Math.min(length, MAX_HEADER_BYTES))
    try {
      return parse(front, file)
    } catch (error) {
      if (!(error instanceof NeedsMore)) throw error
      if (length >= MAX_HEADER_BYTES) refuse(file, `its header has more than ${MAX_HEADER_BYTES} bytes`)
    }
  }
}

function parse(front: Uint8Array, file: RandomAccessFile): Gguf {
  const fail = (reason: string): never => refuse(file, reason)
  const cursor = new GgufCursor(front, file.size, fail)
  if (cursor.u32('its first word') !== MAGIC) fail('it does not begin with GGUF')
  const version = cursor.u32('its version')
  if (version === 0x02000000 || version === 0x03000000)
    unsupported(file, 'it is written for big-endian machines')
  if (version !== 2 && version !== 3) unsupported(file, `it is of version ${version}, and 2 and 3 are known`)
  const tensorCount = cursor.size('its number of tensors', MAX_TENSORS)
  const valueCount = cursor.size('its number of values', MAX_VALUES)

  const metadata = new Map<string, GgufValue>()
  for (let i = 0; i < valueCount; i++) {
    const key = cursor.text('a key', MAX_KEY_BYTES)
    if (metadata.has(key)) fail(`the key ${quote(key)} is there twice`)
    metadata.set(key, readValue(cursor, key, fail))
  }
  const alignment = readAlignment(metadata, fail)
  const entries = new Map<string, Entry>()
  for (let i = 0; i < tensorCount; i++) {
    const name = cursor.text('the name of a tensor', MAX_NAME_BYTES)
    if (entries.has(name)) fail(`the tensor ${quote(name)} is there twice`)
    entries.set(name, readEntry(cursor, name, alignment, file))
  }
  return { version, metadata, tensors: place(entries, align(cursor.position, alignment), alignment, file) }
}

type Fail = (reason: string) => never

interface Entry {
  readonly type: ElementType
  readonly shape: readonly number[]
  readonly offset: number
  readonly byteLength: number
}

function readValue(cursor: GgufCursor, key: string, fail: Fail): GgufValue {
  const what = `the value of ${quote(key)}`
  const type = cursor.u32(`the type of ${quote(key)}`)
  if (type === 7) return cursor.bool(what)
  if (type === 8) return cursor.text(what, MAX_TEXT_BYTES)
  if (type !== 9) return cursor.number(type, what) ?? fail(`${what} has the unknown type ${type}`)

  const elementType = cursor.u32(`the type of ${quote(key)}`)
  const count = cursor.size(`the length of ${quote(key)}`, MAX_ELEMENTS)
  if (elementType === 9) fail(`${what} is a list of lists`)
  if (elementType === 7) return cursor.numbers(0, count, what)
  if (elementType !== 8) return cursor.numbers(elementType, count, what)
  // An empty text takes the eight bytes of its length.
  if (count * 8 > cursor.left) fail(`${what} has ${count} texts, more than the file has room for`)
  const texts: string[] = []
  for (let i = 0; i < count; i++) texts.push(cursor.text(what, MAX_TEXT_BYTES))
  return texts
}

function readAlignment(metadata: ReadonlyMap<string, GgufValue>, fail: Fail): number {
  const value = metadata.get('general.alignment') ?? DEFAULT_ALIGNMENT
  if (
    typeof value !== 'number' ||
    value < 8 ||
    value > MAX_ALIGNMENT ||
    !Number.isInteger(Math.log2(value))
  ) {
    return fail('its alignment is not a power of two')
  }
  return value
}

function readEntry(cursor: GgufCursor, name: string, alignment: number, file: RandomAccessFile): Entry {
  const what = `tensor ${quote(name)}`
  const fail = (reason: string): never => refuse(file, `${what} ${reason}`)
  const dimensions = cursor.u32(`the dimensions of ${what}`)
  if (dimensions < 1 || dimensions > MAX_DIMENSIONS) fail(`has ${dimensions} dimensions`)
  const shape: number[] = []
  for (let i = 0; i < dimensions; i++)
    shape.unshift(cursor.size(`a size of ${what}`, Number.MAX_SAFE_INTEGER))
  const number = cursor.u32(`the type of ${what}`)
  const offset = cursor.size(`the offset of ${what}`, Number.MAX_SAFE_INTEGER)

  const type = TYPES[number] ?? '-'
  if (type === '-') fail(`has the unknown type ${number}`)
  if (!isDecodable(type)) {
    return unsupported(file, `${what} is stored as ${type}, and what can be read is ${DECODABLE.join(', ')}`)
  }
  const block = ELEMENT_TYPES[type]
  const columns = shape.at(-1) ?? 0
  const elements = shape.reduce((product, size) => product * size, 1)
  if (elements < 1) fail('has a size of 0')
  if (columns % block.elements !== 0) fail(`has ${columns} columns, and ${type} goes by ${block.elements}`)
  const byteLength = (elements / block.elements) * block.bytes
  if (byteLength > file.size) fail(`has more bytes than the file, ${file.size}`)
  if (offset % alignment !== 0) fail(`begins at ${offset}, which is not a multiple of ${alignment}`)
  return { type, shape, offset, byteLength }
}

/** Tensors where they lie: one after the other with nothing but padding between, to the end of the file. */
function place(
  entries: ReadonlyMap<string, Entry>,
  start: number,
  alignment: number,
  file: RandomAccessFile,
): Map<string, Tensor> {
  const inOrder = [...entries].sort(([, a], [, b]) => a.offset - b.offset)
  const tensors = new Map<string, Tensor>()
  let end = 0
  for (const [name, { type, shape, offset, byteLength }] of inOrder) {
    const expected = align(end, alignment)
    if (offset < expected) refuse(file, `another tensor overlaps tensor ${quote(name)}`)
    if (offset > expected) refuse(file, `there is a hole before tensor ${quote(name)}`)
    end = offset + byteLength
    tensors.set(name, { type, shape, file, begin: start + offset, byteLength, pairedHeadDim: null })
  }
  // Some writers pad the last tensor, some do not; a file without tensors may end with its header.
  const needed = tensors.size === 0 ? 0 : start + end
  if (file.size < needed) refuse(file, `it ends after ${file.size} of ${needed} bytes`)
  if (file.size > start + align(end, alignment)) {
    refuse(file, `${file.size - start - end} bytes after the last tensor belong to none`)
  }
  return tensors
}

function isDecodable(type: string): type is ElementType {
  return DECODABLE.includes(type)
}

function align(size: number, alignment: number): number {
  return Math.ceil(size / alignment) * alignment
}

/** A hostile name may be long, or not be text for a terminal. */
function quote(name: string): string {
  const text = JSON.stringify(name)
  return text.length > 80 ? `${text.slice(0, 77)}…` : text
}

function refuse(file: RandomAccessFile, reason: string): never {
  throw new EngineError({ code: 'bad-file', file: file.name, reason })
}

function unsupported(file: RandomAccessFile, reason: string): never {
  throw new EngineError({ code: 'unsupported-file', file: file.name, reason })
}
