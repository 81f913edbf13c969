import { beforeAll, describe, expect, test } from 'vitest'
import { gemmReference } from '../../kernels/gemm.ref.ts'
import { type GemvSchedule } from '../../kernels/gemv-schedule.ts'
import { createGemv } from '../../kernels/gemv.ts'
import { type MatrixShape } from '../../kernels/matrix.ts'
import { rmsNormReference } from '../../kernels/rms-norm.ref.ts'
import { rmsWeighReference } from '../../kernels/rms-weigh.ref.ts'
import { downloadF32, poisoned, run, testDevice, upload } from '../support/gpu.ts'
import { GEMV_SHAPES, runnableSchedules } from '../support/matrix-shapes.ts'
import { testMatrix, type TestMatrix } from '../support/matrix.ts'
import { expectClose, seeded, uniform } from '../support/numerics.ts'

// f32 sums of up to 1024 products of random sign, and the norm: measured 1.2e-8 to 2.1e-7 on SwiftShader.
const MAX_RMS = 1e-6
// The inverse root of what is nearly 1: exact on SwiftShader, an ulp or two elsewhere.
const MAX_COLUMN_RMS = 2e-7
const EPSILON = 1e-5

let device: GPUDevice
beforeAll(async () => {
  device = await testDevice()
})

async function gemv(
  shape: MatrixShape,
  { matrix }: TestMatrix,
  input: { weighted: Float64Array; squares: Float64Array },
  bias: Float64Array | null = null,
  schedule: GemvSchedule = 'whole',
): Promise<Float32Array> {
  const kernel = await createGemv(device, shape, { epsilon: EPSILON, bias: bias !== null, schedule })
  const output = poisoned(device, shape.rows)
  const [weighted, squares] = [upload(device, input.weighted), upload(device, input.squares)]
  await run(device, [kernel.bind({ matrix, weighted, squares, bias: bias && upload(device, bias), output })])
  return downloadF32(device, output)
}

/** A vector whose root mean square is 1 but for epsilon: gemv passes it on as it is. */
function plain(input: Float64Array): { weighted: Float64Array; squares: Float64Array } {
  const squares = new Float64Array(Math.ceil(input.length / 8))
  squares[0] = input.length * (1 - EPSILON)
  return { weighted: input, squares }
}

describe('gemv', () => {
  test.each(GEMV_SHAPES)('is rms_norm and a product, for $format R=$rows C=$cols', async (shape) => {
    const random = seeded(42)
    const weight = testMatrix(device, random, shape)
    const residual = uniform(random, shape.cols, -2, 2)
    const norm = uniform(random, shape.cols, 0.5, 2)
    const bias = uniform(random, shape.rows, -30, 30)
    const input = rmsNormReference(residual, norm, EPSILON)
    const weighed = rmsWeighReference(residual, norm)
    for (const added of [null, bias]) {
      const expected = gemmReference(shape, 1, { weight: weight.numbers, input, bias: added, before: null })
      for (const schedule of runnableSchedules(device)) {
        const output = await gemv(shape, weight, weighed, added, schedule)
        expectClose(`output, ${schedule}`, output, expected, MAX_RMS)
      }
    }
  })

  test.each(['q8', 'q4'] as const)('a one-hot input reads one column of %s', async (format) => {
    const shape: MatrixShape = { rows: 256, cols: 64, format }
    const weight = testMatrix(device, seeded(44), shape)
    for (const column of [0, 1, 2, 3, 7, 31, 32, 63]) {
      const input = new Float64Array(64)
      input[column] = 1
      const expected = Float64Array.from({ length: 256 }, (_, r) => weight.numbers[r * 64 + column]!)
      expectClose('column', await gemv(shape, weight, plain(input)), expected, MAX_COLUMN_RMS)
    }
  })

  test('one outlier ten thousand times the rest costs no more than f32 rounding', async () => {
    const shape: MatrixShape = { rows: 64, cols: 512, format: 'q8' }
    const random = seeded(45)
    const weight = testMatrix(device, random, shape)
    const input = uniform(random, 512, -1, 1)
    input[77] = 1e4
    const expected = gemmReference(shape, 1, { weight: weight.numbers, input, bias: null, before: null })
    expectClose('output', await gemv(shape, weight, plain(input)), expected, MAX_RMS)
  })

  test('refuses a shape it cannot run, naming the field', async () => {
    const create = (rows: number, cols: number, format: MatrixShape['format']): Promise<unknown> =>
      createGemv(device, { rows, cols, format }, { epsilon: EPSILON, bias: false, schedule: 'whole' })
    await expect(create(0, 32, 'q8')).rejects.toThrow('gemv_q8: rows must be a positive integer, got 0')
    await expect(create(8, 48, 'q8')).rejects.toThrow('gemv_q8: cols must be a multiple of 32 for q8, got 48')
    await expect(create(8, 48, 'q4')).rejects.toThrow('gemv_q4: cols must be a multiple of 32 for q4, got 48')
    await expect(create(8, 3, 'f16')).rejects.toThrow('gemv_f16: cols must be a multiple of 2 for f16, got 3')
    const limit = device.limits.maxStorageBufferBindingSize
    await expect(create(65536, 1024, 'f32')).rejects.toThrow(
      `gemv_f32: weight needs 268435456 bytes, device allows ${limit}`,
    )
  })

  test('refuses a bias it was not made for, and a missing one', async () => {
    const shape: MatrixShape = { rows: 8, cols: 8, format: 'f32' }
    const { matrix } = testMatrix(device, seeded(46), shape)
    const [weighted, squares] = [poisoned(device, 8), poisoned(device, 1)]
    const buffers = { matrix, weighted, squares, output: poisoned(device, 8) }
    const without = await createGemv(device, shape, { epsilon: EPSILON, bias: false, schedule: 'whole' })
    const biased = await createGemv(device, shape, { epsilon: EPSILON, bias: true, schedule: 'whole' })
    expect(() => without.bind({ ...buffers, bias: weighted })).toThrow('gemv_f32: bias must be null')
    expect(() => biased.bind({ ...buffers, bias: null })).toThrow('gemv_f32: bias must be a buffer')
  })
})
