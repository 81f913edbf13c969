import { EngineError } from '../errors.ts'
import { decodeElements } from '../formats/decode.ts'
import type { GgufMetadata } from '../formats/gguf-metadata.ts'
import type { Tensor } from '../formats/tensor.ts'

/** `general.architecture` of what can run; Mistral and SmolLM2 are written as llama. */
const ARCHITECTURES = ['llama', 'qwen2', 'qwen3'] as const
type Architecture = (typeof ARCHITECTURES)[number]

const NAMES: Readonly<Record<string, string>> = {
  'token_embd.weight': 'model.embed_tokens.weight',
  'output_norm.weight': 'model.norm.weight',
  'output.weight': 'lm_head.weight',
}
const LAYER_NAMES: Readonly<Record<string, string>> = {
  attn_norm: 'input_layernorm',
  attn_q: 'self_attn.q_proj',
  attn_k: 'self_attn.k_proj',
  attn_v: 'self_attn.v_proj',
  attn_output: 'self_attn.o_proj',
  attn_q_norm: 'self_attn.q_norm',
  attn_k_norm: 'self_attn.k_norm',
  ffn_norm: 'post_attention_layernorm',
  ffn_gate: 'mlp.gate_proj',
  ffn_up: 'mlp.up_proj',
  ffn_down: 'mlp.down_proj',
}
const LAYER = /^blk\.(\d{1,4})\.([a-z_]+)\.(weight|bias)$/
/** Divisors of the frequencies, one per rotated pair: how llama.cpp writes the scaling of Llama 3. */
const ROPE_FACTORS = 'rope_freqs.weight'
const MAX_FACTOR_BYTES = 4096

/**
 * The config.json that a GGUF file stands for.
 *
 * @throws {EngineError} `unknown-architecture`; `unsupported-file`: a part of the family that is not there here;
 *   `bad-file`
 */
export async function ggufConfig(
  metadata: GgufMetadata,
  tensors: ReadonlyMap<string, Tensor>,
): Promise<Record<string, unknown>> {
  const architecture = readArchitecture(metadata)
  const number = (key: string) => metadata.number(`${architecture}.${key}`)
  if ((metadata.number('split.count') ?? 1) > 1) {
    throw metadata.unsupported(
      'it is one part of a model in several files; join them with llama-gguf-split --merge',
    )
  }
  if ((number('expert_count') ?? 0) > 0) throw metadata.unsupported('it is a mixture of experts')

  const hiddenSize = number('embedding_length')
  const queryHeads = number('attention.head_count')
  const headDim = number('attention.key_length') ?? (hiddenSize ?? 0) / (queryHeads ?? 1)
  const valueDim = number('attention.value_length') ?? headDim
  if (valueDim !== headDim)
    throw metadata.unsupported(`its keys have ${headDim} dimensions and its values ${valueDim}`)
  const rotated = number('rope.dimension_count') ?? headDim
  if (rotated !== headDim) throw metadata.unsupported(`RoPE turns ${rotated} of ${headDim} dimensions`)

  const ropeScaling = await readRopeScaling(metadata, architecture, tensors)
  return {
    model_type: architecture,
    _name_or_path: metadata.text('general.name') ?? '',
    num_hidden_layers: number('block_count'),
    hidden_size: hiddenSize,
    intermediate_size: number('feed_forward_length'),
    num_attention_heads: queryHeads,
    num_key_value_heads: number('attention.head_count_kv') ?? queryHeads,
    head_dim: headDim,
    vocab_size: tensors.get('token_embd.weight')?.shape[0],
    rms_norm_eps: number('attention.layer_norm_rms_epsilon'),
    rope_theta: number('rope.freq_base') ?? 10_000,
    ...(ropeScaling ? { rope_scaling: ropeScaling } : {}),
    tie_word_embeddings: !tensors.has('output.weight'),
    hidden_act: 'silu',
    max_position_embeddings: number('context_length'),
    bos_token_id: metadata.number('tokenizer.ggml.bos_token_id'),
    eos_token_id: metadata.number('tokenizer.ggml.eos_token_id'),
  }
}

/**
 * The tensors under their Hugging Face names; one that no family here has keeps its own, and is refused as unused.
 *
 * @param headDim D: Llama's q and k are stored in rotated pairs
 */
export function renameTensors(
  metadata: GgufMetadata,
  tensors: ReadonlyMap<string, Tensor>,
  headDim: number,
): Map<string, Tensor> {
  const isPaired = readArchitecture(metadata) === 'llama'
  const renamed = new Map<string, Tensor>()
  for (const [name, tensor] of tensors) {
    if (name === ROPE_FACTORS) continue
    const [, layer, part = '', kind] = LAYER.exec(name) ?? []
    const known = LAYER_NAMES[part]
    if (layer === undefined || known === undefined) renamed.set(NAMES[name] ?? name, tensor)
    else {
      const hasPairs = isPaired && (part === 'attn_q' || part === 'attn_k')
      const target = `model.layers.${Number(layer)}.${known}.${kind}`
      renamed.set(target, hasPairs ? { ...tensor, pairedHeadDim: headDim } : tensor)
    }
  }
  return renamed
}

function readArchitecture(metadata: GgufMetadata): Architecture {
  const found = metadata.text('general.architecture') ?? 'none'
  const known = ARCHITECTURES.find((architecture) => architecture === found)
  if (!known) throw new EngineError({ code: 'unknown-architecture', found, supported: ARCHITECTURES })
  return known
}

async function readRopeScaling(
  metadata: GgufMetadata,
  architecture: Architecture,
  tensors: ReadonlyMap<string, Tensor>,
): Promise<Record<string, unknown> | null> {
  const tensor = tensors.get(ROPE_FACTORS)
  if (tensor) {
    if (tensor.byteLength > MAX_FACTOR_BYTES)
      throw metadata.bad(`${ROPE_FACTORS} has ${tensor.byteLength} bytes`)
    const bytes = await tensor.file.read(tensor.begin, tensor.byteLength)
    return { rope_type: 'factors', factors: [...(decodeElements(tensor.type, bytes) ?? [])] }
  }
  const type = metadata.text(`${architecture}.rope.scaling.type`) ?? 'none'
  if (type === 'none') return null
  if (type !== 'linear')
    throw metadata.unsupported(`its RoPE scaling is "${type}", and only linear and llama3 are known`)
  return { rope_type: 'linear', factor: metadata.number(`${architecture}.rope.scaling.factor`) }
}
