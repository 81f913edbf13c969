import { randomBytes } from 'node:crypto'
import { copyFile, mkdir, open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { halfFromNumber } from '../../kernels/half.ts'
import { SCALE_COLS } from '../../kernels/matrix.ts'
import { type BenchShape, SLOTS, WINDOW } from './shapes.ts'

export type Quant = 'q4' | 'q8' | 'f16' | 'bf16'

interface RandomTensor {
  readonly name: string
  readonly dtype: 'F32' | 'F16' | 'BF16' | 'I8' | 'U8'
  readonly shape: readonly number[]
  readonly bytes: number
  /** what the tensor repeats */
  readonly pattern: Uint8Array
}

/** Long enough that no two rows that are read together are equal; a prime, so that rows do not begin alike. */
const PATTERN_WORDS = 262_139
/** Standard deviation of a uniform byte, and of a nibble from 1 to 15, whose mean is the zero that peers take. */
const BYTE_SPREAD = 73.9
const NIBBLE_SPREAD = 4.32

/**
 * Write a model folder of this shape with random weights, scaled so that activations neither vanish nor grow, and the
 * tokenizer of another model, whose vocabulary is smaller. It answers nonsense as fast as a trained one would answer.
 *
 * @param tokenizerFolder a model folder
 */
export async function writeRandomModel(
  folder: string,
  shape: BenchShape,
  quant: Quant,
  tokenizerFolder: string,
): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const file of ['tokenizer.json', 'tokenizer_config.json']) {
    await copyFile(join(tokenizerFolder, file), join(folder, file))
  }
  await writeFile(join(folder, 'config.json'), JSON.stringify(config(shape)))
  const tensors = allTensors(shape, quant)
  const header: Record<string, unknown> = {}
  let end = 0
  for (const { name, dtype, shape: dimensions, bytes } of tensors) {
    header[name] = { dtype, shape: dimensions, data_offsets: [end, end + bytes] }
    end += bytes
  }
  const text = JSON.stringify(header)
  const padded = Buffer.from(text.padEnd(Math.ceil(text.length / 8) * 8))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(padded.length))
  const file = await open(join(folder, 'model.safetensors'), 'w')
  try {
    await file.writeFile(length)
    await file.writeFile(padded)
    for (const { bytes, pattern } of tensors) {
      for (let left = bytes; left > 0; left -= pattern.length) {
        await file.writeFile(pattern.subarray(0, Math.min(left, pattern.length)))
      }
    }
  } finally {
    await file.close()
  }
}

function config(shape: BenchShape): Record<string, unknown> {
  return {
    model_type: shape.modelType,
    hidden_size: shape.hiddenSize,
    intermediate_size: shape.mlpSize,
    num_hidden_layers: shape.layers,
    num_attention_heads: shape.queryHeads,
    num_key_value_heads: shape.kvHeads,
    head_dim: shape.headDim,
    vocab_size: shape.vocabSize,
    tie_word_embeddings: true,
    ...(hasGates(shape)
      ? {
          num_slots: SLOTS,
          window_size: WINDOW,
          layer_windows: new Array<number>(shape.layers).fill(WINDOW),
        }
      : {}),
  }
}

function hasGates({ modelType }: BenchShape): boolean {
  return modelType.endsWith('_nha')
}

function allTensors(shape: BenchShape, quant: Quant): RandomTensor[] {
  const { hiddenSize, mlpSize, queryHeads, kvHeads, headDim, vocabSize, layers, modelType } = shape
  const ones = repeated(Float32Array.of(1))
  const zeros = repeated(Float32Array.of(0))
  const vector = (name: string, size: number, pattern = ones): RandomTensor[] => [
    { name, dtype: 'F32', shape: [size], bytes: 4 * size, pattern },
  ]
  const matrices = new Map(
    [...new Set([hiddenSize, mlpSize, queryHeads * headDim])].map((cols) => [cols, matrixOf(quant, cols)]),
  )
  const matrix = (name: string, rows: number, cols: number): RandomTensor[] =>
    matrices.get(cols)?.(name, rows) ?? []
  const [queries, keys] = [queryHeads * headDim, kvHeads * headDim]
  return [
    ...matrix('model.embed_tokens.weight', vocabSize, hiddenSize),
    ...Array.from({ length: layers }, (_, i) => {
      const at = `model.layers.${i}`
      const projections = { q_proj: queries, k_proj: keys, v_proj: keys }
      return [
        ...vector(`${at}.input_layernorm.weight`, hiddenSize),
        ...Object.entries(projections).flatMap(([part, rows]) => [
          ...matrix(`${at}.self_attn.${part}.weight`, rows, hiddenSize),
          ...(modelType.startsWith('qwen2') ? vector(`${at}.self_attn.${part}.bias`, rows, zeros) : []),
        ]),
        ...(hasGates(shape) ? matrix(`${at}.self_attn.g_proj.weight`, kvHeads * SLOTS, hiddenSize) : []),
        ...(modelType.startsWith('qwen3')
          ? [
              ...vector(`${at}.self_attn.q_norm.weight`, headDim),
              ...vector(`${at}.self_attn.k_norm.weight`, headDim),
            ]
          : []),
        ...matrix(`${at}.self_attn.o_proj.weight`, hiddenSize, queries),
        ...vector(`${at}.post_attention_layernorm.weight`, hiddenSize),
        ...matrix(`${at}.mlp.gate_proj.weight`, mlpSize, hiddenSize),
        ...matrix(`${at}.mlp.up_proj.weight`, mlpSize, hiddenSize),
        ...matrix(`${at}.mlp.down_proj.weight`, hiddenSize, mlpSize),
      ]
    }).flat(),
    ...vector('model.norm.weight', hiddenSize),
  ]
}

/** Tensors of a matrix of this width: the weights, and scales where the format has them. */
function matrixOf(quant: Quant, cols: number): (name: string, rows: number) => RandomTensor[] {
  const spread = 1 / Math.sqrt(cols)
  if (quant === 'f16' || quant === 'bf16') {
    const numbers = Float32Array.from(
      { length: 2 * PATTERN_WORDS },
      () => (Math.random() * 2 - 1) * Math.sqrt(3) * spread,
    )
    // BF16 is the upper half of an f32.
    const words =
      quant === 'f16'
        ? Uint16Array.from(numbers, halfFromNumber)
        : Uint16Array.from(new Uint32Array(numbers.buffer), (bits) => bits >>> 16)
    const pattern = new Uint8Array(words.buffer)
    const dtype = quant === 'f16' ? 'F16' : 'BF16'
    return (name, rows) => [{ name, dtype, shape: [rows, cols], bytes: 2 * rows * cols, pattern }]
  }
  const groups = cols / SCALE_COLS
  if (quant === 'q8') {
    const pattern = randomBytes(4 * PATTERN_WORDS)
    const scales = repeated(Uint16Array.of(halfFromNumber(spread / BYTE_SPREAD)))
    return (name, rows) => [
      { name, dtype: 'I8', shape: [rows, cols], bytes: rows * cols, pattern },
      {
        name: `${name}_scale`,
        dtype: 'F16',
        shape: [rows, groups],
        bytes: 2 * rows * groups,
        pattern: scales,
      },
    ]
  }
  const scale = spread / NIBBLE_SPREAD
  const scales = repeated(Uint16Array.of(halfFromNumber(scale), halfFromNumber(-8 * scale)))
  const nibble = (): number => 1 + Math.floor(15 * Math.random())
  const pattern = Uint8Array.from({ length: 4 * PATTERN_WORDS }, () => nibble() | (nibble() << 4))
  return (name, rows) => [
    { name, dtype: 'U8', shape: [rows, cols / 2], bytes: (rows * cols) / 2, pattern },
    {
      name: `${name}_scale`,
      dtype: 'F16',
      shape: [rows, groups, 2],
      bytes: 4 * rows * groups,
      pattern: scales,
    },
  ]
}

function repeated(values: Float32Array<ArrayBuffer> | Uint16Array<ArrayBuffer>): Uint8Array {
  return new Uint8Array(Buffer.alloc(1 << 16, new Uint8Array(values.buffer)))
}
