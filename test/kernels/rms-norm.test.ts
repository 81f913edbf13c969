import { beforeAll, describe, expect, test } from 'vitest'
import { rmsNormReference } from '../../kernels/rms-norm.ref.ts'
import { createRmsNorm } from '../../kernels/rms-norm.ts'
import { downloadF32, poisoned, run, testDevice, upload } from '../support/gpu.ts'
import { expectClose, relativeRms, seeded, uniform } from '../support/numerics.ts'

// One sum of squares and one inverse root: measured 5e-8 to 1.0e-7 on SwiftShader.
const MAX_RMS = 5e-7
const EPSILON = 1e-5

let device: GPUDevice
beforeAll(async () => {
  device = await testDevice()
})

type Norm = (input: Float64Array, weight: Float64Array, epsilon?: number) => Promise<Float32Array>

async function rmsNorm(
  perRow: boolean,
  input: Float64Array,
  weight: Float64Array,
  epsilon = EPSILON,
): Promise<Float32Array> {
  const kernel = await createRmsNorm(device, { size: weight.length, epsilon }, perRow)
  const output = poisoned(device, input.length)
  const buffers = { input: upload(device, input), weight: upload(device, weight), output }
  await run(device, [kernel.bind(buffers)], input.length / weight.length)
  return downloadF32(device, output)
}

describe.each([
  { perRow: false, owner: 'a workgroup' },
  { perRow: true, owner: 'an invocation' },
])('rms_norm with $owner for every token', ({ perRow }) => {
  const norm: Norm = (...inputs) => rmsNorm(perRow, ...inputs)

  test.each([
    { size: 1, tokens: 1 },
    { size: 256, tokens: 5 }, // the shipped model
    { size: 67, tokens: 3 }, // one more round for three of the invocations
    { size: 1024, tokens: 512 },
  ])('matches the f64 reference for C=$size T=$tokens', async ({ size, tokens }) => {
    const random = seeded(42)
    const input = uniform(random, tokens * size, -3, 3)
    const weight = uniform(random, size, -2, 2)
    expectClose('output', await norm(input, weight), rmsNormReference(input, weight, EPSILON), MAX_RMS)
  })

  test('without epsilon, a token sixteen times as loud gives the same bits', async () => {
    const random = seeded(43)
    const input = uniform(random, 256, -1, 1)
    const weight = uniform(random, 256, -2, 2)
    const loud = input.map((value) => value * 16)
    expect(await norm(loud, weight, 0)).toEqual(await norm(input, weight, 0))
  })

  test('a token of zeros stays zero, and one outlier of a million does not drown the rest', async () => {
    const random = seeded(44)
    const weight = uniform(random, 100, 0.5, 2)
    expect(await norm(new Float64Array(100), weight)).toEqual(new Float32Array(100))
    const input = uniform(random, 100, -1, 1)
    input[63] = 1e6
    const actual = await norm(input, weight)
    const expected = rmsNormReference(input, weight, EPSILON)
    expect(relativeRms(actual.subarray(64), expected.subarray(64))).toBeLessThanOrEqual(MAX_RMS)
  })
})

describe('rms_norm', () => {
  test('refuses a shape it cannot run, naming the field', async () => {
    await expect(createRmsNorm(device, { size: 0, epsilon: EPSILON })).rejects.toThrow(
      'rms_norm: size must be a positive integer, got 0',
    )
    await expect(createRmsNorm(device, { size: 8, epsilon: -1 })).rejects.toThrow(
      'rms_norm: epsilon must be a number >= 0, got -1',
    )
  })
})
