import { beforeAll, describe, expect, test } from 'vitest'
import { gemmReference } from '../../kernels/gemm.ref.ts'
import { createGemv, type ProductOptions } from '../../kernels/gemv.ts'
import { type MatrixShape } from '../../kernels/matrix.ts'
import { downloadF32, poisoned, run, testDevice, upload } from '../support/gpu.ts'
import { testMatrix, type TestMatrix } from '../support/matrix.ts'
import { expectClose, seeded, uniform } from '../support/numerics.ts'

// f32 sums of up to 1024 products of random sign: measured 2e-9 to 1.4e-7 on SwiftShader.
const MAX_RMS = 1e-6

const SHAPES: readonly MatrixShape[] = [
  { rows: 1, cols: 1, format: 'f32' },
  { rows: 129, cols: 51, format: 'f32' },
  { rows: 1, cols: 2, format: 'f16' },
  { rows: 131, cols: 54, format: 'f16' },
  { rows: 1, cols: 32, format: 'q8' },
  { rows: 131, cols: 96, format: 'q8' }, // neither the padding nor the workgroup divides the rows
  { rows: 1280, cols: 256, format: 'q8' }, // the MLP of the shipped model
  { rows: 256, cols: 1024, format: 'q8' },
  { rows: 1, cols: 32, format: 'q4' },
  { rows: 131, cols: 96, format: 'q4' },
  { rows: 256, cols: 1024, format: 'q4' },
]
const PLAIN: ProductOptions = { bias: false, accumulate: false }

let device: GPUDevice
beforeAll(async () => {
  device = await testDevice()
})

async function gemv(
  shape: MatrixShape,
  { matrix }: TestMatrix,
  input: Float64Array,
  bias: Float64Array | null = null,
  before: Float64Array | null = null,
): Promise<Float32Array> {
  const kernel = await createGemv(device, shape, { bias: bias !== null, accumulate: before !== null })
  const output = before ? upload(device, before) : poisoned(device, shape.rows)
  const buffers = { matrix, input: upload(device, input), bias: bias && upload(device, bias), output }
  await run(device, [kernel.bind(buffers)])
  return downloadF32(device, output)
}

describe('gemv', () => {
  test.each(SHAPES)('matches the f64 reference for $format R=$rows C=$cols', async (shape) => {
    const random = seeded(42)
    const weight = testMatrix(device, random, shape)
    const input = uniform(random, shape.cols, -2, 2)
    const expected = gemmReference(shape, 1, { weight: weight.numbers, input, bias: null, before: null })
    expectClose('output', await gemv(shape, weight, input), expected, MAX_RMS)
  })

  test.each(SHAPES)('adds the bias once and what output held, for $format R=$rows C=$cols', async (shape) => {
    const random = seeded(43)
    const weight = testMatrix(device, random, shape)
    const input = uniform(random, shape.cols, -2, 2)
    const bias = uniform(random, shape.rows, -30, 30)
    const before = uniform(random, shape.rows, -30, 30)
    const expected = gemmReference(shape, 1, { weight: weight.numbers, input, bias, before })
    expectClose('output', await gemv(shape, weight, input, bias, before), expected, MAX_RMS)
  })

  // Exact: the products of 8 and 4 bits with the 11 of an f16, and a sum with an f16 of like size, fit in f32.
  test.each(['q8', 'q4'] as const)('a one-hot input reads one column of %s exactly', async (format) => {
    const shape: MatrixShape = { rows: 256, cols: 64, format }
    const weight = testMatrix(device, seeded(44), shape)
    for (const column of [0, 1, 2, 3, 7, 31, 32, 63]) {
      const input = new Float64Array(64)
      input[column] = 1
      const expected = Array.from({ length: 256 }, (_, r) => weight.numbers[r * 64 + column])
      expect(Array.from(await gemv(shape, weight, input))).toEqual(expected)
    }
  })

  test('one outlier ten thousand times the rest costs no more than f32 rounding', async () => {
    const shape: MatrixShape = { rows: 64, cols: 512, format: 'q8' }
    const random = seeded(45)
    const weight = testMatrix(device, random, shape)
    const input = uniform(random, 512, -1, 1)
    input[77] = 1e4
    const expected = gemmReference(shape, 1, { weight: weight.numbers, input, bias: null, before: null })
    expectClose('output', await gemv(shape, weight, input), expected, MAX_RMS)
  })

  test('refuses a shape it cannot run, naming the field', async () => {
    const create = (rows: number, cols: number, format: MatrixShape['format']): Promise<unknown> =>
      createGemv(device, { rows, cols, format }, PLAIN)
    await expect(create(0, 32, 'q8')).rejects.toThrow('gemv_q8: rows must be a positive integer, got 0')
    await expect(create(8, 48, 'q8')).rejects.toThrow('gemv_q8: cols must be a multiple of 32 for q8, got 48')
    await expect(create(8, 3, 'f16')).rejects.toThrow('gemv_f16: cols must be a multiple of 2 for f16, got 3')
    const limit = device.limits.maxStorageBufferBindingSize
    await expect(create(65536, 1024, 'f32')).rejects.toThrow(
      `gemv_f32: weight needs 268435456 bytes, device allows ${limit}`,
    )
  })

  test('refuses a bias it was not made for, and a missing one', async () => {
    const shape: MatrixShape = { rows: 8, cols: 8, format: 'f32' }
    const weight = testMatrix(device, seeded(46), shape)
    const buffer = poisoned(device, 8)
    const buffers = { matrix: weight.matrix, input: buffer, output: poisoned(device, 8) }
    const plain = await createGemv(device, shape, PLAIN)
    const biased = await createGemv(device, shape, { ...PLAIN, bias: true })
    expect(() => plain.bind({ ...buffers, bias: buffer })).toThrow('gemv_f32: bias must be null')
    expect(() => biased.bind({ ...buffers, bias: null })).toThrow('gemv_f32: bias must be a buffer')
  })
})
