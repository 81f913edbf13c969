import { keySlotSize, LAYER_BYTES, WINDOW_ALL, windowBytes } from '../../kernels/attention-shape.ts'
import { squaresBytes } from '../../kernels/gemv.ts'
import { attendScratchBytes } from '../../kernels/hybrid-attend.ts'
import { ENDS_BYTES } from '../../kernels/feed-token.ts'
import { STEP_BYTES, UNUSED_BYTES } from '../../kernels/kernel.ts'
import { matrixBytes, type MatrixFormat, type MatrixShape } from '../../kernels/matrix.ts'
import { slotPrefillBytes } from '../../kernels/slot-scores-prefill.ts'
import { formatFor } from '../formats/encode.ts'
import type { Checkpoint } from './checkpoint.ts'
import type { ModelConfig } from './config.ts'
import { CHUNK } from './gpu-sequence.ts'
import { PIPELINE_BYTES } from './pipelined-decode.ts'
import { layerSinks } from './layer-windows.ts'
import { resultBytes } from './logits-reader.ts'
import { ringCapacity } from './sequence-state.ts'
import { type MemoryOptions, sequenceOptions, type SequenceOptions } from './sequence.ts'
import { endTensors, hasProjectionBias, layerTensors, projectionRows } from './tensor-names.ts'

/** GPU bytes of a model and one conversation with it. */
export interface Fit {
  readonly weights: number
  /** window, sinks, gates and slots of the conversation */
  readonly state: number
  /** what the kernels work in */
  readonly scratch: number
  /** the three together: what has to be free */
  readonly total: number
  /** the state is as large after a million tokens as after one */
  readonly isConstant: boolean
}

export interface FitOptions extends Partial<MemoryOptions> {
  /** how long the conversation gets, where its memory grows */
  readonly tokens?: number
}

/** A short conversation with full attention. */
const DEFAULT_TOKENS = 4096

/**
 * What a model will take on the GPU, from its config alone, before anything of it is loaded: what the ledger says
 * afterwards, with one conversation open.
 *
 * @param quant the format its matrices are brought to, or the checkpoint whose own they keep: nothing of it is read
 * @throws {EngineError} `bad-weights` where a checkpoint is not of this model
 */
export function fitOf(config: ModelConfig, quant: MatrixFormat | Checkpoint, options: FitOptions = {}): Fit {
  const { attention = 'nha', window = null, slotsOn = true, tokens = DEFAULT_TOKENS } = options
  const memory = sequenceOptions(config, { attention, window, slotsOn })
  const conversation = conversationBytes(config, memory, tokens)
  const weights = weightBytes(config, quant)
  const scratch = modelScratchBytes(config) + conversation.scratch
  const { state } = conversation
  const isConstant = memory.windows.every((each) => each !== WINDOW_ALL)
  return { weights, state, scratch, total: weights + state + scratch, isConstant }
}

function weightBytes(config: ModelConfig, quant: MatrixFormat | Checkpoint): number {
  const { hiddenSize, headDim, headNorm } = config
  const vectors = config.slotLayers.map((_, layer) => {
    const bias = hasProjectionBias(config, layer) ? projectionRows(config, layer) : 0
    return 4 * (2 * hiddenSize + bias + (headNorm ? 2 * headDim : 0))
  })
  const matrices = typeof quant === 'string' ? matricesOf(config, quant) : matricesIn(quant, config)
  return sum([4 * hiddenSize, ...vectors, ...matrices.map(storedBytes)])
}

function matricesOf(config: ModelConfig, quant: MatrixFormat): readonly MatrixShape[] {
  const { hiddenSize, mlpSize, headDim, vocabSize, queryHeads, tiedHead } = config
  const matrix = (rows: number, cols: number) => ({ rows, cols, format: formatFor(quant, cols) })
  const layers = config.slotLayers.flatMap((_, layer) => [
    matrix(projectionRows(config, layer), hiddenSize),
    matrix(hiddenSize, queryHeads * headDim),
    matrix(2 * mlpSize, hiddenSize),
    matrix(hiddenSize, mlpSize),
  ])
  const embedding = matrix(vocabSize, hiddenSize)
  return [...layers, embedding, ...(tiedHead ? [] : [embedding])]
}

/** As they are stored, which may differ from matrix to matrix. */
function matricesIn(checkpoint: Checkpoint, config: ModelConfig): readonly MatrixShape[] {
  const layers = config.slotLayers.flatMap((_, layer) => {
    const { projections, output, gateUp, down } = layerTensors(checkpoint, config, layer)
    return [projections, output, gateUp, down]
  })
  const { embedding, head } = endTensors(checkpoint, config)
  return [...layers, embedding, ...(head ? [head] : [])]
}

function storedBytes(shape: MatrixShape): number {
  const { weightBytes, scaleBytes } = matrixBytes(shape)
  return words(weightBytes) + words(scaleBytes)
}

function modelScratchBytes(config: ModelConfig): number {
  const { hiddenSize, mlpSize, queryHeads, headDim, vocabSize } = config
  const row = Math.max(...config.slotLayers.map((_, layer) => projectionRows(config, layer)))
  const token = 4 * (1 + hiddenSize + row + queryHeads * headDim + mlpSize)
  const chunk = windowBytes(config, CHUNK)
  const slots = slotPrefillBytes(config, CHUNK)
  return (
    STEP_BYTES +
    token * (1 + CHUNK) +
    4 * hiddenSize +
    squaresBytes(hiddenSize) +
    4 * CHUNK * (hiddenSize + 2 * mlpSize) +
    chunk.keys +
    chunk.values +
    (chunk.gates || UNUSED_BYTES) +
    (slots.slotShares || UNUSED_BYTES) +
    (slots.slotWeights || UNUSED_BYTES) +
    4 * vocabSize +
    ENDS_BYTES +
    resultBytes(vocabSize)
  )
}

function conversationBytes(
  config: ModelConfig,
  { windows, slotsOn }: SequenceOptions,
  tokens: number,
): { state: number; scratch: number } {
  const { kvHeads, headDim, slots, sinks } = config
  const capacity = ringCapacity(windows, tokens)
  const attend = attendScratchBytes(config, capacity + sinks)
  let scratch = 4 * headDim * (capacity + CHUNK) + attend.scores + attend.partials + PIPELINE_BYTES
  let state = 0
  for (const [layer, window] of windows.entries()) {
    const usesSlots = slotsOn && config.slotLayers[layer] === true && window !== WINDOW_ALL
    const kept = layerSinks(config, window)
    const ring = windowBytes(config, Math.max(1, Math.min(window, capacity)) + kept)
    const bytes = ring.keys + ring.values + (usesSlots ? ring.gates : 0)
    if (window + kept > 0) state += bytes
    else scratch += bytes
    if (usesSlots) state += 4 * (keySlotSize(config) + kvHeads * headDim * slots)
    scratch += LAYER_BYTES + (usesSlots ? 0 : 3 * UNUSED_BYTES)
  }
  return { state, scratch }
}

/** As the ledger makes buffers. */
function words(bytes: number): number {
  return Math.ceil(bytes / 4) * 4
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}
