import { WINDOW_ALL } from '../../kernels/attention-shape.ts'
import { AttentionSum, type TokenAttention } from '../inspect/token-attention.ts'
import type { Candidates } from '../text/sampler.ts'
import { attend, type AttentionState, type WindowEntry } from './attention.ref.ts'
import type { Checkpoint, MatrixPlan, VectorPlan } from './checkpoint.ts'
import type { ModelConfig } from './config.ts'
import { layerSinks } from './layer-windows.ts'
import { checkSaved, type Model, type SavedState, type Sequence, type SequenceOptions } from './sequence.ts'
import { dequantize } from './stored-matrix.ts'
import { addInPlace, multiply, rmsNorm } from './vector.ref.ts'
import { type LayerValues, planWeights, readLayer } from './weight-plans.ts'

type Layer = LayerValues<Float64Array, Float64Array>

/**
 * The whole model on the CPU in f64, token by token, straight from the paper's steps: the oracle of every GPU test,
 * and the announced fallback where there is no WebGPU.
 *
 * @throws {EngineError} `bad-weights`, `missing-file`
 */
export async function createReferenceModel(config: ModelConfig, checkpoint: Checkpoint): Promise<Model> {
  const { layers: plans, ends } = planWeights(config, checkpoint)
  const matrix = async (plan: MatrixPlan) => dequantize(await plan.load())
  const vector = async (plan: VectorPlan) => Float64Array.from(await plan.load())
  const layers: Layer[] = []
  for (const plan of plans) layers.push(await readLayer(plan, { matrix, vector }))
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
  readonly isAhead = false
  position = 0
  readonly #config: ModelConfig
  readonly #layers: readonly Layer[]
  readonly #ends: { embedding: Float64Array; finalNorm: Float64Array; head: Float64Array }
  readonly #options: SequenceOptions
  readonly #states: AttentionState[]
  /** while the inspector is open: where the newest token looked, and what the last prefill wrote */
  #looked: { attention: AttentionSum | null; writes: number[][] | null } | null = null

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
    this.#states = layers.map((_, i): AttentionState => {
      const usesSlots = config.slotLayers[i] && options.slotsOn && options.windows[i] !== WINDOW_ALL
      const size = usesSlots ? config.kvHeads * config.slots * config.headDim : 0
      const means = config.meanSlots ? size / config.headDim : 0
      return {
        sinks: [],
        window: [],
        keySlots: new Float64Array(size),
        valueSlots: new Float64Array(size),
        slotMass: new Float64Array(means),
        slotCount: new Float64Array(means),
        written: false,
      }
    })
  }

  /** Bytes of a state of this position whose window is full, or of what there is where the window never closes. */
  get stateBytes(): number {
    return this.#savedBytes((window) => (window === WINDOW_ALL ? this.position : window + this.#config.sinks))
  }

  prefill(tokens: readonly number[], wanted: number): Promise<Candidates> {
    let residual = new Float64Array(this.#config.hiddenSize)
    if (this.#looked) this.#looked.writes = this.#layers.map(() => [])
    for (const token of tokens) residual = this.#read(token)
    return Promise.resolve(this.#logits(residual, wanted))
  }

  decode(token: number, wanted: number): Promise<Candidates> {
    return Promise.resolve(this.#logits(this.#read(token), wanted))
  }

  inspect(open: boolean): Promise<void> {
    this.#looked = open ? (this.#looked ?? { attention: null, writes: null }) : null
    return Promise.resolve()
  }

  attention(): Promise<TokenAttention | null> {
    return Promise.resolve(this.#looked?.attention?.result ?? null)
  }

  slotWrites(): Promise<readonly Float32Array[] | null> {
    return Promise.resolve(this.#looked?.writes?.map((writes) => Float32Array.from(writes)) ?? null)
  }

  save(): Promise<SavedState> {
    const bytes = new Uint8Array(this.#savedBytes((window) => this.#entriesAt(window, this.position)))
    let offset = 0
    const put = (array: Float64Array) => {
      const copy = new Float64Array(bytes.buffer, offset, array.length)
      copy.set(array)
      offset += copy.byteLength
      return copy
    }
    const slots = this.#states.flatMap((state) => {
      const { keySlots, valueSlots, slotMass, slotCount, sinks, window } = state
      const copies = [put(keySlots), put(valueSlots)]
      for (const array of [slotMass, slotCount]) put(array)
      for (const { key, value, logGate } of [...sinks, ...window])
        for (const array of [key, value, logGate]) put(array)
      return copies
    })
    return Promise.resolve({ position: this.position, bytes, slots })
  }

  restore(saved: SavedState): void {
    checkSaved(
      saved,
      this.#savedBytes((window) => this.#entriesAt(window, saved.position)),
    )
    const { row, gates } = this.#windowShape()
    const values = new Float64Array(saved.bytes.slice().buffer)
    let offset = 0
    const take = (length: number) => values.slice(offset, (offset += length))
    for (const [i, state] of this.#states.entries()) {
      state.keySlots.set(take(state.keySlots.length))
      state.valueSlots.set(take(state.valueSlots.length))
      state.slotMass.set(take(state.slotMass.length))
      state.slotCount.set(take(state.slotCount.length))
      const window = this.#options.windows[i]!
      const entries = Array.from({ length: this.#entriesAt(window, saved.position) }, (): WindowEntry => {
        return { key: take(row), value: take(row), logGate: take(gates[i]!) }
      })
      state.sinks.push(...entries.splice(0, Math.max(0, entries.length - window)))
      state.window.push(...entries)
      state.written = state.keySlots.length > 0 && saved.position > window + layerSinks(this.#config, window)
    }
    this.position = saved.position
  }

  dispose(): void {
    this.#states.length = 0
  }

  /** Sinks and window of a layer with this many tokens behind it. */
  #entriesAt(window: number, position: number): number {
    return Math.min(window + layerSinks(this.#config, window), position)
  }

  /** f64 elements of a window entry: keys or values, and the gates of each layer. */
  #windowShape(): { row: number; gates: readonly number[] } {
    const { kvHeads, headDim, slots, slotLayers } = this.#config
    return { row: kvHeads * headDim, gates: slotLayers.map((hasSlots) => (hasSlots ? kvHeads * slots : 0)) }
  }

  #savedBytes(entriesOf: (window: number) => number): number {
    const { row, gates } = this.#windowShape()
    return this.#options.windows.reduce((sum, window, i) => {
      const { keySlots, slotMass } = this.#states[i]!
      const slots = (keySlots.byteLength + slotMass.byteLength) * 2
      return sum + slots + 8 * entriesOf(window) * (2 * row + gates[i]!)
    }, 0)
  }

  #read(token: number): Float64Array<ArrayBuffer> {
    const { hiddenSize, mlpSize, normEpsilon } = this.#config
    const residual = this.#ends.embedding.slice(token * hiddenSize, (token + 1) * hiddenSize)
    const looked = this.#looked
    const longest = Math.max(...this.#options.windows) + this.#config.sinks
    if (looked) looked.attention = new AttentionSum(this.#config, this.position, longest)
    for (const [i, layer] of this.#layers.entries()) {
      const rows = multiply(layer.projections, rmsNorm(residual, layer.inputNorm, normEpsilon))
      const attended = attend(this.#config, layer, this.#states[i]!, this.#options.windows[i]!, rows, {
        seen: (...head) => looked?.attention?.add(i, ...head),
        written: (writes) => looked?.writes?.[i]?.push(...(writes ?? this.#noWrites)),
      })
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

  /** [H, M] where nothing was folded */
  get #noWrites(): Float64Array {
    return new Float64Array(this.#config.kvHeads * this.#config.slots)
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
