import { beforeAll, describe, expect, test } from 'vitest'
import { gemmReference } from '../../kernels/gemm.ref.ts'
import { createGemvAdd } from '../../kernels/gemv-add.ts'
import { squaresBytes } from '../../kernels/gemv.ts'
import { rmsWeighReference } from '../../kernels/rms-weigh.ref.ts'
import { createRmsWeigh } from '../../kernels/rms-weigh.ts'
import { downloadF32, poisoned, run, testDevice, upload } from '../support/gpu.ts'
import { GEMV_SHAPES, runnableSchedules } from '../support/matrix-shapes.ts'
import { testMatrix } from '../support/matrix.ts'
import { expectClose, seeded, uniform } from '../support/numerics.ts'

// f32 sums of up to 1024 products of random sign: measured 6e-9 to 1.3e-7 on SwiftShader.
const MAX_RMS = 1e-6
// One product and eight squares an element: measured 1.6e-8 to 2.7e-8.
const MAX_WEIGH_RMS = 2e-7

let device: GPUDevice
beforeAll(async () => {
  device = await testDevice()
})

describe('gemv_add', () => {
  test.each(GEMV_SHAPES)(
    'adds the product and weighs the sum, for $format R=$rows C=$cols',
    async (shape) => {
      const random = seeded(42)
      const { matrix, numbers } = testMatrix(device, random, shape)
      const input = uniform(random, shape.cols, -2, 2)
      const before = uniform(random, shape.rows, -30, 30)
      const norm = uniform(random, shape.rows, 0.5, 2)
      const buffers = { matrix, input: upload(device, input), norm: upload(device, norm) }
      const sum = gemmReference(shape, 1, { weight: numbers, input, bias: null, before })
      const expected = rmsWeighReference(sum, norm)
      for (const schedule of runnableSchedules(device, shape.format)) {
        const residual = upload(device, before)
        const weighted = poisoned(device, shape.rows)
        const squares = poisoned(device, squaresBytes(shape.rows) / 4)
        const kernel = await createGemvAdd(device, shape, { schedule })
        await run(device, [kernel.bind({ ...buffers, residual, weighted, squares })])
        const label = (name: string) => `${name}, ${schedule}`
        expectClose(label('residual'), await downloadF32(device, residual), sum, MAX_RMS)
        expectClose(label('weighted'), await downloadF32(device, weighted), expected.weighted, MAX_RMS)
        expectClose(label('squares'), await downloadF32(device, squares), expected.squares, 2 * MAX_RMS)
      }
    },
  )

  test('refuses a shape it cannot run, naming the field', async () => {
    const shape = { rows: 8, cols: 48, format: 'q8' } as const
    await expect(createGemvAdd(device, shape, { schedule: 'whole' })).rejects.toThrow(
      'gemv_add_q8: cols must be a multiple of 32 for q8, got 48',
    )
  })
})

describe('rms_weigh', () => {
  test.each([1, 51, 192, 2050])('matches the f64 reference for C=%i', async (size) => {
    const random = seeded(43)
    const residual = uniform(random, size, -3, 3)
    const norm = uniform(random, size, -2, 2)
    const weighted = poisoned(device, size)
    const squares = poisoned(device, squaresBytes(size) / 4)
    const kernel = await createRmsWeigh(device, { size })
    const buffers = { residual: upload(device, residual), norm: upload(device, norm), weighted, squares }
    await run(device, [kernel.bind(buffers)])
    const expected = rmsWeighReference(residual, norm)
    expectClose('weighted', await downloadF32(device, weighted), expected.weighted, MAX_WEIGH_RMS)
    expectClose('squares', await downloadF32(device, squares), expected.squares, MAX_WEIGH_RMS)
  })

  test('refuses a size it cannot run', async () => {
    await expect(createRmsWeigh(device, { size: 0 })).rejects.toThrow(
      'rms_weigh: size must be a positive integer, got 0',
    )
  })
})
