import { expect, test } from 'vitest'
import { fileInMemory } from '../../../engine/formats/random-access.ts'
import { readSafetensors } from '../../../engine/formats/safetensors.ts'
import { mergeShards, readShardIndex } from '../../../engine/formats/shards.ts'
import { writeSafetensors } from '../../support/write-safetensors.ts'

const read = (weight_map: unknown) => readShardIndex({ weight_map }, 'index.json')
const shard = (...names: string[]) => {
  const entries = names.map((name) => [name, { dtype: 'U8', shape: [1], data: Uint8Array.of(1) }] as const)
  return readSafetensors(fileInMemory('shard', writeSafetensors(new Map(entries))))
}

test.each([
  [undefined, 'it has no weight_map'],
  [[], 'it has no weight_map'],
  [{}, 'it lists no tensor'],
  [{ a: 7 }, 'it puts a tensor into 7, which is not the name of a weight file'],
  [{ a: '../model.safetensors' }, 'it puts a tensor into "../model.safetensors"'],
  [{ a: 'x/y.safetensors' }, 'it puts a tensor into'],
  [{ a: '.safetensors' }, 'it puts a tensor into'],
  [{ a: 'model.bin' }, 'it puts a tensor into'],
  [
    Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [i, `${i}.safetensors`])),
    'it lists 1001 files, more than 1000',
  ],
])('the index %j is refused', (map, reason) => {
  expect(() => read(map)).toThrow(reason)
})

test('every tensor is in the file where the index says, and in no other', async () => {
  const fileOf = read({ a: '1.safetensors', b: '2.safetensors' })
  const both = new Map([
    ['1.safetensors', await shard('a')],
    ['2.safetensors', await shard('b')],
  ])
  expect([...mergeShards(fileOf, both).keys()]).toEqual(['a', 'b'])
  const stray = new Map([...both, ['2.safetensors', await shard('a', 'b')]])
  expect(() => mergeShards(fileOf, stray)).toThrow('the index does not say that it holds a')
  const less = new Map([...both, ['2.safetensors', await shard()]])
  expect(() => mergeShards(fileOf, less)).toThrow('the index says that it holds b, and it does not')
})
