import { beforeAll, describe, expect, test } from 'vitest'
import { argmaxReference } from '../../kernels/argmax.ref.ts'
import { createArgmax } from '../../kernels/argmax.ts'
import { downloadU32, poisoned, run, testDevice, upload } from '../support/gpu.ts'
import { seeded, uniform } from '../support/numerics.ts'

let device: GPUDevice
beforeAll(async () => {
  device = await testDevice()
})

async function argmax(logits: Float64Array | Uint32Array): Promise<{ id: number; logit: number }> {
  const kernel = await createArgmax(device, { size: logits.length })
  const result = poisoned(device, 2)
  await run(device, [kernel.bind({ logits: upload(device, logits), result })])
  const words = await downloadU32(device, result)
  return { id: words[0] ?? -1, logit: new Float32Array(words.buffer)[1] ?? NaN }
}

describe('argmax', () => {
  test.each([1, 255, 257, 2048, 151_936])('matches the reference for V=%i', async (size) => {
    const logits = uniform(seeded(size), size, -20, 20)
    const id = argmaxReference(logits)
    expect(await argmax(logits)).toEqual({ id, logit: logits[id] })
  })

  test('the lowest id wins a tie, also across invocations and between zero and minus zero', async () => {
    const logits = new Float64Array(1000).fill(-5)
    logits[999] = 3
    logits[300] = 3
    logits[556] = 3
    expect((await argmax(logits)).id).toBe(300)
    expect((await argmax(new Float64Array(700).fill(-7))).id).toBe(0)
    expect((await argmax(Float64Array.of(-1, -0, 0, -2))).id).toBe(1)
  })

  test('infinities and the largest floats keep their order, and a NaN shows', async () => {
    expect((await argmax(Float64Array.of(-Infinity, -3.4e38, -3.3e38, -Infinity))).id).toBe(2)
    expect((await argmax(Float64Array.of(3.4e38, Infinity, 0))).logit).toBe(Infinity)
    expect((await argmax(new Float64Array(300).fill(-Infinity))).id).toBe(0)
    expect(await argmax(Float64Array.of(1, NaN, Infinity))).toEqual({ id: 1, logit: NaN })
    // As bits, for a NaN with a sign, which is what processors make, is one of many.
    for (const nan of [0xffc00000, 0xff800001])
      expect(await argmax(Uint32Array.of(0x3f800000, 0x7f800000, nan))).toEqual({ id: 2, logit: NaN })
  })

  test('refuses a shape it cannot run, naming the field', async () => {
    await expect(createArgmax(device, { size: 0 })).rejects.toThrow(
      'argmax: size must be a positive integer, got 0',
    )
  })
})
