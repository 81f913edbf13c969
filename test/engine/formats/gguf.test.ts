import { describe, expect, test } from 'vitest'
import { EngineError } from '../../../engine/errors.ts'
import { readGguf } from '../../../engine/formats/gguf.ts'
import { fileInMemory } from '../../../engine/formats/random-access.ts'
import { gguf, mutate } from '../../support/mutations.ts'
import { GGUF_METADATA, GGUF_TENSORS, SMALL_GGUF } from '../../support/small-files.ts'
import { f32, writeGguf } from '../../support/write-gguf.ts'

const read = (bytes: Uint8Array<ArrayBuffer>) => readGguf(fileInMemory('m.gguf', bytes))

async function failure(bytes: Uint8Array<ArrayBuffer>): Promise<string | null> {
  try {
    await read(bytes)
    return null
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    const { failure } = error
    if (failure.code !== 'bad-file' && failure.code !== 'unsupported-file') throw error
    return failure.reason
  }
}

/** The file with a change at the first place after `text`. */
function patched(text: string, change: (view: DataView, after: number) => void): Uint8Array<ArrayBuffer> {
  const bytes = SMALL_GGUF.slice()
  const at = Buffer.from(bytes.buffer).indexOf(text)
  change(new DataView(bytes.buffer), at + Buffer.byteLength(text))
  return bytes
}

describe('readGguf', () => {
  test('finds every value and every tensor with its type, shape and bytes', async () => {
    const { version, metadata, tensors } = await read(SMALL_GGUF)
    expect(version).toBe(3)
    expect(Object.fromEntries(metadata)).toEqual({
      'general.architecture': 'llama',
      'general.name': 'Été 🙂',
      count: 7,
      large: 2 ** 52,
      share: 0.5,
      'is it': true,
      tokens: ['a', '', 'ß'],
      scores: Float32Array.of(-1, 0.25),
      kinds: Int32Array.of(1, -3),
    })
    expect([...tensors].map(([name, { type, shape }]) => [name, type, shape])).toEqual([
      ['a.weight', 'F32', [3, 2]],
      ['b.weight', 'Q4_0', [2, 32]],
      ['c.bias', 'F16', [5]],
    ])
    for (const [name, { data }] of GGUF_TENSORS) {
      const { file, begin, byteLength } = tensors.get(name)!
      expect(await file.read(begin, byteLength)).toEqual(data)
    }
  })

  test('version 2 and another alignment are read, big-endian files and other versions refused', async () => {
    const aligned = writeGguf({ ...GGUF_METADATA, 'general.alignment': 64 }, GGUF_TENSORS, {
      version: 2,
      alignment: 64,
    })
    expect((await read(aligned)).tensors.get('c.bias')!.begin % 64).toBe(0)
    expect(await failure(writeGguf({}, new Map(), { version: 4 }))).toContain('it is of version 4')
    expect(await failure(writeGguf({}, new Map(), { version: 0x03000000 }))).toContain('big-endian')
  })

  test('refuses the file cut short at every byte, except for the padding at its end', async () => {
    const needed = SMALL_GGUF.length - (32 - 10)
    for (let length = 0; length < SMALL_GGUF.length; length++) {
      const reason = await failure(SMALL_GGUF.slice(0, length))
      if (length < needed) expect(reason, `cut to ${length} bytes`).not.toBeNull()
      else expect(reason, `cut to ${length} bytes`).toBeNull()
    }
  })

  test('refuses one byte too many', async () => {
    expect(await failure(Uint8Array.of(...SMALL_GGUF, 0))).toContain(
      'bytes after the last tensor belong to none',
    )
  })

  test('reads its header and nothing else, in a file of 6 GiB whose vocabulary passes the first reading', async () => {
    const tokens = Array.from({ length: 150_000 }, (_, i) => `token ${i}`)
    const columns = 2 ** 16
    const rows = (6 * 2 ** 30) / (columns * 4)
    const front = writeGguf(
      { tokens },
      new Map([['w', { type: 'F32', shape: [rows, columns], data: new Uint8Array(0) }]]),
    )
    let furthest = 0
    const { metadata, tensors } = await readGguf({
      name: 'large.gguf',
      size: front.length + 6 * 2 ** 30,
      read: (offset, length) => {
        furthest = Math.max(furthest, offset + length)
        const bytes = new Uint8Array(length)
        bytes.set(front.subarray(offset, offset + length))
        return Promise.resolve(bytes)
      },
      close: () => Promise.resolve(),
    })
    expect(metadata.get('tokens')).toEqual(tokens)
    expect(tensors.get('w')).toMatchObject({ begin: front.length, byteLength: 6 * 2 ** 30 })
    expect(furthest).toBeLessThanOrEqual(2 ** 24)
  })

  const u64 = (value: bigint) => (view: DataView, at: number) => view.setBigUint64(at, value, true)
  const u32 = (value: number) => (view: DataView, at: number) => view.setUint32(at, value, true)
  const skip =
    (bytes: number, change: (view: DataView, at: number) => void) => (view: DataView, at: number) =>
      change(view, at + bytes)
  const rename = (view: DataView, at: number) => view.setUint8(at - 8, 'a'.charCodeAt(0))

  test.each([
    [
      'a tensor count over the limit',
      'GGUF',
      skip(4, u64(100_001n)),
      'its number of tensors is 100001, more than',
    ],
    [
      'a value count over the limit',
      'GGUF',
      skip(12, u64(2n ** 63n)),
      'its number of values is 9223372036854775808',
    ],
    ['a text longer than the file', 'general.name', skip(4, u64(9_999_999n)), 'it ends after'],
    ['a text over the limit', 'general.name', skip(4, u64(10_000_001n)), 'is 10000001, more than 10000000'],
    ['a list over the limit', 'scores', skip(8, u64(10_000_001n)), 'is 10000001, more than 10000000'],
    ['a list longer than the file', 'scores', skip(8, u64(10_000_000n)), 'it ends after'],
    ['texts more than the file holds', 'tokens', skip(8, u64(9_000_000n)), 'more than the file has room for'],
    ['a list of lists', 'tokens', skip(4, u32(9)), 'is a list of lists'],
    ['an unknown type of value', 'count', u32(13), 'has the unknown type 13'],
    ['an unknown type in a list', 'kinds', skip(4, u32(13)), 'a type that is not known'],
    ['a bool that is 2', 'is it', skip(4, (view, at) => view.setUint8(at, 2)), 'is 2, not true or false'],
    [
      'text that is not UTF-8',
      'general.name',
      skip(12, (view, at) => view.setUint8(at, 0xff)),
      'is not UTF-8',
    ],
    ['a tensor named twice', 'b.weight', rename, 'the tensor "a.weight" is there twice'],
    ['five dimensions', 'b.weight', u32(5), 'has 5 dimensions'],
    ['no dimension', 'b.weight', u32(0), 'has 0 dimensions'],
    ['a size of 0', 'b.weight', skip(12, u64(0n)), 'has a size of 0'],
    ['columns that are no blocks', 'b.weight', skip(4, u64(33n)), 'has 33 columns, and Q4_0 goes by 32'],
    [
      'a product past 2^64',
      'b.weight',
      (view: DataView, at: number) => {
        u64(2n ** 52n)(view, at + 4)
        u64(2n ** 52n)(view, at + 12)
      },
      'has more bytes than the file',
    ],
    ['an unknown type of tensor', 'b.weight', skip(20, u32(99)), 'has the unknown type 99'],
    [
      'a type that is not decoded',
      'b.weight',
      skip(20, u32(10)),
      'is stored as Q2_K, and what can be read is F32',
    ],
    ['an offset out of line', 'b.weight', skip(24, u64(33n)), 'begins at 33, which is not a multiple of 32'],
    ['an overlap', 'b.weight', skip(24, u64(0n)), 'overlaps'],
    ['a hole', 'b.weight', skip(24, u64(64n)), 'there is a hole before tensor "b.weight"'],
    ['a wrong magic', 'GGUF', (view: DataView) => view.setUint8(0, 0), 'it does not begin with GGUF'],
  ])('refuses %s', async (_, place, change, reason) => {
    expect(await failure(patched(place, change))).toContain(reason)
  })

  test('refuses a key named twice and an alignment that is no power of two', async () => {
    expect(
      await failure(
        patched('count', (view, at) => new Uint8Array(view.buffer).set(Buffer.from('share'), at - 5)),
      ),
    ).toContain('the key "share" is there twice')
    expect(await failure(writeGguf({ 'general.alignment': 48 }, new Map()))).toContain('not a power of two')
    expect(await failure(writeGguf({ 'general.alignment': f32(0.5) }, new Map()))).toContain(
      'not a power of two',
    )
  })

  test('30,000 seeded mutations give tensors inside the file or one sentence', async () => {
    const { refused } = await mutate(gguf, SMALL_GGUF, { rounds: 30_000, seed: 12 })
    // A flip in data, padding, a number or a name is not an error; 70 in 100 are refused.
    expect(refused).toBeGreaterThan(18_000)
  })
})
