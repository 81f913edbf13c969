import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fileInMemory } from '../../../engine/formats/random-access.ts'
import { readGgufModel } from '../../../engine/gguf-model.ts'
import { Checkpoint } from '../../../engine/model/checkpoint.ts'
import { parseConfig } from '../../../engine/model/config.ts'
import { createGpuModel } from '../../../engine/model/model.ts'
import { createReferenceModel } from '../../../engine/model/model.ref.ts'
import { type MemoryOptions, type Model, sequenceOptions } from '../../../engine/model/sequence.ts'
import type { MatrixFormat } from '../../../kernels/matrix.ts'
import { expectFit } from '../../support/fit.ts'
import { testDevice } from '../../support/gpu.ts'
import { type LlamaCpp, openLlamaCpp } from '../../support/llama-cpp.ts'
import { everyLogit, gpuOptions, tokensOf } from '../../support/loaded-model.ts'
import { expectClose, relativeRms } from '../../support/numerics.ts'
import { type TinyGguf, tinyGguf } from '../../support/tiny-gguf.ts'
import { TINY } from '../../support/tiny-model.ts'

const T = 33

// llama.cpp's own rounding is most of the error: f16 activations beside f16 weights, bf16 and 8-bit ones beside others.
// Measured, worst of both lengths: F32 4.5e-4 (our f16 window), F16 7.5e-4, BF16 5.9e-3, _0 and _1 1.8e-2, K 4.2e-2.
const EXACT = 1e-3
const BF16 = 1e-2
const Q8 = 2.5e-2
const K = 6e-2

interface Case extends Partial<TinyGguf> {
  readonly family: TinyGguf['family']
  readonly types: TinyGguf['types']
  readonly maxRms: number
  readonly onGpu?: boolean
}

const SQUARE = { hiddenSize: 64, queryHeads: 4, kvHeads: 2, headDim: 16 }
const ODD = { tiedHead: false, onGpu: true }
const CASES: readonly Case[] = [
  { family: 'llama', types: 'F32', ...SQUARE, maxRms: EXACT },
  {
    family: 'llama',
    types: 'F16',
    ...ODD,
    hiddenSize: 54,
    mlpSize: 92,
    queryHeads: 6,
    kvHeads: 2,
    headDim: 12,
    vocabSize: 311,
    ropeTheta: 500_000,
    ropeFactors: [1, 1, 1.7, 5, 8, 8],
    maxRms: EXACT,
  },
  { family: 'qwen2', types: 'F32', hiddenSize: 48, queryHeads: 4, kvHeads: 4, headDim: 12, maxRms: EXACT },
  {
    family: 'qwen2',
    types: 'BF16',
    ...ODD,
    hiddenSize: 40,
    mlpSize: 76,
    queryHeads: 5,
    kvHeads: 1,
    headDim: 8,
    vocabSize: 263,
    ropeTheta: 1_000_000,
    maxRms: BF16,
  },
  { family: 'qwen3', types: 'F32', hiddenSize: 64, queryHeads: 2, kvHeads: 1, headDim: 48, maxRms: EXACT },
  {
    family: 'qwen3',
    types: 'F16',
    ...ODD,
    hiddenSize: 36,
    mlpSize: 60,
    queryHeads: 6,
    kvHeads: 3,
    headDim: 20,
    maxRms: EXACT,
  },
  { family: 'llama', types: 'Q8_0', hiddenSize: 64, queryHeads: 2, kvHeads: 2, headDim: 32, maxRms: Q8 },
  { family: 'qwen3', types: 'Q4_0', ...SQUARE, onGpu: true, maxRms: Q8 },
  { family: 'qwen2', types: 'Q4_1', ...SQUARE, maxRms: Q8 },
  { family: 'llama', types: 'Q5_0', ...SQUARE, maxRms: Q8 },
  { family: 'llama', types: 'Q5_1', ...SQUARE, maxRms: Q8 },
  {
    // As in Q4_K_M files: most in Q4_K, v, down and the embedding in Q6_K.
    family: 'llama',
    types: {
      token_embd: 'Q6_K',
      attn_q: 'Q4_K',
      attn_k: 'Q5_K',
      attn_v: 'Q6_K',
      attn_output: 'Q4_K',
      ffn_gate: 'Q4_K',
      ffn_up: 'Q5_K',
      ffn_down: 'Q6_K',
    },
    hiddenSize: 256,
    mlpSize: 512,
    queryHeads: 4,
    kvHeads: 2,
    headDim: 64,
    maxRms: K,
  },
  {
    family: 'qwen3',
    types: 'Q4_K',
    hiddenSize: 256,
    mlpSize: 256,
    queryHeads: 4,
    kvHeads: 4,
    headDim: 64,
    maxRms: K,
  },
]

async function open(file: Uint8Array<ArrayBuffer>, format: MatrixFormat | null) {
  const folder = await readGgufModel(fileInMemory('tiny.gguf', file), 'tiny')
  return { config: parseConfig(folder.config), checkpoint: new Checkpoint(folder.tensors, format) }
}

async function run(ours: Model, tokens: readonly number[], options: MemoryOptions): Promise<Float64Array> {
  const sequence = await ours.createSequence(sequenceOptions(ours.config, options))
  const logits = everyLogit(await sequence.prefill(tokens, ours.config.vocabSize))
  sequence.dispose()
  return logits
}

const nameOf = ({ family, types }: Case) => `${family} ${typeof types === 'string' ? types : 'Q4_K_M'}`

describe.each(CASES.map((shape) => ({ ...shape, name: nameOf(shape) })))('$name', (shape) => {
  let theirs: LlamaCpp
  let ours: Model
  beforeAll(async () => {
    const file = await tinyGguf({ ...TINY, windows: T, seed: 7, ...shape })
    theirs = await openLlamaCpp(file)
    const { config, checkpoint } = await open(file, null)
    ours = shape.onGpu
      ? await createGpuModel(gpuOptions(await testDevice(), config, checkpoint))
      : await createReferenceModel(config, checkpoint)
  })
  afterAll(async () => {
    ours.dispose()
    await theirs.dispose()
  })

  test('gives the logits of llama.cpp, with full attention and with a window that holds the text', async () => {
    const tokens = tokensOf(ours.config.vocabSize, T)
    for (const length of [1, T]) {
      const expected = await theirs.logits(tokens.slice(0, length))
      for (const options of [
        { attention: 'full', window: null },
        { attention: 'nha', window: T },
      ] as const) {
        const actual = await run(ours, tokens.slice(0, length), options)
        const rms = relativeRms(actual, expected)
        const what = `${options.attention}, ${length} tokens: ${rms.toExponential(2)}`
        expect(rms, what).toBeLessThan(shape.maxRms)
        expectSameTop(actual, expected)
      }
    }
  })

  test.runIf(shape.onGpu)('takes the bytes that were foretold', async () => {
    const sequence = await ours.createSequence(
      sequenceOptions(ours.config, { attention: 'nha', window: null }),
    )
    expectFit(ours, sequence, shape.types === 'Q4_0' ? 'q4' : 'f16', {})
    sequence.dispose()
  })
})

// Rows of the embedding are looked up, not multiplied: llama.cpp decodes them without rounding, so every bit shows.
test.each(['F16', 'BF16', 'Q8_0', 'Q4_0', 'Q4_1', 'Q5_0', 'Q5_1', 'Q4_K', 'Q5_K', 'Q6_K'] as const)(
  'an embedding in %s is decoded as llama.cpp does',
  async (type) => {
    const shape = {
      family: 'llama',
      hiddenSize: 256,
      queryHeads: 4,
      kvHeads: 2,
      headDim: 16,
      layers: 1,
    } as const
    const types = { token_embd: type }
    const file = await tinyGguf({ ...TINY, ...shape, types, tiedHead: false, windows: T, seed: 3 })
    const theirs = await openLlamaCpp(file)
    const { config, checkpoint } = await open(file, 'f32')
    const ours = await createReferenceModel(config, checkpoint)
    const tokens = tokensOf(config.vocabSize, 5)
    const actual = await run(ours, tokens, { attention: 'full', window: null })
    expectClose(type, actual, await theirs.logits(tokens), EXACT)
    await theirs.dispose()
  },
)

/** The same likeliest token, wherever it leads by more than the two differ. */
function expectSameTop(actual: Float64Array, expected: Float64Array): void {
  const error = Math.max(...actual.map((logit, i) => Math.abs(logit - expected[i]!)))
  const [first, second] = [...expected.keys()].sort((a, b) => expected[b]! - expected[a]!)
  if (expected[first!]! - expected[second!]! > 2 * error) {
    expect(actual.indexOf(Math.max(...actual))).toBe(first)
  }
}
