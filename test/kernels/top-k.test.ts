import { beforeAll, describe, expect, test } from 'vitest'
import { topKReference } from '../../kernels/top-k.ref.ts'
import { createTopK } from '../../kernels/top-k.ts'
import { downloadF32, downloadU32, poisoned, run, testDevice, upload } from '../support/gpu.ts'
import { seeded, uniform } from '../support/numerics.ts'

let device: GPUDevice
beforeAll(async () => {
  device = await testDevice()
})

async function topK(logits: Float64Array, count: number): Promise<{ ids: number[]; values: number[] }> {
  const kernel = await createTopK(device, { size: logits.length, count })
  const [ids, values] = [poisoned(device, count), poisoned(device, count)]
  await run(device, [kernel.bind({ logits: upload(device, logits), ids, values })])
  return {
    ids: Array.from(await downloadU32(device, ids)),
    values: Array.from(await downloadF32(device, values)),
  }
}

function expected(logits: Float64Array, count: number): { ids: number[]; values: number[] } {
  const ids = topKReference(logits, count)
  return { ids, values: ids.map((id) => logits[id] ?? NaN) }
}

describe('top_k', () => {
  test.each([
    { size: 1, count: 1 },
    { size: 300, count: 7 },
    { size: 2048, count: 40 }, // the shipped model
    { size: 151_936, count: 256 },
  ])('matches the reference for V=$size K=$count', async ({ size, count }) => {
    const logits = uniform(seeded(size), size, -20, 20)
    expect(await topK(logits, count)).toEqual(expected(logits, count))
  })

  test('as many as there are: every id, in order', async () => {
    const logits = uniform(seeded(42), 200, -1, 1)
    expect((await topK(logits, 200)).ids).toEqual(Array.from({ length: 200 }, (_, i) => i))
  })

  test('the lowest ids win the last places, among a thousand of only seven different logits', async () => {
    const random = seeded(43)
    const logits = Float64Array.from({ length: 1000 }, () => Math.floor(random() * 7) - 3)
    for (const count of [1, 100, 143, 144, 256]) {
      expect(await topK(logits, count)).toEqual(expected(logits, count))
    }
    expect((await topK(new Float64Array(600).fill(-9), 5)).ids).toEqual([0, 1, 2, 3, 4])
    expect((await topK(Float64Array.of(-1, -0, 0, -0, -2), 2)).ids).toEqual([1, 2])
  })

  test('a NaN of either sign is among the largest, wherever it stands', async () => {
    for (const nan of [0x7fc00000, 0xffc00000, 0x7f800001, 0xff800001]) {
      const bits = new Uint32Array(new Float32Array(300).map((_, i) => i).buffer)
      bits[17] = nan
      const kernel = await createTopK(device, { size: 300, count: 3 })
      const [ids, values] = [poisoned(device, 3), poisoned(device, 3)]
      await run(device, [kernel.bind({ logits: upload(device, bits), ids, values })])
      expect([...(await downloadU32(device, ids))]).toEqual([17, 298, 299])
      expect([...(await downloadF32(device, values))]).toEqual([NaN, 298, 299])
    }
  })

  test('logits that differ in the last bit, infinities and the largest floats keep their order', async () => {
    const close = Float64Array.from({ length: 512 }, (_, i) => 1 + (((i * 37) % 512) + 1) * 2 ** -23)
    expect(await topK(close, 9)).toEqual(expected(close, 9))
    const extreme = Float64Array.of(-Infinity, Infinity, Math.fround(3.4e38), Math.fround(-3.4e38), 1e-45, 0)
    for (const count of [1, 2, 3, 4, 5, 6]) {
      expect((await topK(extreme, count)).ids).toEqual(topKReference(extreme, count))
    }
  })

  test('refuses a shape it cannot run, naming the field', async () => {
    await expect(createTopK(device, { size: 8, count: 0 })).rejects.toThrow(
      'top_k: count must be a positive integer, got 0',
    )
    await expect(createTopK(device, { size: 8, count: 9 })).rejects.toThrow(
      'top_k: count must be at most 8, got 9',
    )
    await expect(createTopK(device, { size: 1000, count: 257 })).rejects.toThrow(
      'top_k: count must be at most 256, got 257',
    )
  })
})
