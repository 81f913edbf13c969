import { type AttentionShape, keySlotSize, WINDOW_ALL, windowBytes } from '../../kernels/attention-shape.ts'
import { halfFromNumber, roundToHalf } from '../../kernels/half.ts'
import { attendScratchBytes, createHybridAttend } from '../../kernels/hybrid-attend.ts'
import { type AttentionState, emptyAttentionState } from '../../kernels/hybrid-attend.ref.ts'
import { type Dispatch, STEP_BYTES } from '../../kernels/kernel.ts'
import { createRopeTable, inverseFrequencies } from '../../kernels/rope-table.ts'
import { slotPrefillBytes } from '../../kernels/slot-scores-prefill.ts'
import { windowWriteReference } from '../../kernels/window-write.ref.ts'
import { downloadF32, poisoned, run, upload } from './gpu.ts'
import { uniform } from './numerics.ts'

export interface Layer {
  readonly window: number
  readonly slotsOn: boolean
  /** S, 0 when left out */
  readonly sinks?: number
}

/** Ranges of random projections; k and v are rounded to f16, so that storing them loses nothing. */
export interface ProjectionRanges {
  readonly query: number
  readonly key: number
  readonly gate: readonly [number, number]
}

const CLEARANCE = 3e-6

export const MILD: ProjectionRanges = { query: 2, key: 2, gate: [-2, 4] }

export function shapeOf(
  queryHeads: number,
  kvHeads: number,
  headDim: number,
  slots: number,
  maskEmptySlots = true,
): AttentionShape {
  const rowSize = (queryHeads + 2 * kvHeads) * headDim + kvHeads * slots
  return { queryHeads, kvHeads, headDim, slots, rowSize, gateNormalizer: 8, maskEmptySlots }
}

export function randomProjections(
  shape: AttentionShape,
  random: () => number,
  tokens: number,
  ranges: ProjectionRanges = MILD,
): Float64Array {
  const { queryHeads, kvHeads, headDim, slots, rowSize } = shape
  const rows = Array.from({ length: tokens }, () => [
    ...uniform(random, queryHeads * headDim, -ranges.query, ranges.query),
    ...uniform(random, kvHeads * headDim, -ranges.key, ranges.key).map(roundToHalf),
    ...uniform(random, kvHeads * headDim, -1, 1).map(roundToHalf),
    ...Array.from({ length: kvHeads * slots }, () => clearGate(random, ranges.gate)),
    ...uniform(random, rowSize - (queryHeads + 2 * kvHeads) * headDim - kvHeads * slots, -1, 1),
  ])
  return Float64Array.from(rows.flat())
}

/** A gate whose log is not at the middle between two f16: there f32 and f64 may round apart, by a thousandth. */
function clearGate(random: () => number, range: readonly [number, number]): number {
  for (;;) {
    const gate = uniform(random, 1, ...range)[0]!
    const logGate = (Math.min(gate, 0) - Math.log1p(Math.exp(-Math.abs(gate)))) / 8
    if (roundToHalf(logGate * (1 - CLEARANCE)) === roundToHalf(logGate * (1 + CLEARANCE))) return gate
  }
}

/** Frequencies as in the models: theta 10,000. */
export function frequenciesOf({ headDim }: AttentionShape): Float64Array {
  return inverseFrequencies(10_000, headDim)
}

/** A state as it may be at a position: sinks and window full of random tokens, the slots of random content. */
export function stateAt(
  shape: AttentionShape,
  random: () => number,
  position: number,
  capacity: number,
  { ranges = MILD, sinks: sinkCount = 0 }: { ranges?: ProjectionRanges; sinks?: number } = {},
): AttentionState {
  const ring = emptyAttentionState(shape, capacity).ring.slice()
  const size = shape.kvHeads * shape.headDim * shape.slots
  const keySlots = uniform(random, keySlotSize(shape), -1, 1)
  // Mass is at most 1; counts are of tokens.
  for (let i = size; i < keySlots.length; i++) {
    keySlots[i] = Math.fround((i < (keySlots.length + size) / 2 ? 0.1 : 1) + 0.9 * Math.abs(keySlots[i]!))
  }
  const entry = () => windowWriteReference(shape, randomProjections(shape, random, 1, ranges))
  for (let t = Math.max(position - capacity, sinkCount); t < position; t++) {
    ring[(t - sinkCount) % capacity] = entry()
  }
  const sinks = Array.from({ length: Math.min(sinkCount, position) }, entry)
  const slots = { keySlots, valueSlots: uniform(random, size, -1, 1) }
  return { position, sinks, ring, slots }
}

/** Rows of `width` numbers as f16, each row padded to an even number. */
export function packHalves(values: Float64Array, width: number): Uint16Array {
  const padded = width + (width % 2)
  const packed = new Uint16Array((values.length / width) * padded)
  for (const [i, value] of values.entries()) {
    packed[Math.floor(i / width) * padded + (i % width)] = halfFromNumber(value)
  }
  return packed
}

/** Compile the kernels of a shape once for a test file: pipelines are what takes time here. */
export function oncePerShape<Kernels>(
  create: (device: GPUDevice, shape: AttentionShape) => Promise<Kernels>,
): (device: GPUDevice, shape: AttentionShape) => Promise<Kernels> {
  const made = new Map<string, Promise<Kernels>>()
  return (device, shape) => {
    const key = JSON.stringify(shape)
    const kernels = made.get(key) ?? create(device, shape)
    made.set(key, kernels)
    return kernels
  }
}

/** The decode kernel of one shape. */
export const compileDecode = oncePerShape(createHybridAttend)

/** Every buffer of one layer's attention; the state may begin anywhere. */
export function attentionBuffers(
  device: GPUDevice,
  shape: AttentionShape,
  layer: Layer,
  { capacity, tokens, state }: { capacity: number; tokens: number; state?: AttentionState },
) {
  const { queryHeads, kvHeads, headDim, slots } = shape
  const { sinks = 0 } = layer
  const bytes = windowBytes(shape, sinks + capacity)
  const chunkBytes = windowBytes(shape, tokens)
  const scratch = (size: number): GPUBuffer => poisoned(device, Math.max(size / 4, 1))
  const uploadSlots = (size: number, content: Float64Array = new Float64Array()): GPUBuffer => {
    const all = new Float64Array(Math.max(size, 4))
    all.set(content)
    return upload(device, all)
  }
  const rows = (layer.window === WINDOW_ALL ? capacity : layer.window) + sinks + tokens + 1
  const step = device.createBuffer({
    label: 'step',
    size: STEP_BYTES,
    usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
  })
  const buffers = {
    step,
    layer: upload(device, Uint32Array.of(layer.window, layer.slotsOn ? 1 : 0, sinks)),
    projections: scratch(tokens * shape.rowSize * 4),
    windowKeys: scratch(bytes.keys),
    windowValues: scratch(bytes.values),
    windowGates: scratch(bytes.gates),
    chunkKeys: scratch(chunkBytes.keys),
    chunkValues: scratch(chunkBytes.values),
    chunkGates: scratch(chunkBytes.gates),
    keySlots: uploadSlots(keySlotSize(shape), state?.slots.keySlots),
    valueSlots: uploadSlots(kvHeads * headDim * slots, state?.slots.valueSlots),
    ropeTable: upload(device, createRopeTable(rows, headDim, frequenciesOf(shape))),
    scores: scratch(attendScratchBytes(shape, sinks + capacity).scores),
    partials: scratch(attendScratchBytes(shape, sinks + capacity).partials),
    slotShares: scratch(Math.max(slotPrefillBytes(shape, tokens).slotShares, 16)),
    slotWeights: scratch(Math.max(slotPrefillBytes(shape, tokens).slotWeights, 16)),
    output: scratch(tokens * queryHeads * headDim * 4),
    queryNorm: null,
    keyNorm: null,
  }
  const held = state ? [...Array.from({ length: sinks }, (_, j) => state.sinks[j]), ...state.ring] : []
  for (const [index, entry] of held.entries()) {
    if (!entry) continue
    device.queue.writeBuffer(
      buffers.windowKeys,
      (index * bytes.keys) / (sinks + capacity),
      packHalves(entry.keys, headDim),
    )
    device.queue.writeBuffer(
      buffers.windowValues,
      (index * bytes.values) / (sinks + capacity),
      packHalves(entry.values, headDim),
    )
    if (slots > 0) {
      device.queue.writeBuffer(
        buffers.windowGates,
        (index * bytes.gates) / (sinks + capacity),
        packHalves(entry.logGates, slots),
      )
    }
  }
  return buffers
}

export type AttentionBuffers = ReturnType<typeof attentionBuffers>

/** Decode row after row from `position`; the outputs are `[T, Q·D]`. */
export async function decodeRows(
  device: GPUDevice,
  shape: AttentionShape,
  { buffers, dispatches }: { buffers: AttentionBuffers; dispatches: readonly Dispatch[] },
  position: number,
  projections: Float64Array,
): Promise<Float32Array> {
  const { rowSize } = shape
  const tokens = projections.length / rowSize
  const width = shape.queryHeads * shape.headDim
  const outputs = new Float32Array(tokens * width)
  for (let i = 0; i < tokens; i++) {
    const row = new Float32Array(projections.subarray(i * rowSize, (i + 1) * rowSize))
    device.queue.writeBuffer(buffers.step, 0, Uint32Array.of(position + i, 1))
    device.queue.writeBuffer(buffers.projections, 0, row)
    await run(device, dispatches)
    outputs.set((await downloadF32(device, buffers.output)).subarray(0, width), i * width)
  }
  return outputs
}

/** Causal attention over all tokens, no window, no slots: what NHA equals while T <= W and empty slots are masked. */
export function fullAttention(
  shape: AttentionShape,
  projections: Float64Array,
  tokens: number,
): Float64Array {
  const { queryHeads, kvHeads, headDim, rowSize } = shape
  const frequencies = frequenciesOf(shape)
  const output = new Float64Array(tokens * queryHeads * headDim)
  for (let t = 0; t < tokens; t++) {
    for (let q = 0; q < queryHeads; q++) {
      const key = (queryHeads + Math.floor((q * kvHeads) / queryHeads)) * headDim
      const value = key + kvHeads * headDim
      const weights = Array.from({ length: t + 1 }, (_, j) => {
        let score = 0
        for (const [i, frequency] of frequencies.entries()) {
          const [q0, q1] = [0, headDim / 2].map((half) => projections[t * rowSize + q * headDim + i + half]!)
          const [k0, k1] = [0, headDim / 2].map((half) => projections[j * rowSize + key + i + half]!)
          const angle = (t - j) * frequency
          score += (q0! * k0! + q1! * k1!) * Math.cos(angle) + (q0! * k1! - q1! * k0!) * Math.sin(angle)
        }
        return Math.exp(score / Math.sqrt(headDim))
      })
      const total = weights.reduce((sum, weight) => sum + weight, 0)
      for (let d = 0; d < headDim; d++) {
        output[(t * queryHeads + q) * headDim + d] = weights.reduce(
          (sum, weight, j) => sum + (weight / total) * projections[j * rowSize + value + d]!,
          0,
        )
      }
    }
  }
  return output
}
