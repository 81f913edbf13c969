import { beforeAll, describe, expect, test } from 'vitest'
import { gemmReference } from '../../kernels/gemm.ref.ts'
import { createGemvSwiglu } from '../../kernels/gemv-swiglu.ts'
import { type MatrixShape } from '../../kernels/matrix.ts'
import { rmsNormReference } from '../../kernels/rms-norm.ref.ts'
import { rmsWeighReference } from '../../kernels/rms-weigh.ref.ts'
import { swigluReference } from '../../kernels/swiglu.ref.ts'
import { downloadF32, poisoned, run, testDevice, upload } from '../support/gpu.ts'
import { runnableSchedules } from '../support/matrix-shapes.ts'
import { testMatrix } from '../support/matrix.ts'
import { expectClose, seeded, uniform } from '../support/numerics.ts'

// Two f32 sums of up to 192 products and what swiglu adds: measured 1.2e-7 to 5.7e-7 on SwiftShader.
const MAX_RMS = 2e-6
const EPSILON = 1e-5

const SHAPES: readonly MatrixShape[] = [
  { rows: 8, cols: 1, format: 'f32' },
  { rows: 24, cols: 51, format: 'f32' }, // F = 12: the last invocation of up is not at a multiple of 8
  { rows: 264, cols: 54, format: 'f16' },
  { rows: 768, cols: 192, format: 'q8' }, // the MLP of the shipped model
  { rows: 200, cols: 96, format: 'q4' },
]

let device: GPUDevice
beforeAll(async () => {
  device = await testDevice()
})

async function compare(shape: MatrixShape, loudness: number): Promise<void> {
  const random = seeded(42)
  const { matrix, numbers } = testMatrix(device, random, shape)
  const residual = uniform(random, shape.cols, -2, 2)
  const norm = uniform(random, shape.cols, 0.5 * loudness, 2 * loudness)
  const weighed = rmsWeighReference(residual, norm)
  const [weighted, squares] = [upload(device, weighed.weighted), upload(device, weighed.squares)]
  const input = rmsNormReference(residual, norm, EPSILON)
  const gateUp = gemmReference(shape, 1, { weight: numbers, input, bias: null, before: null })
  const expected = swigluReference(shape.rows / 2, gateUp)
  for (const schedule of runnableSchedules(device, shape.format)) {
    const output = poisoned(device, shape.rows / 2)
    const kernel = await createGemvSwiglu(device, shape, { epsilon: EPSILON, schedule })
    await run(device, [kernel.bind({ matrix, weighted, squares, output })])
    expectClose(`output, ${schedule}`, await downloadF32(device, output), expected, MAX_RMS)
  }
}

describe('gemv_swiglu', () => {
  test.each(SHAPES)('is rms_norm, a product and swiglu, for $format R=$rows C=$cols', async (shape) => {
    await compare(shape, 1)
  })

  test('gates of thousands, of either sign, neither overflow nor become NaN', async () => {
    await compare({ rows: 64, cols: 32, format: 'f32' }, 1000)
  })

  test('refuses a shape it cannot run, naming the field', async () => {
    await expect(
      createGemvSwiglu(device, { rows: 12, cols: 32, format: 'q8' }, { epsilon: EPSILON, schedule: 'whole' }),
    ).rejects.toThrow('gemv_swiglu_q8: rows must be a multiple of 8, got 12')
  })
})
