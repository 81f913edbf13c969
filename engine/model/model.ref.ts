import { WINDOW_ALL } from '../../kernels/attention-shape.ts'
import { roundToHalf } from '../../kernels/half.ts'
import type { Candidates } from '../text/sampler.ts'
import type { Checkpoint, MatrixPlan, VectorPlan } from './checkpoint.ts'
import type { ModelConfig } from './config.ts'
import { checkSaved, type Model, type SavedState, type Sequence, type SequenceOptions } from './sequence.ts'
import { dequantize } from './stored-matrix.ts'
import { checkUnused, endTensors, layerTensors, projectionRows } from './tensor-names.ts'
import { multiply, rmsNorm, normHeads, dot, addInPlace, logSigmoid } from './vector.ref.ts'

interface Layer {
  readonly inputNorm: Float64Array
  readonly projections: Float64Array
  readonly projectionBias: Float64Array | null
  readonly queryNorm: Float64Array | null
  readonly keyNorm: Float64Array | null
  readonly output: Float64Array
  readonly mlpNorm: Float64Array
  readonly gateUp: Float64Array
  readonly down: Float64Array
}

/** A token in the window: what attention needs while it is there, and what the slots need when it leaves. */
interface WindowEntry {
  readonly key: Float64Array // [H, D], un-rotated
  readonly value: Float64Array // [H, D]
  readonly logGate: Float64Array // [H, M]
}

interface LayerState {
  readonly window: WindowEntry[] // oldest first
  readonly keySlots: Float64Array // [H, M, D]
  readonly valueSlots: Float64Array // [H, M, D]
  written: boolean
}

/**
 * The whole model on the CPU in f64, token by token, straight from NHA.md: the oracle of every GPU test, and the
 * announced fallback where there is no WebGPU. The window is rounded to f16 as on the GPU: storage, not arithmetic.
 *
 * @throws {EngineError} `bad-weights`, `missing-file`
 */
export async function createReferenceModel(config: ModelConfig, checkpoint: Checkpoint): Promise<Model> {
  const plans = Array.from({ length: config.layers }, (_, i) => layerTensors(checkpoint, config, i))
  const ends = endTensors(checkpoint, config)
  checkUnused(checkpoint)
  const matrix = async (plan: MatrixPlan) => dequantize(await plan.load())
  const vector = async (plan: VectorPlan) => Float64Array.from(await plan.load())
  const layers: Layer[] = []
  for (const plan of plans) {
    layers.push({
      inputNorm: await vector(plan.inputNorm),
      projections: await matrix(plan.projections),
      projectionBias: plan.projectionBias && (await vector(plan.projectionBias)),
      queryNorm: plan.queryNorm && (await vector(plan.queryNorm)),
      keyNorm: plan.keyNorm && (await vector(plan.keyNorm)),
      output: await matrix(plan.output),
      mlpNorm: await vector(plan.mlpNorm),
      gateUp: await matrix(plan.gateUp),
      down: await matrix(plan.down),
    })
  }
  const embedding = await matrix(ends.embedding)
  const head = ends.head ? await matrix(ends.head) : embedding
  const finalNorm = await vector(ends.finalNorm)
  let weightBytes = finalNorm.byteLength + embedding.byteLength + (ends.head ? head.byteLength : 0)
  for (const layer of layers) {
    for (const array of Object.values(layer) as (Float64Array | null)[]) weightBytes += array?.byteLength ?? 0
  }

  return {
    config,
    weightBytes,
    scratchBytes: 0,
    chunkTokens: 8,
    createSequence: (options, saved) => {
      const sequence = new ReferenceSequence(config, layers, { embedding, finalNorm, head }, options)
      if (saved) sequence.restore(saved)
      return Promise.resolve(sequence)
    },
    dispose: () => undefined,
  }
}

class ReferenceSequence implements Sequence {
  position = 0
  readonly #config: ModelConfig
  readonly #layers: readonly Layer[]
  readonly #ends: { embedding: Float64Array; finalNorm: Float64Array; head: Float64Array }
  readonly #options: SequenceOptions
  readonly #states: LayerState[]

  constructor(
    config: ModelConfig,
    layers: readonly Layer[],
    ends: { embedding: Float64Array; finalNorm: Float64Array; head: Float64Array },
    options: SequenceOptions,
  ) {
    this.#config = config
    this.#layers = layers
    this.#ends = ends
    this.#options = options
    this.#states = layers.map((_, i): LayerState => {
      const size =
        config.slotLayers[i] && options.slotsOn ? config.kvHeads * config.slots * config.headDim : 0
      return {
        window: [],
        keySlots: new Float64Array(size),
        valueSlots: new Float64Array(size),
        written: false,
      }
    })
  }

  /** Bytes of a state of this position whose window is full, or of what there is where the window never closes. */
  get stateBytes(): number {
    return this.#savedBytes((window) => (window === WINDOW_ALL ? this.position : window))
  }

  prefill(tokens: readonly number[], wanted: number): Promise<Candidates> {
    let residual = new Float64Array(this.#config.hiddenSize)
    for (const token of tokens) residual = this.#read(token)
    return Promise.resolve(this.#logits(residual, wanted))
  }

  decode(token: number, wanted: number): Promise<Candidates> {
    return Promise.resolve(this.#logits(this.#read(token), wanted))
  }

  save(): Promise<SavedState> {
    const bytes = new Uint8Array(this.#savedBytes((window) => Math.min(window, this.position)))
    let offset = 0
    const put = (array: Float64Array) => {
      const copy = new Float64Array(bytes.buffer, offset, array.length)
      copy.set(array)
      offset += copy.byteLength
      return copy
    }
    const slots = this.#states.flatMap(({ keySlots, valueSlots, window }) => {
      const copies = [put(keySlots), put(valueSlots)]
      for (const { key, value, logGate } of window) for (const array of [key, value, logGate]) put(array)
      return copies
    })
    return Promise.resolve({ position: this.position, bytes, slots })
  }

  restore(saved: SavedState): void {
    checkSaved(
      saved,
      this.#savedBytes((window) => Math.min(window, saved.position)),
    )
    const { row, gates } = this.#windowShape()
    const entries = this.#options.windows.map((window) => Math.min(window, saved.position))
    const values = new Float64Array(saved.bytes.slice().buffer)
    let offset = 0
    const take = (length: number) => values.slice(offset, (offset += length))
    for (const [i, state] of this.#states.entries()) {
      state.keySlots.set(take(state.keySlots.length))
      state.valueSlots.set(take(state.valueSlots.length))
      for (let n = 0; n < entries[i]!; n++) {
        state.window.push({ key: take(row), value: take(row), logGate: take(gates[i]!) })
      }
      state.written = state.keySlots.length > 0 && saved.position > this.#options.windows[i]!
    }
    this.position = saved.position
  }

  dispose(): void {
    this.#states.length = 0
  }

  /** f64 elements of a window entry: keys or values, and the gates of each layer. */
  #windowShape(): { row: number; gates: readonly number[] } {
    const { kvHeads, headDim, slots, slotLayers } = this.#config
    return { row: kvHeads * headDim, gates: slotLayers.map((hasSlots) => (hasSlots ? kvHeads * slots : 0)) }
  }

  #savedBytes(entriesOf: (window: number) => number): number {
    const { row, gates } = this.#windowShape()
    return this.#options.windows.reduce((sum, window, i) => {
      const slots = this.#states[i]!.keySlots.byteLength * 2
      return sum + slots + 8 * entriesOf(window) * (2 * row + gates[i]!)
    }, 0)
  }

  #read(token: number): Float64Array<ArrayBuffer> {
    const { hiddenSize, mlpSize, normEpsilon } = this.#config
    const residual = this.#ends.embedding.slice(token * hiddenSize, (token + 1) * hiddenSize)
    for (const [i, layer] of this.#layers.entries()) {
      const attended = this.#attend(i, rmsNorm(residual, layer.inputNorm, normEpsilon))
      addInPlace(residual, multiply(layer.output, attended))
      const gateUp = multiply(layer.gateUp, rmsNorm(residual, layer.mlpNorm, normEpsilon))
      const activated = new Float64Array(mlpSize)
      for (let f = 0; f < mlpSize; f++) {
        activated[f] = (gateUp[f]! / (1 + Math.exp(-gateUp[f]!))) * gateUp[mlpSize + f]!
      }
      addInPlace(residual, multiply(layer.down, activated))
    }
    this.position++
    return residual
  }

  /** One layer's attention for one token: NHA.md, "One layer, one token", steps 1 to 6. */
  #attend(index: number, input: Float64Array): Float64Array {
    const { queryHeads, kvHeads, headDim, slots, gateNormalizer, maskEmptySlots } = this.#config
    const layer = this.#layers[index]!
    const state = this.#states[index]!
    const window = this.#options.windows[index]!
    const useSlots = state.keySlots.length > 0

    const rows = multiply(layer.projections, input)
    if (layer.projectionBias) addInPlace(rows, layer.projectionBias)
    const queries = rows.subarray(0, queryHeads * headDim)
    const keys = rows.subarray(queryHeads * headDim, (queryHeads + kvHeads) * headDim)
    const values = rows.subarray((queryHeads + kvHeads) * headDim, (queryHeads + 2 * kvHeads) * headDim)
    const gates = rows.subarray((queryHeads + 2 * kvHeads) * headDim, projectionRows(this.#config, index))
    if (layer.queryNorm) normHeads(queries, layer.queryNorm, this.#config.normEpsilon)
    if (layer.keyNorm) normHeads(keys, layer.keyNorm, this.#config.normEpsilon)

    state.window.push({
      key: keys.map(roundToHalf),
      value: values.map(roundToHalf),
      logGate: gates.map((z) => roundToHalf(logSigmoid(z) / gateNormalizer)),
    })
    if (state.window.length > window) {
      const leaving = state.window.shift()!
      if (useSlots) this.#fold(state, leaving)
    }

    const output = new Float64Array(queryHeads * headDim)
    for (let q = 0; q < queryHeads; q++) {
      const h = Math.floor(q / (queryHeads / kvHeads))
      const query = queries.subarray(q * headDim, (q + 1) * headDim)
      const scores: number[] = []
      const sources: Float64Array[] = []
      if (useSlots && (state.written || !maskEmptySlots)) {
        for (let m = 0; m < slots; m++) {
          const row = (h * slots + m) * headDim
          scores.push(dot(query, state.keySlots.subarray(row, row + headDim)) / Math.sqrt(headDim))
          sources.push(state.valueSlots.subarray(row, row + headDim))
        }
      }
      for (const [i, entry] of state.window.entries()) {
        const distance = state.window.length - 1 - i
        const key = entry.key.subarray(h * headDim, (h + 1) * headDim)
        scores.push(this.#rotatedDot(query, key, distance) / Math.sqrt(headDim))
        sources.push(entry.value.subarray(h * headDim, (h + 1) * headDim))
      }
      const top = Math.max(...scores)
      const weights = scores.map((score) => Math.exp(score - top))
      const sum = weights.reduce((a, b) => a + b, 0)
      for (const [i, source] of sources.entries()) {
        for (let d = 0; d < headDim; d++) output[q * headDim + d]! += (weights[i]! / sum) * source[d]!
      }
    }
    return output
  }

  /** Step 4: K̃ ← α·K̃ + (1−α)·k, Ṽ likewise. */
  #fold(state: LayerState, { key, value, logGate }: WindowEntry): void {
    const { kvHeads, headDim, slots } = this.#config
    state.written = true
    for (let h = 0; h < kvHeads; h++) {
      for (let m = 0; m < slots; m++) {
        const keep = Math.exp(logGate[h * slots + m]!)
        const write = -Math.expm1(logGate[h * slots + m]!)
        for (let d = 0; d < headDim; d++) {
          const i = (h * slots + m) * headDim + d
          state.keySlots[i] = keep * state.keySlots[i]! + write * key[h * headDim + d]!
          state.valueSlots[i] = keep * state.valueSlots[i]! + write * value[h * headDim + d]!
        }
      }
    }
  }

  /** RoPE(q, t) · RoPE(k, t − distance): only the distance matters. Pairs are (i, i + D/2). */
  #rotatedDot(query: Float64Array, key: Float64Array, distance: number): number {
    const half = query.length / 2
    let sum = 0
    for (let i = 0; i < half; i++) {
      const angle = distance * this.#config.ropeFrequencies[i]!
      const same = query[i]! * key[i]! + query[i + half]! * key[i + half]!
      const cross = query[i]! * key[i + half]! - query[i + half]! * key[i]!
      sum += Math.cos(angle) * same + Math.sin(angle) * cross
    }
    return sum
  }

  #logits(residual: Float64Array, wanted: number): Candidates {
    const { finalNorm, head } = this.#ends
    const all = multiply(head, rmsNorm(residual, finalNorm, this.#config.normEpsilon))
    const ids = Uint32Array.from(all, (_, id) => id)
    if (wanted < all.length) ids.sort((a, b) => all[b]! - all[a]! || a - b)
    const count = Math.min(wanted, all.length)
    return {
      ids: ids.subarray(0, count),
      logits: Float32Array.from(ids.subarray(0, count), (id) => all[id]!),
      count,
    }
  }
}
