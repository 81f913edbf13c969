import { open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readModelFiles } from '../../../engine/model-files.ts'
import { Checkpoint, type MatrixPlan } from '../../../engine/model/checkpoint.ts'
import { type ModelConfig, parseConfig } from '../../../engine/model/config.ts'
import type { StoredMatrix } from '../../../engine/model/stored-matrix.ts'
import { endTensors, layerTensors } from '../../../engine/model/tensor-names.ts'
import { createRopeTable } from '../../../kernels/rope-table.ts'
import { SCALE_COLS } from '../../../kernels/matrix.ts'
import { modelFolder } from '../../model-folder.ts'
import { type Element, Graph, WEIGHTS_FILE } from './graph.ts'
import { nbits } from './nbits.ts'

const GRAPH_FILE = 'model.onnx'
/** Weights of which a token reads a row. */
const NOT_READ = ['cos', 'sin', 'embedding']

/** What ONNX Runtime needs to know of a decoder to run it. */
export interface OnnxDecoder {
  readonly layers: number
  readonly kvHeads: number
  readonly headDim: number
  readonly vocabSize: number
  /** longest sequence: rows of the key and value buffers */
  readonly capacity: number
  /** of matrices and norms that one token reads: all but the rotary table and the embedding's own copy */
  readonly weightBytes: number
}

export interface OnnxOptions {
  /** rows of the key and value buffers, and of the rotary table */
  readonly capacity: number
  /** MatMulNBits' own: 4 lets it round activations to 8 bits where that is faster, 1 keeps them f32 */
  readonly accuracyLevel: 1 | 4
}

/**
 * Write a model folder of ours as an ONNX decoder with full attention, as ONNX Runtime's own model builder would: one
 * MatMulNBits for q, k and v, GroupQueryAttention with the rotary embedding inside and keys and values in buffers that
 * stay, RMSNorm fused with the residual. Weights are the same to the bit; only the last token's logits are computed.
 *
 * @param source a folder whose matrices are q8, or q4 with the minimum at −8 scales, which are the formats ONNX has
 * @throws {EngineError} the folder is no model
 */
export async function writeOnnxDecoder(
  source: string,
  target: string,
  { capacity, accuracyLevel }: OnnxOptions,
): Promise<OnnxDecoder> {
  const folder = await readModelFiles(modelFolder(source), () => undefined)
  const file = await open(join(target, WEIGHTS_FILE), 'w')
  try {
    const config = parseConfig(folder.config)
    const decoder = new DecoderWriter(config, capacity, accuracyLevel, (bytes) => file.writeFile(bytes))
    await decoder.write(new Checkpoint(folder.tensors))
    await writeFile(join(target, GRAPH_FILE), decoder.graph.finish())
    const { layers, kvHeads, headDim, vocabSize } = config
    return { layers, kvHeads, headDim, vocabSize, capacity, weightBytes: decoder.readBytes }
  } finally {
    await file.close()
    await folder.close()
  }
}

class DecoderWriter {
  readonly graph = new Graph()
  readBytes = 0
  readonly #config: ModelConfig
  readonly #capacity: number
  readonly #accuracyLevel: number
  readonly #append: (bytes: Uint8Array) => Promise<void>

  constructor(
    config: ModelConfig,
    capacity: number,
    accuracyLevel: number,
    append: (bytes: Uint8Array) => Promise<void>,
  ) {
    this.#config = config
    this.#capacity = capacity
    this.#accuracyLevel = accuracyLevel
    this.#append = append
  }

  async write(checkpoint: Checkpoint): Promise<void> {
    const { graph } = this
    const { vocabSize, layers } = this.#config
    const { embedding, finalNorm, head } = endTensors(checkpoint, this.#config)
    graph.input('input_ids', 'i64', [1, 'tokens'])
    graph.input('seqlens_k', 'i32', [1])
    graph.input('total_sequence_length', 'i32', [1])
    await this.#rope()
    let hidden = await this.#embed(await embedding.load())
    let residual = ''
    for (let layer = 0; layer < layers; layer++) {
      const at = `layer_${layer}`
      const tensors = layerTensors(checkpoint, this.#config, layer)
      const inputNorm = await this.#vector(`${at}.input_norm`, await tensors.inputNorm.load())
      ;[hidden, residual] = this.#norm(`${at}.attention`, hidden, residual, inputNorm)
      hidden = await this.#attention(layer, hidden, tensors)
      const mlpNorm = await this.#vector(`${at}.mlp_norm`, await tensors.mlpNorm.load())
      ;[hidden, residual] = this.#norm(`${at}.mlp`, hidden, residual, mlpNorm)
      hidden = await this.#mlp(at, hidden, tensors)
    }
    const norm = await this.#vector('final_norm', await finalNorm.load())
    ;[hidden] = this.#norm('final', hidden, residual, norm)
    const last = graph.constant('last', BigInt64Array.of(-1n), [1])
    graph.node('Gather', [hidden, last], ['last_hidden'], { axis: 1 })
    await this.#product('head', await (head ?? embedding).load(), 'last_hidden', 'logits')
    graph.output('logits', 'f32', [1, 1, vocabSize])
  }

  async #rope(): Promise<void> {
    const { headDim, ropeFrequencies } = this.#config
    const table = createRopeTable(this.#capacity, headDim, Float64Array.from(ropeFrequencies))
    const shape = [this.#capacity, headDim / 2]
    await this.#weight(
      'cos',
      'f32',
      shape,
      table.filter((_, i) => i % 2 === 0),
    )
    await this.#weight(
      'sin',
      'f32',
      shape,
      table.filter((_, i) => i % 2 === 1),
    )
  }

  async #embed(stored: StoredMatrix): Promise<string> {
    const { values, scales, bits } = nbits(stored)
    const { rows, cols } = stored
    await this.#weight('embedding', 'u8', [rows, (cols * bits) / 8], values)
    await this.#weight('embedding_scales', 'f32', [rows, cols / SCALE_COLS], scales)
    const attributes = { gather_axis: 0, quantize_axis: 1, block_size: SCALE_COLS, bits }
    this.graph.node(
      'GatherBlockQuantized',
      ['embedding', 'input_ids', 'embedding_scales'],
      ['embedded'],
      attributes,
      'com.microsoft',
    )
    return 'embedded'
  }

  /** The normalised sum of `hidden` and `residual`, and the sum; the first norm has nothing to add. */
  #norm(at: string, hidden: string, residual: string, weight: string): [string, string] {
    const epsilon = { epsilon: { float: this.#config.normEpsilon } }
    const [normed, sum] = [`${at}.normed`, `${at}.residual`]
    if (residual === '') {
      this.graph.node('SimplifiedLayerNormalization', [hidden, weight], [normed], {
        ...epsilon,
        axis: -1,
        stash_type: 1,
      })
      return [normed, hidden]
    }
    this.graph.node(
      'SkipSimplifiedLayerNormalization',
      [hidden, residual, weight],
      [normed, '', '', sum],
      epsilon,
      'com.microsoft',
    )
    return [normed, sum]
  }

  async #attention(layer: number, hidden: string, tensors: ReturnType<typeof layerTensors>): Promise<string> {
    const { graph } = this
    const { queryHeads, kvHeads, headDim } = this.#config
    const at = `layer_${layer}`
    const [queries, keys] = [queryHeads * headDim, kvHeads * headDim]
    const rows = queries + 2 * keys
    // The gate's rows come after these; full attention has no use for them.
    let packed = `${at}.qkv_out`
    await this.#product(`${at}.qkv`, firstRows(await tensors.projections.load(), 0, rows), hidden, packed)
    if (tensors.projectionBias) {
      const bias = (await tensors.projectionBias.load()).slice(0, rows)
      graph.node('Add', [packed, await this.#vector(`${at}.qkv_bias`, bias)], [`${at}.qkv_biased`])
      packed = `${at}.qkv_biased`
    }
    const heads = [packed, '', '']
    if (tensors.queryNorm && tensors.keyNorm) {
      const sizes = graph.constant(`${at}.sizes`, BigInt64Array.from([queries, keys, keys], BigInt), [3])
      const parts = ['q', 'k', 'v'].map((part) => `${at}.${part}`)
      graph.node('Split', [packed, sizes], parts, { axis: -1 })
      const norms = [await tensors.queryNorm.load(), await tensors.keyNorm.load()]
      for (const [i, norm] of norms.entries()) {
        parts[i] = await this.#headNorm(parts[i] ?? '', norm, i === 0 ? queries : keys)
      }
      heads.splice(0, 3, ...parts)
    }
    const [pastShape, names] = [
      [1, kvHeads, this.#capacity, headDim],
      ['key', 'value'],
    ]
    const past = names.map((name) => graph.input(`past.${layer}.${name}`, 'f32', pastShape))
    const present = names.map((name) => graph.output(`present.${layer}.${name}`, 'f32', pastShape))
    graph.node(
      'GroupQueryAttention',
      [...heads, ...past, 'seqlens_k', 'total_sequence_length', 'cos', 'sin'],
      [`${at}.attended`, ...present],
      {
        num_heads: queryHeads,
        kv_num_heads: kvHeads,
        do_rotary: 1,
        rotary_interleaved: 0,
        scale: { float: 1 / Math.sqrt(headDim) },
      },
      'com.microsoft',
    )
    await this.#product(`${at}.o`, await tensors.output.load(), `${at}.attended`, `${at}.attention_out`)
    return `${at}.attention_out`
  }

  async #headNorm(input: string, weight: Float32Array, columns: number): Promise<string> {
    const { headDim, normEpsilon } = this.#config
    const split = this.graph.constant(`${input}.split`, BigInt64Array.from([0, 0, -1, headDim], BigInt), [4])
    const joined = this.graph.constant(`${input}.joined`, BigInt64Array.from([0, 0, columns], BigInt), [3])
    const norm = await this.#vector(`${input}.norm`, weight)
    this.graph.node('Reshape', [input, split], [`${input}.heads`])
    this.graph.node('SimplifiedLayerNormalization', [`${input}.heads`, norm], [`${input}.normed`], {
      axis: -1,
      stash_type: 1,
      epsilon: { float: normEpsilon },
    })
    this.graph.node('Reshape', [`${input}.normed`, joined], [`${input}.out`])
    return `${input}.out`
  }

  async #mlp(
    at: string,
    hidden: string,
    { gateUp, down }: { readonly gateUp: MatrixPlan; readonly down: MatrixPlan },
  ): Promise<string> {
    const { graph } = this
    const { mlpSize } = this.#config
    const stacked = await gateUp.load()
    for (const [i, part] of ['gate', 'up'].entries()) {
      const rows = firstRows(stacked, i * mlpSize, mlpSize)
      await this.#product(`${at}.${part}`, rows, hidden, `${at}.${part}_out`)
    }
    graph.node('Sigmoid', [`${at}.gate_out`], [`${at}.sigmoid`])
    graph.node('Mul', [`${at}.gate_out`, `${at}.sigmoid`], [`${at}.silu`])
    graph.node('Mul', [`${at}.silu`, `${at}.up_out`], [`${at}.swiglu`])
    await this.#product(`${at}.down`, await down.load(), `${at}.swiglu`, `${at}.mlp_out`)
    return `${at}.mlp_out`
  }

  /** `output` = matrix · `input` */
  async #product(name: string, stored: StoredMatrix, input: string, output: string): Promise<void> {
    const { values, scales, bits } = nbits(stored)
    const { rows, cols } = stored
    const blocks = cols / SCALE_COLS
    const inputs = [
      input,
      await this.#weight(name, 'u8', [rows, blocks, (SCALE_COLS * bits) / 8], values),
      await this.#weight(`${name}_scales`, 'f32', [rows * blocks], scales),
    ]
    const attributes = { K: cols, N: rows, bits, block_size: SCALE_COLS, accuracy_level: this.#accuracyLevel }
    this.graph.node('MatMulNBits', inputs, [output], attributes, 'com.microsoft')
  }

  #vector(name: string, values: Float32Array): Promise<string> {
    return this.#weight(name, 'f32', [values.length], values)
  }

  async #weight(
    name: string,
    element: Element,
    shape: readonly number[],
    values: Uint8Array | Float32Array,
  ): Promise<string> {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
    this.graph.weight(name, element, shape, bytes.length)
    if (!NOT_READ.some((start) => name.startsWith(start))) this.readBytes += bytes.length
    await this.#append(bytes)
    return name
  }
}

/** `count` rows of a matrix from row `first` on. */
function firstRows(matrix: StoredMatrix, first: number, count: number): StoredMatrix {
  const part = (bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> => {
    const row = bytes.length / matrix.rows
    return bytes.subarray(first * row, (first + count) * row)
  }
  return {
    ...matrix,
    rows: count,
    values: part(matrix.values),
    scales: matrix.scales && part(matrix.scales),
  }
}
