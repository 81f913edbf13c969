import { beforeAll, describe, expect, test } from 'vitest'
import { swigluReference } from '../../kernels/swiglu.ref.ts'
import { createSwiglu } from '../../kernels/swiglu.ts'
import { downloadF32, poisoned, run, testDevice, upload } from '../support/gpu.ts'
import { expectClose, seeded, uniform } from '../support/numerics.ts'

// One exp, one division, two products: measured 5e-8 to 8e-8 on SwiftShader.
const MAX_RMS = 5e-7

let device: GPUDevice
beforeAll(async () => {
  device = await testDevice()
})

async function swiglu(size: number, gateUp: Float64Array): Promise<Float32Array> {
  const kernel = await createSwiglu(device, { size })
  const output = poisoned(device, gateUp.length / 2)
  await run(device, [kernel.bind({ gateUp: upload(device, gateUp), output })], gateUp.length / (2 * size))
  return downloadF32(device, output)
}

describe('swiglu', () => {
  test.each([
    { size: 1, tokens: 1 },
    { size: 640, tokens: 4 }, // the shipped model
    { size: 67, tokens: 3 }, // the workgroup does not divide it
  ])('matches the f64 reference for F=$size T=$tokens', async ({ size, tokens }) => {
    const gateUp = uniform(seeded(42), tokens * 2 * size, -6, 6)
    expectClose('output', await swiglu(size, gateUp), swigluReference(size, gateUp), MAX_RMS)
  })

  test('a gate of zero closes, whatever comes up', async () => {
    const gateUp = Float64Array.of(0, 0, 0, 0, 5, -1e30, 7, 1)
    const closed = await swiglu(4, gateUp)
    expect(closed.every((value) => Math.abs(value) === 0)).toBe(true)
  })

  test('gates of a thousand pass or close without overflow', async () => {
    const gateUp = Float64Array.of(1000, -1000, 100, -100, 1, 1, 2, 2)
    const actual = await swiglu(4, gateUp)
    expect(actual[0]).toBe(1000)
    expect(Math.abs(actual[1] ?? NaN)).toBe(0)
    expect(actual[2]).toBe(200)
    expect(Math.abs(actual[3] ?? NaN)).toBeLessThan(1e-37)
  })

  test('refuses a shape it cannot run, naming the field', async () => {
    await expect(createSwiglu(device, { size: 2.5 })).rejects.toThrow(
      'swiglu: size must be a positive integer, got 2.5',
    )
  })
})
