import { attendScratchBytes } from '../../kernels/hybrid-attend.ts'
import { numberFromHalf } from '../../kernels/half.ts'
import type { ModelConfig } from '../model/config.ts'
import { allocating } from '../model/gpu.ts'
import type { ChunkScratch, LayerState } from '../model/layer.ts'
import { layerSinks } from '../model/layer-windows.ts'
import type { Account, Ledger } from '../model/ledger.ts'
import { AttentionSum, type Seen, seenBy, softmax, type TokenAttention } from './token-attention.ts'

/** What the kernels of one layer leave behind, which layers share while nobody looks. */
interface Kept {
  /** f32 [Q, row] and what follows, as hybrid_attend_scores writes it */
  readonly scores: GPUBuffer
  /** f32 [T, rowSize], its q rotated by the index in the chunk */
  readonly projections: GPUBuffer
  /** f32 [T, Q, M padded to 4]: weights of the joint softmax */
  readonly slotWeights: GPUBuffer
  /** f32 [T, H, M padded to 4]: what each slot took of the token that left */
  readonly slotShares: GPUBuffer
}

/** A piece of a buffer that is wanted. */
type Wanted = readonly [buffer: GPUBuffer, offset: number, size: number]

/**
 * Scratch of each layer's own, so that what attention computed is still there when the token has been read: no kernel
 * is another, no dispatch more, and the answer has the same bits. Made when the inspector opens, freed when it closes.
 */
export class KeptAttention {
  readonly #config: ModelConfig
  readonly #account: Account
  readonly #device: GPUDevice
  readonly #scratch: ChunkScratch
  readonly #chunk: number
  #states: readonly LayerState[] = []
  #kept: readonly Kept[] = []

  /** @param chunk T of prefill */
  constructor(ledger: Ledger, config: ModelConfig, scratch: ChunkScratch, chunk: number) {
    this.#config = config
    this.#device = ledger.device
    this.#account = ledger.open('scratch')
    this.#scratch = scratch
    this.#chunk = chunk
  }

  /**
   * Scratch for layers as they are now.
   *
   * @throws {EngineError} `out-of-memory`
   */
  async bind(states: readonly LayerState[]): Promise<void> {
    for (const { scores, projections, slotWeights, slotShares } of this.#kept)
      for (const buffer of [scores, projections, slotWeights, slotShares]) this.#account.destroy(buffer)
    this.#states = states
    this.#kept = []
    const { projections, slotWeights, slotShares } = this.#scratch
    const chunk = projections.size + slotWeights.size + slotShares.size
    const scores = states.map((state) => attendScratchBytes(this.#config, this.#rows(state)).scores)
    const bytes = scores.reduce((total, size) => total + size + chunk, 0)
    const create = () =>
      scores.map((size) => ({
        scores: this.#account.create('kept_scores', size),
        projections: this.#account.create('kept_projections', projections.size),
        slotWeights: this.#account.create('kept_slot_weights', slotWeights.size),
        slotShares: this.#account.create('kept_slot_shares', slotShares.size),
      }))
    this.#kept = await allocating(this.#device, 'the inspector', bytes, create, [this.#account])
  }

  stateOf(layer: number): LayerState {
    const [state, kept] = this.#layer(layer)
    return { ...state, scores: kept.scores }
  }

  chunkOf(layer: number): ChunkScratch {
    const { projections, slotWeights, slotShares } = this.#layer(layer)[1]
    return { ...this.#scratch, projections, slotWeights, slotShares }
  }

  /** Where the token at `position` looked, which was decoded. */
  async ofDecode(position: number): Promise<TokenAttention> {
    const { queryHeads, kvHeads, slots } = this.#config
    const read = await this.#read(this.#kept.map(({ scores }) => [scores, 0, scores.size]))
    const total = this.#sum(position)
    for (const [layer, bytes] of read.entries()) {
      const seen = this.#seen(layer, position)
      const all = new Float32Array(bytes)
      const row = (all.length - kvHeads * Math.ceil(slots / 4) * 4) / queryHeads
      const shown = seen.slots ? slots : 0
      const first = Math.ceil(shown / 4) * 4
      for (let q = 0; q < queryHeads; q++) {
        const scores = all.subarray(q * row, (q + 1) * row)
        const entries = scores.subarray(first, first + seen.entries)
        const weights = softmax([...scores.subarray(0, shown), ...entries])
        total.add(layer, q, weights.slice(0, shown), weights.slice(shown), seen.sinks)
      }
    }
    return total.result
  }

  /**
   * Where the token at `position` looked, the last of a chunk of so many. The slots' weights are there; the window's
   * share the rest among them, by scores that are computed here from its keys.
   */
  async ofPrefill(position: number, tokens: number): Promise<TokenAttention> {
    const { queryHeads, headDim, slots } = this.#config
    const span = Math.ceil(slots / 4) * 4
    const read = await this.#read(
      this.#kept.flatMap(({ projections, slotWeights }, layer): Wanted[] => {
        const { windowKeys } = this.#layer(layer)[0]
        const row = projections.size / this.#chunk
        const weights = 4 * queryHeads * span
        return [
          [projections, (tokens - 1) * row, 4 * queryHeads * headDim],
          ...(slots > 0 ? [[slotWeights, (tokens - 1) * weights, weights] as const] : []),
          [windowKeys, 0, windowKeys.size],
        ]
      }),
    )
    const total = this.#sum(position)
    for (const layer of this.#kept.keys()) {
      const seen = this.#seen(layer, position)
      const shown = seen.slots ? slots : 0
      const queries = new Float32Array(read.shift() ?? new ArrayBuffer())
      const slotWeights = new Float32Array((slots > 0 ? read.shift() : undefined) ?? new ArrayBuffer())
      const keys = this.#windowKeys(layer, position, seen, new Uint16Array(read.shift() ?? new ArrayBuffer()))
      for (let q = 0; q < queryHeads; q++) {
        const query = queries.subarray(q * headDim, (q + 1) * headDim)
        const onSlots = [...slotWeights.subarray(q * span, q * span + shown)]
        const rest = 1 - onSlots.reduce((sum, weight) => sum + weight, 0)
        const scores = keys[Math.floor((q * keys.length) / queryHeads)]?.map((key, n) =>
          this.#score(query, key, tokens - 1, seen.entries - 1 - n),
        )
        const weights = softmax(scores ?? []).map((weight) => weight * rest)
        total.add(layer, q, onSlots, weights, seen.sinks)
      }
    }
    return total.result
  }

  /** For each layer what each slot took at each of the last `tokens` of prefill: f32 [T, H, M]. */
  async writes(tokens: number): Promise<readonly Float32Array[]> {
    const { kvHeads, slots } = this.#config
    if (slots === 0) return this.#states.map(() => new Float32Array())
    const span = Math.ceil(slots / 4) * 4
    const size = 4 * tokens * kvHeads * span
    const read = await this.#read(this.#kept.map(({ slotShares }) => [slotShares, 0, size]))
    return read.map((bytes, layer) => {
      const padded = new Float32Array(bytes)
      const writes = new Float32Array(tokens * kvHeads * slots)
      if (!this.#layer(layer)[0].usesSlots) return writes
      for (let row = 0; row < tokens * kvHeads; row++)
        writes.set(padded.subarray(row * span, row * span + slots), row * slots)
      return writes
    })
  }

  close(): void {
    this.#account.close()
  }

  #layer(layer: number): readonly [LayerState, Kept] {
    const [state, kept] = [this.#states[layer], this.#kept[layer]]
    if (!state || !kept) throw new Error(`layer ${layer} is not inspected`)
    return [state, kept]
  }

  #seen(layer: number, position: number): Seen {
    const { window, usesSlots } = this.#layer(layer)[0]
    return seenBy(this.#config, window, usesSlots, position)
  }

  #sum(position: number): AttentionSum {
    const longest = Math.max(...this.#states.map((_, layer) => this.#seen(layer, position).entries))
    return new AttentionSum(this.#config, position, longest)
  }

  /** Rows of the ring, sinks among them. */
  #rows({ windowKeys }: LayerState): number {
    return windowKeys.size / (2 * this.#config.kvHeads * this.#config.headDim)
  }

  /** [H][entries, oldest first]: the keys that the token at `position` saw. */
  #windowKeys(layer: number, position: number, { entries }: Seen, ring: Uint16Array): Float64Array[][] {
    const { kvHeads, headDim } = this.#config
    const [state] = this.#layer(layer)
    const sinks = layerSinks(this.#config, state.window)
    const capacity = this.#rows(state) - sinks
    const rows = Array.from({ length: entries }, (_, n) => {
      const j = n < sinks ? n : position - (entries - 1 - n)
      return j < sinks ? j : sinks + ((j - sinks) % capacity)
    })
    return Array.from({ length: kvHeads }, (_, h) =>
      rows.map((row) =>
        Float64Array.from(
          ring.subarray((row * kvHeads + h) * headDim, (row * kvHeads + h + 1) * headDim),
          numberFromHalf,
        ),
      ),
    )
  }

  /** D^−½ · q·R(turned − distance) k: the query has been rotated by `turned`. */
  #score(query: Float32Array, key: Float64Array, turned: number, distance: number): number {
    const { headDim, ropeFrequencies } = this.#config
    const half = headDim / 2
    let score = 0
    for (let i = 0; i < half; i++) {
      const angle = (turned - distance) * (ropeFrequencies[i] ?? 0)
      const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
      const [first, second] = [key[i] ?? 0, key[i + half] ?? 0]
      score += (query[i] ?? 0) * (first * cos - second * sin)
      score += (query[i + half] ?? 0) * (second * cos + first * sin)
    }
    return score / Math.sqrt(headDim)
  }

  async #read(wanted: readonly Wanted[]): Promise<ArrayBuffer[]> {
    const size = wanted.reduce((total, [, , bytes]) => total + bytes, 0)
    const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST
    const create = () => this.#account.create('inspected', size, usage)
    const staging = await allocating(this.#device, 'the inspector', size, create, [this.#account])
    try {
      const encoder = this.#device.createCommandEncoder({ label: 'inspect' })
      let offset = 0
      for (const [buffer, from, bytes] of wanted) {
        encoder.copyBufferToBuffer(buffer, from, staging, offset, bytes)
        offset += bytes
      }
      this.#device.queue.submit([encoder.finish()])
      await staging.mapAsync(GPUMapMode.READ)
      const all = staging.getMappedRange()
      let start = 0
      return wanted.map(([, , bytes]) => all.slice(start, (start += bytes)))
    } finally {
      this.#account.destroy(staging)
    }
  }
}
