import { beforeAll, describe, expect, test } from 'vitest'
import { gemmReference } from '../../kernels/gemm.ref.ts'
import { createGemm, type GemmOptions } from '../../kernels/gemm.ts'
import { type MatrixShape } from '../../kernels/matrix.ts'
import { downloadF32, poisoned, run, testDevice, upload, uploadStep } from '../support/gpu.ts'
import { testMatrix, type TestMatrix } from '../support/matrix.ts'
import { expectClose, seeded, uniform } from '../support/numerics.ts'

// f32 sums of up to 640 products of random sign: measured 2e-9 to 3.1e-7 on SwiftShader.
const MAX_RMS = 2e-6

const CASES: readonly { shape: MatrixShape; tokens: number }[] = [
  { shape: { rows: 1, cols: 1, format: 'f32' }, tokens: 1 },
  { shape: { rows: 37, cols: 51, format: 'f32' }, tokens: 13 },
  { shape: { rows: 1, cols: 2, format: 'f16' }, tokens: 1 },
  { shape: { rows: 37, cols: 54, format: 'f16' }, tokens: 13 },
  { shape: { rows: 1, cols: 32, format: 'q8' }, tokens: 1 },
  { shape: { rows: 37, cols: 96, format: 'q8' }, tokens: 13 }, // nothing divides the tile
  { shape: { rows: 256, cols: 640, format: 'q8' }, tokens: 64 }, // the MLP of the shipped model
  { shape: { rows: 1, cols: 32, format: 'q4' }, tokens: 1 },
  { shape: { rows: 37, cols: 96, format: 'q4' }, tokens: 13 },
  { shape: { rows: 256, cols: 640, format: 'q4' }, tokens: 20 },
  { shape: { rows: 261, cols: 32, format: 'q8' }, tokens: 512 }, // the largest chunk, two workgroups of rows
]

let device: GPUDevice
beforeAll(async () => {
  device = await testDevice()
})

async function gemm(
  shape: MatrixShape,
  tokens: number,
  { matrix }: TestMatrix,
  input: Float64Array,
  bias: Float64Array | null = null,
  before: Float64Array | null = null,
  choice: Pick<GemmOptions, 'schedule' | 'mostWeights'> = {},
): Promise<Float32Array> {
  const options = { bias: bias !== null, accumulate: before !== null, ...choice }
  const kernel = await createGemm(device, shape, options)
  const output = before ? upload(device, before) : poisoned(device, tokens * shape.rows)
  const step = uploadStep(device, 0, tokens)
  const buffers = { step, matrix, input: upload(device, input), bias: bias && upload(device, bias), output }
  await run(device, kernel.bind(buffers), tokens)
  return downloadF32(device, output)
}

describe('gemm', () => {
  test.each(CASES)('matches the f64 reference for $shape T=$tokens', async ({ shape, tokens }) => {
    const random = seeded(42)
    const weight = testMatrix(device, random, shape)
    const input = uniform(random, tokens * shape.cols, -2, 2)
    const expected = gemmReference(shape, tokens, { weight: weight.numbers, input, bias: null, before: null })
    expectClose('output', await gemm(shape, tokens, weight, input), expected, MAX_RMS)
  })

  test.each(CASES)(
    'adds the bias once and what output held, for $shape T=$tokens',
    async ({ shape, tokens }) => {
      const random = seeded(43)
      const weight = testMatrix(device, random, shape)
      const input = uniform(random, tokens * shape.cols, -2, 2)
      const bias = uniform(random, shape.rows, -30, 30)
      const before = uniform(random, tokens * shape.rows, -30, 30)
      const expected = gemmReference(shape, tokens, { weight: weight.numbers, input, bias, before })
      expectClose('output', await gemm(shape, tokens, weight, input, bias, before), expected, MAX_RMS)
    },
  )

  // q4 has nothing here that q8 has not, and each format is a pipeline more, which is what takes time.
  const TILED = CASES.filter(
    ({ shape, tokens }) => shape.format !== 'q4' && shape.rows * shape.cols * tokens < 60_000,
  )

  test.each(TILED)('in tiles too, with bias and what was there, for $shape T=$tokens', async (one) => {
    const { shape, tokens } = one
    const random = seeded(48)
    const weight = testMatrix(device, random, shape)
    const input = uniform(random, tokens * shape.cols, -2, 2)
    const bias = uniform(random, shape.rows, -30, 30)
    const before = uniform(random, tokens * shape.rows, -30, 30)
    const expected = gemmReference(shape, tokens, { weight: weight.numbers, input, bias, before })
    const actual = await gemm(shape, tokens, weight, input, bias, before, { schedule: 'tiled' })
    expectClose('output', actual, expected, MAX_RMS)
  })

  test('tiles of 64 rows and tokens meet without gap or overlap', async () => {
    const shape: MatrixShape = { rows: 70, cols: 32, format: 'q8' }
    const random = seeded(49)
    const weight = testMatrix(device, random, shape)
    const input = uniform(random, 67 * 32, -2, 2)
    const before = uniform(random, 67 * 70, -30, 30)
    const expected = gemmReference(shape, 67, { weight: weight.numbers, input, bias: null, before })
    const actual = await gemm(shape, 67, weight, input, null, before, { schedule: 'tiled' })
    expectClose('output', actual, expected, MAX_RMS)
  })

  test.each(['registers', 'tiled'] as const)(
    'in slices of a large product the bits are those of the whole, %s',
    async (schedule) => {
      const shape: MatrixShape = { rows: 530, cols: 32, format: 'q8' }
      const random = seeded(50)
      const weight = testMatrix(device, random, shape)
      const input = uniform(random, 9 * 32, -2, 2)
      const before = uniform(random, 9 * 530, -30, 30)
      const product = (mostWeights: number) =>
        gemm(shape, 9, weight, input, null, before, { schedule, mostWeights })
      expect(await product(1)).toEqual(await product(Infinity))
      const options = { bias: false, accumulate: true, schedule, mostWeights: 1 }
      const kernel = await createGemm(device, shape, options)
      const [step, vector] = [uploadStep(device, 0, 9), poisoned(device, 9 * 530)]
      const buffers = { step, matrix: weight.matrix, input: vector, bias: null, output: poisoned(device, 1) }
      expect(kernel.bind(buffers)).toHaveLength(Math.ceil(530 / (schedule === 'tiled' ? 64 : 256)))
    },
  )

  test('a token gives the same bits whichever tokens are beside it, from 1 to 17 of them', async () => {
    const shape: MatrixShape = { rows: 24, cols: 64, format: 'q8' }
    const random = seeded(44)
    const weight = testMatrix(device, random, shape)
    const input = uniform(random, 17 * 64, -2, 2)
    const all = await gemm(shape, 17, weight, input)
    for (const tokens of [1, 7, 8, 9, 16]) {
      const some = await gemm(shape, tokens, weight, input.slice(0, tokens * 64))
      expect(some).toEqual(all.slice(0, tokens * 24))
    }
  })

  test('rows of the output stand rowSize apart, and what is between them is left alone', async () => {
    const shape: MatrixShape = { rows: 10, cols: 32, format: 'q8' }
    const random = seeded(47)
    const weight = testMatrix(device, random, shape)
    const input = uniform(random, 3 * 32, -2, 2)
    const kernel = await createGemm(device, shape, { bias: false, accumulate: false, rowSize: 13 })
    const output = poisoned(device, 3 * 13)
    const { matrix } = weight
    const step = uploadStep(device, 0, 3)
    await run(device, kernel.bind({ step, matrix, input: upload(device, input), bias: null, output }), 3)
    const rows = await downloadF32(device, output)
    const expected = gemmReference(shape, 3, { weight: weight.numbers, input, bias: null, before: null })
    for (let t = 0; t < 3; t++) {
      expectClose('row', rows.subarray(t * 13, t * 13 + 10), expected.subarray(t * 10, t * 10 + 10), MAX_RMS)
      expect(Array.from(rows.subarray(t * 13 + 10, t * 13 + 13))).toEqual([NaN, NaN, NaN])
    }
    const narrow = createGemm(device, shape, { bias: false, accumulate: false, rowSize: 9 })
    await expect(narrow).rejects.toThrow('gemm_q8: rowSize must be at least 10, got 9')
  })

  test('nothing past the last token is written, though the buffer is larger', async () => {
    const shape: MatrixShape = { rows: 9, cols: 32, format: 'q8' }
    const weight = testMatrix(device, seeded(45), shape)
    const kernel = await createGemm(device, shape, { bias: false, accumulate: false })
    const output = poisoned(device, 16 * 9)
    const input = upload(device, new Float64Array(16 * 32).fill(1))
    const { matrix } = weight
    await run(device, kernel.bind({ step: uploadStep(device, 5, 3), matrix, input, bias: null, output }), 3)
    const written = (await downloadF32(device, output)).findLastIndex((value) => !Number.isNaN(value))
    expect(written).toBe(3 * 9 - 1)
  })

  test('one outlier ten thousand times the rest costs no more than f32 rounding', async () => {
    const shape: MatrixShape = { rows: 64, cols: 512, format: 'q8' }
    const random = seeded(46)
    const weight = testMatrix(device, random, shape)
    const input = uniform(random, 3 * 512, -1, 1)
    for (let t = 0; t < 3; t++) input[t * 512 + 77] = 1e4
    const expected = gemmReference(shape, 3, { weight: weight.numbers, input, bias: null, before: null })
    expectClose('output', await gemm(shape, 3, weight, input), expected, MAX_RMS)
  })

  test('refuses a shape it cannot run, naming the field', async () => {
    const create = (rows: number, cols: number, format: MatrixShape['format']): Promise<unknown> =>
      createGemm(device, { rows, cols, format }, { bias: false, accumulate: false })
    await expect(create(8, -1, 'f32')).rejects.toThrow('gemm_f32: cols must be a positive integer, got -1')
    await expect(create(8, 33, 'q8')).rejects.toThrow('gemm_q8: cols must be a multiple of 32 for q8, got 33')
    const limit = device.limits.maxStorageBufferBindingSize
    await expect(create(152064, 1024, 'q8')).rejects.toThrow(
      `gemm_q8: weight needs ${152064 * 1024} bytes, device allows ${limit}`,
    )
  })
})
