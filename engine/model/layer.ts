import { createGemm } from '../../kernels/gemm.ts'
import { createGemvAdd } from '../../kernels/gemv-add.ts'
import { createGemvSwiglu } from '../../kernels/gemv-swiglu.ts'
import { createGemv, type Weighted } from '../../kernels/gemv.ts'
import { createHeadNorm } from '../../kernels/head-norm.ts'
import { createHybridAttendPrefill } from '../../kernels/hybrid-attend-prefill.ts'
import { createHybridAttend } from '../../kernels/hybrid-attend.ts'
import { type Dispatch } from '../../kernels/kernel.ts'
import { type Matrix, type MatrixShape } from '../../kernels/matrix.ts'
import { createRmsNorm } from '../../kernels/rms-norm.ts'
import { createSlotReadoutPrefill } from '../../kernels/slot-readout-prefill.ts'
import { createSlotScoresPrefill } from '../../kernels/slot-scores-prefill.ts'
import { createSwiglu } from '../../kernels/swiglu.ts'
import { createWindowWrite } from '../../kernels/window-write.ts'
import { type ModelConfig } from './config.ts'
import { type KernelCache } from './kernel-cache.ts'
import { projectionRows } from './tensor-names.ts'
import { type LayerValues } from './weight-plans.ts'

/** One layer's weights on the GPU. */
export type LayerWeights = LayerValues<Matrix, GPUBuffer>

/** What of a layer's weights decides its kernels: known before any of them is read. */
export interface LayerShapes {
  readonly projections: { readonly shape: MatrixShape }
  /** null exactly where there is no bias */
  readonly projectionBias: object | null
  readonly output: { readonly shape: MatrixShape }
  readonly gateUp: { readonly shape: MatrixShape }
  readonly down: { readonly shape: MatrixShape }
}

/** Buffers between the kernels, reused by every layer; T is 1 in the set of decode, the chunk in that of prefill. */
export interface Scratch {
  /** uniform { position, tokens } */
  readonly step: GPUBuffer
  /** u32 [T] */
  readonly tokens: GPUBuffer
  /** f32 [T, C] */
  readonly residual: GPUBuffer
  /** f32 [T, Q*D + 2*H*D + H*M] */
  readonly projections: GPUBuffer
  /** f32 [T, Q*D] */
  readonly attended: GPUBuffer
  /** f32 [T, F] */
  readonly activated: GPUBuffer
}

/** What only decode needs: the residual on its way through a norm. */
export interface TokenScratch extends Scratch, Weighted {}

/** What only prefill needs, among it the chunk's own keys, values and gates before they enter the ring. */
export interface ChunkScratch extends Scratch {
  /** f32 [T, C] */
  readonly normed: GPUBuffer
  /** f32 [T, 2*F] */
  readonly gateUp: GPUBuffer
  /** f16 [T, H, D] */
  readonly chunkKeys: GPUBuffer
  /** f16 [T, H, D] */
  readonly chunkValues: GPUBuffer
  /** f16 [T, H, M] */
  readonly chunkGates: GPUBuffer
  /** f32 [T, H, M padded to 4], twice where slots are means */
  readonly slotShares: GPUBuffer
  /** f32 [T, Q, M padded to 4] */
  readonly slotWeights: GPUBuffer
}

/** One layer's share of a sequence state. */
export interface LayerState {
  /** uniform { window, slotsOn, sinks } */
  readonly layer: GPUBuffer
  /** W, for the host */
  readonly window: number
  readonly usesSlots: boolean
  /** f16 [S + capacity, H, D] */
  readonly windowKeys: GPUBuffer
  /** f16 [S + capacity, H, D] */
  readonly windowValues: GPUBuffer
  /** f16 [S + capacity, H, M] */
  readonly windowGates: GPUBuffer
  /** f32 [H, D, M], then mass and count [2, H, M] where slots are means */
  readonly keySlots: GPUBuffer
  /** f32 [H, M, D] */
  readonly valueSlots: GPUBuffer
  /** f32 [rows, D/2, 2], shared by the layers */
  readonly ropeTable: GPUBuffer
  /** scratch of decode's attention, as long as the ring, shared by the layers */
  readonly scores: GPUBuffer
  /** likewise */
  readonly partials: GPUBuffer
}

export type LayerKernels = Awaited<ReturnType<typeof createLayerKernels>>

/**
 * Compile what a layer needs; `slots` 0 is a layer that neither reads nor writes slots. What reads attention takes the
 * model's slots and row size all the same, and is told by `layer.slotsOn`: one pipeline serves both kinds of layer.
 */
export async function createLayerKernels(
  cache: KernelCache,
  config: ModelConfig,
  weights: LayerShapes,
  slots: number,
) {
  const { hiddenSize: size, mlpSize, normEpsilon: epsilon, queryHeads, kvHeads, headDim } = config
  const { gateNormalizer, maskEmptySlots, edgeSlots, meanSlots, countSlots } = config
  const rowSize = Math.max(...config.slotLayers.map((_, layer) => projectionRows(config, layer)))
  const heads = { queryHeads, kvHeads, headDim, rowSize, gateNormalizer, maskEmptySlots }
  const headNorms = config.headNorm ? { epsilon } : null
  const attention = { ...heads, slots: config.slots, edgeSlots, meanSlots, countSlots }
  const window = { ...heads, slots }
  const bias = weights.projectionBias !== null
  const plain = { bias: false, accumulate: false }
  const added = { bias: false, accumulate: true }
  const [norm, swiglu, decode, prefill] = await Promise.all([
    cache.get(createRmsNorm, { size, epsilon }),
    cache.get(createSwiglu, { size: mlpSize }),
    together({
      project: cache.product(createGemv, weights.projections.shape, { epsilon, bias }),
      attend: cache.get(createHybridAttend, attention, headNorms),
      output: cache.product(createGemvAdd, weights.output.shape, {}),
      gateUp: cache.product(createGemvSwiglu, weights.gateUp.shape, { epsilon }),
      down: cache.product(createGemvAdd, weights.down.shape, {}),
    }),
    together({
      project: cache.get(createGemm, weights.projections.shape, { bias, accumulate: false, rowSize }),
      headNorm: config.headNorm
        ? cache.get(createHeadNorm, { queryHeads, kvHeads, headDim, rowSize, epsilon })
        : null,
      chunkWrite: cache.get(createWindowWrite, window, { destination: 'chunk' }),
      slotScores: slots > 0 ? cache.get(createSlotScoresPrefill, attention) : null,
      attend: cache.get(createHybridAttendPrefill, attention),
      ringWrite: cache.get(createWindowWrite, window, { destination: 'ring' }),
      slotReadout: slots > 0 ? cache.get(createSlotReadoutPrefill, attention) : null,
      output: cache.get(createGemm, weights.output.shape, added),
      gateUp: cache.get(createGemm, weights.gateUp.shape, plain),
      down: cache.get(createGemm, weights.down.shape, added),
    }),
  ])
  return { norm, swiglu, decode, prefill }
}

/**
 * The dispatches of one layer for one token, in order:
 *
 *     residual += Wo · attend(Wqkvz · norm(residual))      residual += Wd · swiglu(Wgu · norm(residual))
 *
 * A norm has no dispatch of its own: who adds to the residual weighs it, who reads it finishes, and attention norms the
 * queries and keys that it reads. Nor have window and slots: attention folds the leaving token into the slots before it
 * reads them, and puts the new one into the ring after.
 *
 * @param nextNorm the weight of the norm after this layer: the next layer's first, or the final one
 */
export function bindDecode(
  kernels: LayerKernels,
  weights: LayerWeights,
  scratch: TokenScratch,
  state: LayerState,
  nextNorm: GPUBuffer,
): Dispatch[] {
  const { decode } = kernels
  const { queryNorm, keyNorm } = weights
  const { step, residual, weighted, squares, projections, attended, activated } = scratch
  const sum = { residual, weighted, squares }
  return [
    decode.project.bind({
      matrix: weights.projections,
      weighted,
      squares,
      bias: weights.projectionBias,
      output: projections,
    }),
    decode.attend.bind({ step, projections, ...state, queryNorm, keyNorm, output: attended }),
    decode.output.bind({ matrix: weights.output, input: attended, norm: weights.mlpNorm, ...sum }),
    decode.gateUp.bind({ matrix: weights.gateUp, weighted, squares, output: activated }),
    decode.down.bind({ matrix: weights.down, input: activated, norm: nextNorm, ...sum }),
  ]
}

/**
 * The dispatches of one layer for a chunk of T tokens: the same mathematics as T decodes. The chunk's keys stand
 * beside the ring while it is read, and enter the ring last, so that nothing that is needed is overwritten.
 */
export function bindPrefill(
  kernels: LayerKernels,
  weights: LayerWeights,
  scratch: ChunkScratch,
  state: LayerState,
): Dispatch[] {
  const { norm, swiglu, prefill } = kernels
  const { step, residual, normed, projections, attended, gateUp, activated } = scratch
  const { inputNorm, mlpNorm, queryNorm, keyNorm } = weights
  const shared = { ...scratch, ...state, output: attended }
  return [
    norm.bind({ input: residual, weight: inputNorm, output: normed }),
    ...prefill.project.bind({
      step,
      matrix: weights.projections,
      input: normed,
      bias: weights.projectionBias,
      output: projections,
    }),
    queryNorm && keyNorm
      ? prefill.headNorm?.bind({ projections, queryWeight: queryNorm, keyWeight: keyNorm })
      : undefined,
    prefill.chunkWrite.bind({
      step,
      layer: state.layer,
      projections,
      windowKeys: scratch.chunkKeys,
      windowValues: scratch.chunkValues,
      windowGates: scratch.chunkGates,
    }),
    state.usesSlots ? prefill.slotScores?.bind(shared) : undefined,
    prefill.attend.bind(shared),
    state.usesSlots ? prefill.slotReadout?.bind(shared) : undefined,
    prefill.ringWrite.bind({ step, projections, ...state }),
    ...prefill.output.bind({ step, matrix: weights.output, input: attended, bias: null, output: residual }),
    norm.bind({ input: residual, weight: mlpNorm, output: normed }),
    ...prefill.gateUp.bind({ step, matrix: weights.gateUp, input: normed, bias: null, output: gateUp }),
    swiglu.bind({ gateUp, output: activated }),
    ...prefill.down.bind({ step, matrix: weights.down, input: activated, bias: null, output: residual }),
  ].filter((dispatch) => dispatch !== undefined)
}

/** Await every value of a record at once. */
async function together<T extends Record<string, unknown>>(
  record: T,
): Promise<{ [K in keyof T]: Awaited<T[K]> }> {
  const entries = await Promise.all(
    Object.entries(record).map(async ([name, value]) => [name, await value] as const),
  )
  return Object.fromEntries(entries) as { [K in keyof T]: Awaited<T[K]> }
}
