import { beforeAll, describe, expect, test } from 'vitest'
import { headNormReference } from '../../kernels/head-norm.ref.ts'
import { createHeadNorm, type HeadNormShape } from '../../kernels/head-norm.ts'
import { downloadF32, run, testDevice, upload } from '../support/gpu.ts'
import { expectClose, seeded, uniform } from '../support/numerics.ts'

// One sum of squares and one inverse root: measured 0 to 6e-8 on SwiftShader.
const MAX_RMS = 5e-7

const SHAPES: readonly HeadNormShape[] = [
  { queryHeads: 1, kvHeads: 1, headDim: 1, rowSize: 3, epsilon: 1e-6 },
  { queryHeads: 8, kvHeads: 2, headDim: 64, rowSize: 12 * 64 + 2 * 32, epsilon: 1e-6 },
  { queryHeads: 7, kvHeads: 1, headDim: 50, rowSize: 467, epsilon: 1e-5 }, // nothing divides the workgroup
]

let device: GPUDevice
beforeAll(async () => {
  device = await testDevice()
})

async function headNorm(
  shape: HeadNormShape,
  projections: Float64Array,
  queryWeight: Float64Array,
  keyWeight: Float64Array,
): Promise<Float32Array> {
  const kernel = await createHeadNorm(device, shape)
  const buffers = {
    projections: upload(device, projections),
    queryWeight: upload(device, queryWeight),
    keyWeight: upload(device, keyWeight),
  }
  await run(device, [kernel.bind(buffers)], projections.length / shape.rowSize)
  return downloadF32(device, buffers.projections)
}

describe('head_norm', () => {
  test.each(SHAPES)('matches the f64 reference for Q=$queryHeads H=$kvHeads D=$headDim', async (shape) => {
    const random = seeded(42)
    const projections = uniform(random, 3 * shape.rowSize, -3, 3)
    const queryWeight = uniform(random, shape.headDim, -2, 2)
    const keyWeight = uniform(random, shape.headDim, -2, 2)
    const expected = headNormReference(shape, projections, queryWeight, keyWeight)
    expectClose('projections', await headNorm(shape, projections, queryWeight, keyWeight), expected, MAX_RMS)
  })

  test('values and gates of every row are left bit-identical', async () => {
    const shape = { queryHeads: 3, kvHeads: 2, headDim: 20, rowSize: 3 * 20 + 4 * 20 + 2 * 5, epsilon: 1e-6 }
    const random = seeded(43)
    const projections = uniform(random, 4 * shape.rowSize, -3, 3)
    const weight = uniform(random, 20, 2, 3)
    const actual = await headNorm(shape, projections, weight, weight)
    for (let t = 0; t < 4; t++) {
      const [first, end] = [t * shape.rowSize + 5 * 20, (t + 1) * shape.rowSize]
      expect(actual.subarray(first, end)).toEqual(new Float32Array(projections.subarray(first, end)))
      expect(actual[first - 1]).not.toBe(projections[first - 1])
    }
  })

  test('a head of zeros stays zero beside a head of a billion', async () => {
    const shape = { queryHeads: 1, kvHeads: 1, headDim: 4, rowSize: 12, epsilon: 1e-6 }
    const weight = Float64Array.of(1, 2, 3, 4)
    const projections = Float64Array.of(0, 0, 0, 0, 1e9, 1e9, 1e9, 1e9, 5, 6, 7, 8)
    const actual = await headNorm(shape, projections, weight, weight)
    expectClose('projections', actual, [0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8], MAX_RMS)
  })

  test('refuses a shape it cannot run, naming the field', async () => {
    const shape = { queryHeads: 2, kvHeads: 1, headDim: 8, rowSize: 32, epsilon: 1e-6 }
    await expect(createHeadNorm(device, { ...shape, kvHeads: 0 })).rejects.toThrow(
      'head_norm: kvHeads must be a positive integer, got 0',
    )
    await expect(createHeadNorm(device, { ...shape, rowSize: 31 })).rejects.toThrow(
      'head_norm: rowSize must be at least (Q + 2 H) D = 32, got 31',
    )
  })
})
