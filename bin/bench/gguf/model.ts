import { open } from 'node:fs/promises'
import { readModelFiles } from '../../../engine/model-files.ts'
import { Checkpoint, type MatrixPlan, type VectorPlan } from '../../../engine/model/checkpoint.ts'
import { type ModelConfig, parseConfig } from '../../../engine/model/config.ts'
import type { StoredMatrix } from '../../../engine/model/stored-matrix.ts'
import { endTensors } from '../../../engine/model/tensor-names.ts'
import { SCALE_COLS } from '../../../kernels/matrix.ts'
import { CommandError } from '../../command.ts'
import { modelFolder } from '../../model-folder.ts'
import { type GgufEntry, ggufHeader, type ValueToWrite } from './header.ts'
import { LETTERS, tokenName } from './letters.ts'

const ALIGNMENT = 32
const Q8_0 = { type: 'Q8_0', bytes: 34 } as const
const Q4_0 = { type: 'Q4_0', bytes: 18 } as const
/** llama.cpp's types of tokens that text has and that none has: it wants a vocabulary, and most of ours stands for nothing. */
const NORMAL = 1
const UNUSED = 5
const HALF_BLOCK = SCALE_COLS / 2

interface Part extends GgufEntry {
  bytes(): Promise<Uint8Array>
}

/**
 * Write a model folder of ours as a GGUF file, for llama.cpp: the same weights in Q8_0 or Q4_0, without slots.
 *
 * @param source a folder whose matrices are q8, or q4 with the minimum at −8 scales
 * @param tokenizer its `tokenizer.ggml` values for so many tokens; where left out a vocabulary that stands for nothing
 * @returns bytes of the weights that one token reads
 */
export async function writeGgufModel(
  source: string,
  target: string,
  tokenizer: (vocabSize: number) => Record<string, ValueToWrite> = nothing,
): Promise<number> {
  const folder = await readModelFiles(modelFolder(source), () => undefined)
  const file = await open(target, 'w')
  try {
    const config = parseConfig(folder.config)
    const parts = partsOf(config, new Checkpoint(folder.tensors))
    await file.writeFile(
      ggufHeader({ ...metadata(config), ...tokenizer(config.vocabSize) }, parts, { alignment: ALIGNMENT }),
    )
    let total = 0
    for (const part of parts.values()) {
      const bytes = await part.bytes()
      await file.writeFile(bytes)
      await file.writeFile(new Uint8Array((ALIGNMENT - (bytes.length % ALIGNMENT)) % ALIGNMENT))
      total += bytes.length
    }
    return total
  } finally {
    await file.close()
    await folder.close()
  }
}

function metadata(config: ModelConfig): Record<string, ValueToWrite> {
  const family = config.modelType.split('_')[0] ?? ''
  const frequency = config.ropeFrequencies[1] ?? 1
  const float = (value: number): ValueToWrite => ({ type: 6, value })
  const values: Record<string, ValueToWrite> = {
    block_count: config.layers,
    context_length: 1 << 16,
    embedding_length: config.hiddenSize,
    feed_forward_length: config.mlpSize,
    vocab_size: config.vocabSize,
    'attention.head_count': config.queryHeads,
    'attention.head_count_kv': config.kvHeads,
    'attention.key_length': config.headDim,
    'attention.value_length': config.headDim,
    'attention.layer_norm_rms_epsilon': float(config.normEpsilon),
    'rope.dimension_count': config.headDim,
    // f[1] = base^(−2/D)
    'rope.freq_base': float(frequency ** (-config.headDim / 2)),
  }
  return {
    'general.architecture': family,
    'general.name': 'bench',
    ...Object.fromEntries(Object.entries(values).map(([key, value]) => [`${family}.${key}`, value])),
  }
}

function nothing(vocabSize: number): Record<string, ValueToWrite> {
  return {
    'tokenizer.ggml.model': 'gpt2',
    'tokenizer.ggml.pre': 'qwen2',
    'tokenizer.ggml.tokens': Array.from({ length: vocabSize }, (_, id) => tokenName(id)),
    'tokenizer.ggml.token_type': {
      type: 5,
      value: Array.from({ length: vocabSize }, (_, id) => (id < LETTERS ? NORMAL : UNUSED)),
    },
    'tokenizer.ggml.merges': ['[0] [1]'],
    'tokenizer.ggml.add_bos_token': false,
  }
}

function partsOf(config: ModelConfig, checkpoint: Checkpoint): Map<string, Part> {
  const { hiddenSize, mlpSize, queryHeads, kvHeads, headDim, layers } = config
  const parts = new Map<string, Part>()
  // llama.cpp turns neighbours in a Llama's heads, where we turn halves.
  const pairs = config.modelType.startsWith('llama') ? headDim : null
  const vector = (name: string, plan: VectorPlan, length: number): void => {
    const bytes = async () => new Uint8Array((await plan.load()).buffer)
    parts.set(name, { type: 'F32', shape: [length], byteLength: 4 * length, bytes })
  }
  const matrix = (name: string, plan: MatrixPlan, paired: number | null = null): void => {
    const { rows, cols, format } = plan
    if (format !== 'q8' && format !== 'q4')
      throw new CommandError(`${format} weights are not written for llama.cpp, only q4 and q8`)
    const { type, bytes: blockBytes } = format === 'q8' ? Q8_0 : Q4_0
    const bytes = async () => blocks(await plan.load(), paired)
    parts.set(name, { type, shape: [rows, cols], byteLength: (rows * cols * blockBytes) / SCALE_COLS, bytes })
  }
  const { embedding, finalNorm, head } = endTensors(checkpoint, config)
  matrix('token_embd.weight', embedding)
  for (let i = 0; i < layers; i++) {
    const [from, to] = [`model.layers.${i}`, `blk.${i}`]
    const [queries, keys] = [queryHeads * headDim, kvHeads * headDim]
    const part = (name: string, rows: number, cols: number) =>
      checkpoint.matrix(`${from}.${name}.weight`, rows, cols)
    const norm = (name: string, target: string, length: number) =>
      vector(`${to}.${target}.weight`, checkpoint.vector(`${from}.${name}.weight`, length), length)
    norm('input_layernorm', 'attn_norm', hiddenSize)
    norm('post_attention_layernorm', 'ffn_norm', hiddenSize)
    for (const [name, rows, paired] of [
      ['q', queries, pairs],
      ['k', keys, pairs],
      ['v', keys, null],
    ] as const) {
      matrix(`${to}.attn_${name}.weight`, part(`self_attn.${name}_proj`, rows, hiddenSize), paired)
      if (!config.projectionBias) continue
      vector(`${to}.attn_${name}.bias`, checkpoint.vector(`${from}.self_attn.${name}_proj.bias`, rows), rows)
    }
    if (config.headNorm) {
      norm('self_attn.q_norm', 'attn_q_norm', headDim)
      norm('self_attn.k_norm', 'attn_k_norm', headDim)
    }
    matrix(`${to}.attn_output.weight`, part('self_attn.o_proj', hiddenSize, queries))
    matrix(`${to}.ffn_gate.weight`, part('mlp.gate_proj', mlpSize, hiddenSize))
    matrix(`${to}.ffn_up.weight`, part('mlp.up_proj', mlpSize, hiddenSize))
    matrix(`${to}.ffn_down.weight`, part('mlp.down_proj', hiddenSize, mlpSize))
  }
  vector('output_norm.weight', finalNorm, hiddenSize)
  if (head) matrix('output.weight', head)
  return parts
}

/** Blocks of 32 columns, each with its f16 scale before it; rows of a head in rotated pairs where `paired` is D. */
function blocks({ rows, cols, format, values, scales }: StoredMatrix, paired: number | null): Uint8Array {
  const perRow = cols / SCALE_COLS
  const block = format === 'q8' ? Q8_0.bytes : Q4_0.bytes
  const stored = (block - 2) * perRow
  const scaleBytes = format === 'q8' ? 2 : 4
  const target = new Uint8Array(rows * perRow * block)
  for (let row = 0; row < rows; row++) {
    const inHead = paired === null ? 0 : row % paired
    const half = (paired ?? 0) / 2
    const place = paired === null ? row : row - inHead + 2 * (inHead % half) + Math.floor(inHead / half)
    for (let i = 0; i < perRow; i++) {
      const at = (place * perRow + i) * block
      const scaleAt = (row * perRow + i) * scaleBytes
      target.set(scales?.subarray(scaleAt, scaleAt + 2) ?? [0, 0], at)
      const from = row * stored + i * (block - 2)
      const columns = values.subarray(from, from + block - 2)
      if (format === 'q8') target.set(columns, at + 2)
      else splitNibbles(columns, target, at + 2)
    }
  }
  return target
}

/** Ours has neighbours in a byte, Q4_0 column i and column i + 16. */
function splitNibbles(columns: Uint8Array, target: Uint8Array, at: number): void {
  const nibble = (column: number): number => ((columns[column >> 1] ?? 0) >> (4 * (column & 1))) & 15
  for (let i = 0; i < HALF_BLOCK; i++) target[at + i] = nibble(i) | (nibble(i + HALF_BLOCK) << 4)
}
