import { describe, expect, test } from 'vitest'
import { EngineError } from '../../../engine/errors.ts'
import { fileInMemory } from '../../../engine/formats/random-access.ts'
import { readSafetensors } from '../../../engine/formats/safetensors.ts'
import type { Tensor } from '../../../engine/formats/tensor.ts'
import { mutate, safetensors } from '../../support/mutations.ts'
import { FLOATS, SMALL_SAFETENSORS } from '../../support/small-files.ts'
import { withHeader } from '../../support/write-safetensors.ts'

const read = (bytes: Uint8Array<ArrayBuffer>) => readSafetensors(fileInMemory('model.safetensors', bytes))
const dataOf = ({ file, begin, byteLength }: Tensor) => file.read(begin, byteLength)

async function failure(bytes: Uint8Array<ArrayBuffer>): Promise<string | null> {
  try {
    await read(bytes)
    return null
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    if (error.failure.code !== 'bad-file') throw error
    return error.failure.reason
  }
}

function header(text: string, dataBytes: number): Promise<string | null> {
  return failure(withHeader(text, [new Uint8Array(dataBytes)]))
}

const tensor = (shape: string, begin: number, end: number, dtype = 'U8') =>
  `{"dtype":"${dtype}","shape":${shape},"data_offsets":[${begin},${end}]}`

describe('readSafetensors', () => {
  test('finds every tensor with its dtype, shape and bytes', async () => {
    const tensors = await read(SMALL_SAFETENSORS)
    const data = async (name: string) => dataOf(tensors.get(name)!)
    expect([...tensors.keys()].sort()).toEqual(['brain', 'bytes', 'empty', 'half', 'matrix', 'scalar'])
    expect(tensors.get('matrix')?.shape).toEqual([2, 3])
    expect(await data('matrix')).toEqual(new Uint8Array(FLOATS.buffer))
    expect(await data('half')).toEqual(Uint8Array.of(0, 0x3c, 0, 0xc0, 1, 0))
    expect(tensors.get('brain')).toMatchObject({ type: 'BF16', shape: [2] })
    expect(tensors.get('empty')).toMatchObject({ type: 'F16', shape: [0, 4], byteLength: 0 })
    expect(await data('bytes')).toEqual(Uint8Array.of(1, 2, 255))
    expect(tensors.get('scalar')).toMatchObject({ type: 'I64', shape: [] })
  })

  test('reads its header and nothing else, in a file of 6 GiB', async () => {
    const size = 6 * 2 ** 30
    const begin = 5 * 2 ** 30
    const text = `{"a":${tensor(`[${begin}]`, 0, begin)},"b":${tensor('[16]', begin, begin + 16)},"c":${tensor(`[${size - begin - 16}]`, begin + 16, size)}}`
    const front = withHeader(text, [])
    const reads: [number, number][] = []
    const tensors = await readSafetensors({
      name: 'large',
      size: front.length + size,
      read: (offset, length) => {
        reads.push([offset, length])
        return Promise.resolve(front.slice(offset, offset + length))
      },
      close: () => Promise.resolve(),
    })
    expect(tensors.get('b')?.begin).toBe(front.length + begin)
    expect(reads).toEqual([
      [0, 8],
      [8, front.length - 8],
    ])
  })

  test('refuses the file cut short at every byte', async () => {
    for (let length = 0; length < SMALL_SAFETENSORS.length; length++) {
      expect(await failure(SMALL_SAFETENSORS.slice(0, length)), `cut to ${length} bytes`).not.toBeNull()
    }
  })

  test('refuses one byte too many', async () => {
    expect(await failure(Uint8Array.of(...SMALL_SAFETENSORS, 0))).toBe(
      '1 bytes after the last tensor belong to none',
    )
  })

  test.each([
    ['a key named twice', `{"a":${tensor('[1]', 0, 1)},"a":${tensor('[1]', 0, 1)}}`, 1, 'named twice'],
    [
      'the same key, escaped',
      `{"a":${tensor('[1]', 0, 1)},"\\u0061":${tensor('[1]', 0, 1)}}`,
      1,
      'named twice',
    ],
    ['a field named twice', `{"a":{"dtype":"U8","dtype":"I8","shape":[1],"data_offsets":[0,1]}}`, 1, 'twice'],
    [
      'a hole',
      `{"a":${tensor('[1]', 0, 1)},"b":${tensor('[1]', 2, 3)}}`,
      3,
      'there is a hole before tensor "b"',
    ],
    ['a hole at the start', `{"a":${tensor('[1]', 1, 2)}}`, 2, 'there is a hole before tensor "a"'],
    [
      'an overlap',
      `{"a":${tensor('[2]', 0, 2)},"b":${tensor('[2]', 1, 3)}}`,
      3,
      'another tensor overlaps tensor "b"',
    ],
    ['bytes shared whole', `{"a":${tensor('[2]', 0, 2)},"b":${tensor('[2]', 0, 2)}}`, 2, 'overlaps'],
    ['an end past the file', `{"a":${tensor('[9]', 0, 9)}}`, 8, 'tensor "a" ends at byte 9 of 8'],
    ['an end before the begin', `{"a":${tensor('[1]', 1, 0)}}`, 1, 'tensor "a" ends before it begins'],
    ['a shape too large', `{"a":${tensor('[5]', 0, 4)}}`, 4, 'tensor "a" has 4 bytes, and [5] of U8 has 5'],
    ['a product past 2^53', `{"a":${tensor('[4294967296,4294967296,4294967296]', 0, 0)}}`, 0, 'has 0 bytes'],
    ['a size below zero', `{"a":${tensor('[-1,-1]', 0, 1)}}`, 1, 'a shape that is not a list of sizes'],
    ['a size with a fraction', `{"a":${tensor('[0.5,2]', 0, 1)}}`, 1, 'a shape that is not a list of sizes'],
    ['an unknown dtype', `{"a":${tensor('[1]', 0, 1, 'Q4')}}`, 1, 'tensor "a" has the unknown dtype "Q4"'],
    ['a dtype of every object', `{"a":${tensor('[1]', 0, 1, 'toString')}}`, 1, 'unknown dtype'],
    ['three offsets', '{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1,1]}}', 1, 'not two sizes'],
    ['no dtype', '{"a":{"shape":[1],"data_offsets":[0,1]}}', 1, 'the unknown dtype nothing'],
    [
      'a field of its own',
      '{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"x":1}}',
      1,
      'unknown field "x"',
    ],
    ['metadata that is no text', '{"__metadata__":{"n":1}}', 0, '__metadata__'],
    ['a list', '[]', 0, 'does not begin with {'],
    ['text after the object', '{}x', 0, 'cannot be read'],
    ['a tensor that is null', '{"a":null}', 0, 'tensor "a" is not an object'],
  ])('refuses %s', async (_, text, dataBytes, reason) => {
    expect(await header(text, dataBytes)).toContain(reason)
  })

  test('refuses a header that claims to be larger than any, without allocating it', async () => {
    const bytes = SMALL_SAFETENSORS.slice()
    new DataView(bytes.buffer).setBigUint64(0, 2n ** 63n, true)
    expect(await failure(bytes)).toContain('its header claims 9223372036854775808 bytes')
  })

  test('refuses text that is not UTF-8, and survives ten thousand open brackets', async () => {
    const bytes = withHeader('{"aa":1}', [])
    bytes[10] = 0xff
    expect(await failure(bytes)).toContain('cannot be read')
    expect(await header(`{"a":${'['.repeat(10_000)}`, 0)).toContain('cannot be read')
    expect(await header(`{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`, 0)).toContain('not an object')
  })

  test('40,000 seeded mutations give tensors that cover the file or one sentence', async () => {
    const { refused } = await mutate(safetensors, SMALL_SAFETENSORS, { rounds: 40_000, seed: 11, busy: 480 })
    // A flip in the data or in a name is not an error; 96 in 100 are refused.
    expect(refused).toBeGreaterThan(36_000)
  })
})
