import { fileInMemory } from '../../engine/formats/random-access.ts'
import { readSafetensors } from '../../engine/formats/safetensors.ts'
import { ELEMENT_TYPES, type ElementType } from '../../engine/formats/tensor.ts'
import { halfFromNumber } from '../../kernels/half.ts'
import { seeded } from './numerics.ts'
import { type TinyModel, tinyModel } from './tiny-model.ts'
import { f32, f32s, type GgufTensor, i32s, type ValueToWrite, writeGguf } from './write-gguf.ts'

export interface TinyGguf extends TinyModel {
  readonly family: 'llama' | 'qwen2' | 'qwen3'
  /** how matrices are stored, by the last part of their name, or all of them */
  readonly types: ElementType | Readonly<Record<string, ElementType>>
  /** `rope_freqs.weight`: the scaling of Llama 3, as llama.cpp's converter writes it */
  readonly ropeFactors?: readonly number[]
  readonly ropeTheta?: number
  /** instead of the tiny byte-level tokenizer */
  readonly tokenizer?: Readonly<Record<string, ValueToWrite>>
}

const NAMES: Readonly<Record<string, string>> = {
  'model.embed_tokens': 'token_embd',
  'model.norm': 'output_norm',
  lm_head: 'output',
  input_layernorm: 'attn_norm',
  'self_attn.q_proj': 'attn_q',
  'self_attn.k_proj': 'attn_k',
  'self_attn.v_proj': 'attn_v',
  'self_attn.o_proj': 'attn_output',
  'self_attn.q_norm': 'attn_q_norm',
  'self_attn.k_norm': 'attn_k_norm',
  post_attention_layernorm: 'ffn_norm',
  'mlp.gate_proj': 'ffn_gate',
  'mlp.up_proj': 'ffn_up',
  'mlp.down_proj': 'ffn_down',
}

/** The model of `tinyModel` as llama.cpp's converter would write it; quantised matrices are random blocks instead. */
export async function tinyGguf(model: TinyGguf): Promise<Uint8Array<ArrayBuffer>> {
  const files = tinyModel({ ...model, format: 'f32' })
  const source = await readSafetensors(fileInMemory('tiny', files.get('model.safetensors')!))
  const random = seeded(model.seed + 1000)
  const tensors = new Map<string, GgufTensor>()
  for (const [name, { shape, file, begin, byteLength }] of source) {
    const bytes = (await file.read(begin, byteLength)).slice()
    let numbers = new Float32Array(bytes.buffer)
    const isPaired = model.family === 'llama' && /\.(q|k)_proj\.weight$/.test(name)
    if (isPaired) numbers = pairRows(numbers, shape[1]!, model.headDim)
    const [, layer, part = '', kind = ''] =
      /^(?:model\.layers\.(\d+)\.)?(.+)\.(weight|bias)$/.exec(name) ?? []
    const target = `${layer === undefined ? '' : `blk.${layer}.`}${NAMES[part]}.${kind}`
    const types = typeof model.types === 'string' ? {} : model.types
    const type =
      shape.length === 1
        ? 'F32'
        : typeof model.types === 'string'
          ? model.types
          : (types[NAMES[part] ?? ''] ?? 'F32')
    tensors.set(target, { type, shape, data: storedAs(type, numbers, shape, random) })
  }
  if (model.ropeFactors) {
    const data = new Uint8Array(Float32Array.from(model.ropeFactors).buffer)
    tensors.set('rope_freqs.weight', { type: 'F32', shape: [model.headDim / 2], data })
  }
  return writeGguf({ ...shapeValues(model), ...(model.tokenizer ?? byteLevelValues(model, files)) }, tensors)
}

function shapeValues(model: TinyGguf): Record<string, ValueToWrite> {
  const values: Record<string, ValueToWrite> = {
    block_count: model.layers,
    context_length: 512,
    embedding_length: model.hiddenSize,
    feed_forward_length: model.mlpSize,
    'attention.head_count': model.queryHeads,
    'attention.head_count_kv': model.kvHeads,
    'attention.key_length': model.headDim,
    'attention.value_length': model.headDim,
    'attention.layer_norm_rms_epsilon': f32(1e-6),
    'rope.dimension_count': model.headDim,
    'rope.freq_base': f32(model.ropeTheta ?? 10_000),
  }
  return {
    'general.architecture': model.family,
    'general.name': 'Tiny',
    ...Object.fromEntries(Object.entries(values).map(([key, value]) => [`${model.family}.${key}`, value])),
  }
}

function byteLevelValues(
  { vocabSize }: TinyGguf,
  files: ReturnType<typeof tinyModel>,
): Record<string, ValueToWrite> {
  const json = (name: string): unknown => JSON.parse(new TextDecoder().decode(files.get(name)))
  const { model, added_tokens: added } = json('tokenizer.json') as {
    model: { vocab: Record<string, number>; merges: [string, string][] }
    added_tokens: { id: number; content: string }[]
  }
  const tokens = Array.from({ length: vocabSize }, (_, id) => `[PAD${id}]`)
  const types = new Array<number>(vocabSize).fill(5)
  for (const [content, id] of Object.entries(model.vocab)) [tokens[id], types[id]] = [content, 1]
  for (const { content, id } of added) [tokens[id], types[id]] = [content, 3]
  const end = added.find(({ content }) => content === '<|im_end|>')!.id
  return {
    'tokenizer.ggml.model': 'gpt2',
    'tokenizer.ggml.pre': 'qwen2',
    'tokenizer.ggml.tokens': tokens,
    'tokenizer.ggml.token_type': i32s(types),
    'tokenizer.ggml.scores': f32s(tokens.map(() => 0)),
    'tokenizer.ggml.merges': model.merges.map((pair) => pair.join(' ')),
    'tokenizer.ggml.eos_token_id': end,
    'tokenizer.ggml.add_bos_token': false,
    'tokenizer.chat_template': (json('tokenizer_config.json') as { chat_template: string }).chat_template,
  }
}

/** What llama.cpp's converter does to Llama's q and k: row i + j·D/2 of a head becomes row 2·i + j. */
function pairRows(
  numbers: Float32Array<ArrayBuffer>,
  columns: number,
  headDim: number,
): Float32Array<ArrayBuffer> {
  const paired = new Float32Array(numbers.length)
  for (let row = 0; row < numbers.length / columns; row++) {
    const inHead = row % headDim
    const target = row - inHead + 2 * (inHead % (headDim / 2)) + Math.floor(inHead / (headDim / 2))
    paired.set(numbers.subarray(row * columns, (row + 1) * columns), target * columns)
  }
  return paired
}

function storedAs(
  type: ElementType,
  numbers: Float32Array,
  shape: readonly number[],
  random: () => number,
): Uint8Array {
  if (type === 'F32') return new Uint8Array(numbers.buffer)
  if (type === 'F16') return new Uint8Array(Uint16Array.from(numbers, halfFromNumber).buffer)
  if (type === 'BF16') {
    const bits = new Uint32Array(numbers.buffer)
    return new Uint8Array(Uint16Array.from(bits, (word) => word >>> 16).buffer)
  }
  return randomBlocks(type, numbers.length, shape.at(-1)!, random)
}

/**
 * Where a block has its f16 scale and the minimum that goes with it, how large a weight is beside the scale, and the
 * minimum that brings the mean weight to zero: real weights have no mean, and a mean makes attention saturate.
 */
const FIELDS: Partial<
  Record<ElementType, { scale: number; minimum?: number; largest: number; centre?: number }>
> = {
  Q8_0: { scale: 0, largest: 127 },
  Q4_0: { scale: 0, largest: 8 },
  Q4_1: { scale: 0, minimum: 2, largest: 8, centre: -7.5 },
  Q5_0: { scale: 0, largest: 16 },
  Q5_1: { scale: 0, minimum: 2, largest: 16, centre: -15.5 },
  Q4_K: { scale: 0, minimum: 2, largest: 8 * 32, centre: 7.5 },
  Q5_K: { scale: 0, minimum: 2, largest: 16 * 32, centre: 15.5 },
  Q6_K: { scale: 208, largest: 32 * 64 },
}

function randomBlocks(type: ElementType, count: number, columns: number, random: () => number): Uint8Array {
  const block = ELEMENT_TYPES[type]
  const { scale: scaleAt, minimum, largest, centre = 0 } = FIELDS[type]!
  const bytes = Uint8Array.from({ length: (count / block.elements) * block.bytes }, () =>
    Math.floor(256 * random()),
  )
  const view = new DataView(bytes.buffer)
  for (let at = 0; at < bytes.length; at += block.bytes) {
    const scale = ((0.5 + random()) * Math.sqrt(1 / columns)) / largest
    view.setUint16(at + scaleAt, halfFromNumber(scale), true)
    if (minimum !== undefined) view.setUint16(at + minimum, halfFromNumber(centre * scale), true)
  }
  return bytes
}
