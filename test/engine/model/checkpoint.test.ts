import { describe, expect, test } from 'vitest'
import { fileInMemory } from '../../../engine/formats/random-access.ts'
import { readSafetensors } from '../../../engine/formats/safetensors.ts'
import { type ElementType, type Tensor } from '../../../engine/formats/tensor.ts'
import { Checkpoint } from '../../../engine/model/checkpoint.ts'
import { parseConfig } from '../../../engine/model/config.ts'
import { createReferenceModel } from '../../../engine/model/model.ref.ts'
import { sequenceOptions } from '../../../engine/model/sequence.ts'
import { dequantize } from '../../../engine/model/stored-matrix.ts'
import { halfFromNumber } from '../../../kernels/half.ts'
import { type MatrixFormat, matrixBytes, packMatrix } from '../../../kernels/matrix.ts'
import { everyLogit, loadTiny, tokensOf } from '../../support/loaded-model.ts'
import { relativeRms, seeded, uniform } from '../../support/numerics.ts'
import { writeSafetensors } from '../../support/write-safetensors.ts'

const [ROWS, COLS] = [40, 96]
/** The largest number, and bits that are none: infinity, its negative and a NaN. */
const HALVES = [
  [0xff, 0x7b],
  [0, 0x7c],
  [0, 0xfc],
  [1, 0x7c],
] as const
const FLOATS = [
  [0xff, 0xff, 0x7f, 0x7f],
  [0, 0, 0x80, 0x7f],
  [0, 0, 0x80, 0xff],
  [1, 0, 0x80, 0x7f],
] as const
const NUMBERS = uniform(seeded(4), ROWS * COLS, -1, 1)

function stored(type: 'F32' | 'F16' | 'BF16', numbers: ArrayLike<number>): Uint8Array {
  if (type === 'F16') return new Uint8Array(Uint16Array.from(numbers, halfFromNumber).buffer)
  const floats = Float32Array.from(numbers)
  if (type === 'F32') return new Uint8Array(floats.buffer)
  return new Uint8Array(Uint16Array.from(new Uint32Array(floats.buffer), (bits) => bits >>> 16).buffer)
}

async function tensors(type: 'F32' | 'F16' | 'BF16', numbers: ArrayLike<number>, shape: readonly number[]) {
  const file = writeSafetensors(new Map([['w', { dtype: type, shape, data: stored(type, numbers) }]]))
  return readSafetensors(fileInMemory('w', file))
}

describe('a matrix of a checkpoint', () => {
  // Relative RMS of uniform weights: half a step of the format, over the square root of three.
  test.each([
    ['F32', null, 'f32', 0],
    ['F16', null, 'f16', 3e-4],
    ['BF16', null, 'f16', 5e-3],
    ['F32', 'f16', 'f16', 3e-4],
    ['F32', 'q8', 'q8', 5e-3],
    ['BF16', 'q4', 'q4', 0.08],
  ] as const)('in %s, wanted as %s, is %s', async (type, wanted, format, maxRms) => {
    const checkpoint = new Checkpoint(await tensors(type, NUMBERS, [ROWS, COLS]), wanted)
    const matrix = await checkpoint.matrix('w', ROWS, COLS).load()
    expect(matrix.format).toBe(format)
    expect(relativeRms(dequantize(matrix), NUMBERS)).toBeLessThanOrEqual(maxRms)
  })

  test('whose width no group divides is f16, and f32 where it is odd', async () => {
    for (const [columns, format] of [
      [48, 'f16'],
      [5, 'f32'],
    ] as const) {
      const numbers = NUMBERS.subarray(0, 8 * columns)
      const checkpoint = new Checkpoint(await tensors('F32', numbers, [8, columns]), 'q4')
      expect(checkpoint.matrix('w', 8, columns).format).toBe(format)
    }
  })

  test.each([
    [NaN, 'q8'],
    [Infinity, 'q4'],
    [1e6, 'f16'],
    [1e38, 'q8'],
  ] as const)('that holds %d is refused as %s', async (number, wanted) => {
    const numbers = NUMBERS.slice()
    numbers[1234] = number
    const plan = new Checkpoint(await tensors('F32', numbers, [ROWS, COLS]), wanted).matrix('w', ROWS, COLS)
    await expect(plan.load()).rejects.toThrow(`w should be finite numbers that ${wanted} can hold`)
  })

  test.each([
    ['F16', 'f16', 2, null],
    ['F32', 'f32', 4, null],
    ['I8', 'q8', 1, 2 / 32],
    ['U8', 'q4', 1 / 2, 4 / 32],
    ['Q8_0', 'q8', 34 / 32, null],
  ] as const)(
    'in %s, with a NaN or an infinity in its bytes, is refused as %s',
    async (type, format, each, scale) => {
      // Not at a multiple of 4, as a file may lie in memory.
      const file = (bytes: number) => {
        const data = new Uint8Array(bytes + 1).subarray(1)
        return { begin: 0, byteLength: bytes, file: fileInMemory('w', data), pairedHeadDim: null, data }
      }
      const [values, scales] = [file(ROWS * COLS * each), file(ROWS * COLS * (scale ?? 0))]
      const shape = [ROWS, type === 'U8' ? COLS / 2 : COLS]
      const groups = [ROWS, COLS / 32, ...(type === 'U8' ? [2] : [])]
      const all = new Map<string, Tensor>([
        ['w', { type, shape, ...values }],
        ['w_scale', { type: 'F16', shape: groups, ...scales }],
      ])
      const load = () => new Checkpoint(all).matrix('w', ROWS, COLS).load()
      const { data } = scale === null ? values : scales
      const at = type === 'Q8_0' ? 2 * 34 : 80
      const [largest, ...bad] = type === 'F32' ? FLOATS : HALVES
      data.set(largest, at)
      expect((await load()).format).toBe(format)
      for (const bits of bad) {
        data.set(bits, at)
        await expect(load()).rejects.toThrow(`w should be finite numbers that ${format} can hold`)
      }
    },
  )

  test('of 5 GiB is read in pieces of a few MiB', async () => {
    const [rows, cols] = [2 ** 20, 1280]
    let largest = 0
    const tensor: Tensor = {
      type: 'F32' satisfies ElementType,
      shape: [rows, cols],
      begin: 0,
      byteLength: rows * cols * 4,
      pairedHeadDim: null,
      file: {
        name: 'large',
        size: rows * cols * 4,
        read: (offset, length) => {
          largest = Math.max(largest, length)
          if (offset > 2 ** 25) return Promise.reject(new Error('far enough'))
          return Promise.resolve(new Uint8Array(length))
        },
        close: () => Promise.resolve(),
      },
    }
    const plan = new Checkpoint(new Map([['w', tensor]]), 'q4').matrix('w', rows, cols)
    await expect(plan.load()).rejects.toThrow('far enough')
    expect(largest).toBeLessThanOrEqual(4 * 2 ** 20)
  })
})

describe('a stack that is read in pieces', () => {
  const COLUMNS = 2 ** 15
  const [FIRST, ZEROS, SECOND] = [40, 3, 13]
  const tensor = (rows: number, from: number, pairedHeadDim: number | null): Tensor => {
    const numbers = Float32Array.from({ length: rows * COLUMNS }, (_, i) => from + Math.floor(i / COLUMNS))
    const file = fileInMemory('w', new Uint8Array(numbers.buffer))
    const shape = [rows, COLUMNS]
    return { type: 'F32', shape, begin: 0, byteLength: numbers.byteLength, pairedHeadDim, file }
  }
  const stackAs = (format: MatrixFormat) =>
    new Checkpoint(
      new Map([
        ['a', tensor(FIRST, 0, 4)],
        ['b', tensor(SECOND, 100, null)],
      ]),
      format,
    ).stack(
      [
        ['a', FIRST],
        [null, ZEROS],
        ['b', SECOND],
      ],
      COLUMNS,
    )

  test('has its rows in order, those of heads brought out of pairs', async () => {
    const numbers = dequantize(await stackAs('f32').load())
    const rows = Array.from({ length: FIRST + ZEROS + SECOND }, (_, row) => numbers[row * COLUMNS])
    const heads = Array.from({ length: FIRST / 4 }, (_, head) => [0, 2, 1, 3].map((row) => 4 * head + row))
    const second = Array.from({ length: SECOND }, (_, row) => 100 + row)
    expect(rows).toEqual([...heads.flat(), ...new Array<number>(ZEROS).fill(0), ...second])
    expect(numbers.at(-1)).toBe(100 + SECOND - 1)
  })

  test.each(['f32', 'f16', 'q8', 'q4'] as const)(
    'lies on the GPU as the whole would, in %s',
    async (format) => {
      const plan = stackAs(format)
      const { rows, cols } = plan
      const whole = await plan.load()
      const packed = packMatrix({ rows, cols, format }, whole.values, whole.scales)
      let [count, end, largest] = [0, 0, 0]
      for await (const { first, ...piece } of plan.pieces()) {
        const { weight, scales } = packMatrix({ rows: piece.rows, cols, format }, piece.values, piece.scales)
        const before = matrixBytes({ rows: first, cols, format })
        const same = (part: Uint8Array, of: Uint8Array | null, at: number) =>
          Buffer.from(part).equals(of?.subarray(at, at + part.length) ?? new Uint8Array())
        expect(same(weight, packed.weight, before.weightBytes)).toBe(true)
        if (scales) expect(same(scales, packed.scales, before.scaleBytes)).toBe(true)
        end = before.weightBytes + weight.length
        largest = Math.max(largest, piece.values.length)
        count++
      }
      expect(end).toBe(packed.weight.length)
      expect(count).toBeGreaterThan(1)
      expect(largest).toBeLessThanOrEqual(4 * 2 ** 20)
    },
  )
})

test('a tensor that the family does not have is refused by name', async () => {
  const { config, checkpoint } = await loadTiny({ family: 'qwen2' })
  await expect(createReferenceModel({ ...config, projectionBias: false }, checkpoint)).rejects.toThrow(
    'model.layers.0.self_attn.q_proj.bias should be absent in a model of this type and is there',
  )
})

test('the wide layers of a checkpoint of the authors count their slots and never write them', async () => {
  const { config: ours, checkpoint } = await loadTiny({ family: 'llama_nha', gateBias: false })
  const { layers, hiddenSize, mlpSize, queryHeads, kvHeads, headDim, vocabSize, slots } = ours
  const config = parseConfig({
    model_type: 'llama_nha',
    num_hidden_layers: layers,
    hidden_size: hiddenSize,
    intermediate_size: mlpSize,
    num_attention_heads: queryHeads,
    num_key_value_heads: kvHeads,
    head_dim: headDim,
    vocab_size: vocabSize,
    tie_word_embeddings: true,
    num_slots: slots,
    window_size: 6,
    block_size: 2,
    transformer_idx: 1,
  })
  expect(config).toMatchObject({ layerWindows: [6, 2048], frozenSlots: [false, true], maskEmptySlots: false })
  const model = await createReferenceModel(config, checkpoint)
  // A window of 7 everywhere, so that tokens leave the wide layer too.
  const sequence = await model.createSequence(sequenceOptions(config, { attention: 'nha', window: 7 }))
  const logits = everyLogit(await sequence.prefill(tokensOf(vocabSize, 20), vocabSize))
  const { slots: saved } = await sequence.save()
  const isZero = saved.map((array) => array.every((value) => value === 0))
  expect(isZero).toEqual([false, false, true, true])

  // Counted: empty slots take their share.
  const masked = await createReferenceModel({ ...config, maskEmptySlots: true }, checkpoint)
  const other = await masked.createSequence(sequenceOptions(config, { attention: 'nha', window: 7 }))
  const maskedLogits = everyLogit(await other.prefill(tokensOf(vocabSize, 5), vocabSize))
  expect(relativeRms(maskedLogits, logits)).toBeGreaterThan(1e-3)
})
