import { beforeAll, describe, expect, test } from 'vitest'
import { embedReference } from '../../kernels/embed.ref.ts'
import { createEmbed } from '../../kernels/embed.ts'
import { type MatrixShape } from '../../kernels/matrix.ts'
import { downloadF32, poisoned, run, testDevice, upload, uploadStep } from '../support/gpu.ts'
import { testMatrix, type TestMatrix } from '../support/matrix.ts'
import { expectClose, seeded } from '../support/numerics.ts'

// Copies are bit-equal, and so are q8 and q4: 8 or 4 bits times the 11 of an f16 fit in the 24 of an f32, and so does a
// sum with a minimum of the scales' own size.
const MAX_RMS = 0

const SHAPES: readonly MatrixShape[] = [
  { rows: 1, cols: 1, format: 'f32' },
  { rows: 37, cols: 65, format: 'f32' },
  { rows: 1, cols: 2, format: 'f16' },
  { rows: 37, cols: 130, format: 'f16' },
  { rows: 1, cols: 32, format: 'q8' },
  { rows: 37, cols: 288, format: 'q8' }, // more quads than a workgroup
  { rows: 1, cols: 32, format: 'q4' },
  { rows: 37, cols: 608, format: 'q4' }, // more words than a workgroup
  { rows: 2048, cols: 256, format: 'q8' }, // the shipped model
]

let device: GPUDevice
beforeAll(async () => {
  device = await testDevice()
})

async function embed(shape: MatrixShape, { matrix }: TestMatrix, tokens: Uint32Array): Promise<Float32Array> {
  const kernel = await createEmbed(device, shape)
  const residual = poisoned(device, tokens.length * shape.cols)
  const step = uploadStep(device, 7, tokens.length)
  await run(
    device,
    [kernel.bind({ step, tokens: upload(device, tokens), table: matrix, residual })],
    tokens.length,
  )
  return downloadF32(device, residual)
}

describe('embed', () => {
  test.each(SHAPES)('matches the f64 reference for $format V=$rows C=$cols', async (shape) => {
    const random = seeded(42)
    const table = testMatrix(device, random, shape)
    const last = shape.rows - 1
    const tokens = Uint32Array.from([0, last, 0, Math.floor(random() * shape.rows), last >> 1])
    const actual = await embed(shape, table, tokens)
    expectClose('residual', actual, embedReference(shape.cols, tokens, table.numbers), MAX_RMS)
  })

  test('the same token gives the same bits at every place of the chunk', async () => {
    const shape: MatrixShape = { rows: 19, cols: 64, format: 'q8' }
    const actual = await embed(shape, testMatrix(device, seeded(43), shape), new Uint32Array(512).fill(17))
    for (let t = 1; t < 512; t++) {
      expect(actual.subarray(t * 64, t * 64 + 64)).toEqual(actual.subarray(0, 64))
    }
  })

  test('the extremes of f16, subnormal and largest, come through exactly', async () => {
    const shape: MatrixShape = { rows: 1, cols: 4, format: 'f16' }
    const bits = Uint16Array.of(0x0001, 0x83ff, 0x7bff, 0x8000)
    const table = testMatrix(device, seeded(44), shape)
    // Row 0 of four: its words lie 4 apart.
    const words = new Uint16Array(32)
    words.set(bits.subarray(0, 2), 0)
    words.set(bits.subarray(2, 4), 8)
    const matrix = { shape, weight: upload(device, words), scales: null }
    const actual = await embed(shape, { ...table, matrix }, Uint32Array.of(0))
    expect(Array.from(actual)).toEqual([2 ** -24, -1023 * 2 ** -24, 65504, -0])
  })

  test('refuses a shape it cannot run, naming the field', async () => {
    await expect(createEmbed(device, { rows: 1.5, cols: 32, format: 'q8' })).rejects.toThrow(
      'embed_q8: rows must be a positive integer, got 1.5',
    )
    await expect(createEmbed(device, { rows: 4, cols: 16, format: 'q8' })).rejects.toThrow(
      'embed_q8: cols must be a multiple of 32 for q8, got 16',
    )
  })
})
