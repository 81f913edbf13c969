import { attendScratchBytes } from '../../kernels/hybrid-attend.ts'
import { UNUSED_BYTES } from '../../kernels/kernel.ts'
import { createRopeTable } from '../../kernels/rope-table.ts'
import { keySlotSize, LAYER_BYTES, WINDOW_ALL } from '../../kernels/attention-shape.ts'
import { EngineError } from '../errors.ts'
import { type ModelConfig } from './config.ts'
import { allocating } from './gpu.ts'
import { type LayerState } from './layer.ts'
import { type Account, type Ledger } from './ledger.ts'
import { layerSinks } from './layer-windows.ts'
import { checkSaved, type SavedState, type SequenceOptions } from './sequence.ts'

/** Windows up to this are allocated whole before the first token; longer ones grow, doubling, from here. */
const GROWING_FROM = 4096

/** Buffers that all layers of a sequence share. */
const SHARED = ['ropeTable', 'scores', 'partials'] as const

/** First capacity of a window that grows. */
const FIRST_CAPACITY = 1024

/** Tokens that the longest ring has room for when a text of `tokens` has been read. */
export function ringCapacity(windows: readonly number[], tokens: number): number {
  const most = longest(windows)
  if (most <= GROWING_FROM) return most
  let capacity = FIRST_CAPACITY
  while (capacity < tokens) capacity *= 2
  return Math.min(capacity, most)
}

function longest(windows: readonly number[]): number {
  return Math.max(1, ...windows)
}

/**
 * The GPU buffers of one sequence. The off-by-one that matters, stated once: at position p, token p − W has been
 * written to the slots before the read; the window is max(0, p − W + 1) … p.
 *
 * A window is a ring behind the S sinks: token j < S is in row j for good, any other in row S + (j − S) mod capacity. A
 * window that grows never wraps before it is as long as W. A sink leaves the window as others do, and is read all the same.
 */
export class SequenceState {
  position = 0
  layers: readonly LayerState[] = []
  readonly #config: ModelConfig
  readonly #options: SequenceOptions
  readonly #state: Account
  readonly #scratch: Account
  readonly #device: GPUDevice
  readonly #chunk: number
  #capacity = 0

  constructor(ledger: Ledger, config: ModelConfig, options: SequenceOptions, chunk: number) {
    this.#config = config
    this.#options = options
    this.#device = ledger.device
    this.#state = ledger.open('state')
    this.#scratch = ledger.open('scratch')
    this.#chunk = chunk
  }

  /** Bytes of window KV, gates and slots: what `stateBytes` counts. */
  get bytes(): number {
    return this.#state.bytes
  }

  /**
   * Make room for positions up to `tokens`; true when buffers changed and dispatches must be bound again.
   * Only a window longer than GROWING_FROM ever grows after the first call.
   *
   * @throws {EngineError} `out-of-memory`, or `chat-too-large` for what the device can bind; the state is then as before
   */
  async reserve(tokens: number): Promise<boolean> {
    if (this.hasRoom(tokens)) return false
    await this.#allocate(ringCapacity(this.#options.windows, tokens))
    return true
  }

  /** Whether `reserve(tokens)` would change nothing. */
  hasRoom(tokens: number): boolean {
    return this.layers.length > 0 && this.#capacity >= Math.min(tokens, longest(this.#options.windows))
  }

  /** The state's buffers, read back in order. */
  async save(): Promise<SavedState> {
    const { position } = this
    const buffers = this.#stateBuffers()
    const size = buffers.reduce((sum, buffer) => sum + buffer.size, 0)
    const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST
    const create = () => this.#scratch.create('saved_state', size, usage)
    const staging = await allocating(this.#device, 'a copy of the memory', size, create, [this.#scratch])
    try {
      const encoder = this.#device.createCommandEncoder({ label: 'save_state' })
      const offsets = new Map<GPUBuffer, number>()
      let offset = 0
      for (const buffer of buffers) {
        encoder.copyBufferToBuffer(buffer, 0, staging, offset, buffer.size)
        offsets.set(buffer, offset)
        offset += buffer.size
      }
      const { kvHeads, headDim, slots: count } = this.#config
      const slotBuffers = this.layers.flatMap(({ keySlots, valueSlots }) => [keySlots, valueSlots])
      this.#device.queue.submit([encoder.finish()])
      await staging.mapAsync(GPUMapMode.READ)
      const bytes = new Uint8Array(staging.getMappedRange().slice(0))
      const slots = slotBuffers.flatMap((buffer) => {
        const start = offsets.get(buffer)
        return start === undefined ? [] : [new Float32Array(bytes.buffer, start, kvHeads * headDim * count)]
      })
      return { position, bytes, slots }
    } finally {
      this.#scratch.destroy(staging)
    }
  }

  /**
   * Take over a saved state; `reserve(saved.position)` has been called.
   *
   * @throws {EngineError} `bad-request` when the sizes differ
   */
  restore(saved: SavedState): void {
    checkSaved(saved, this.bytes)
    let offset = 0
    for (const buffer of this.#stateBuffers()) {
      this.#device.queue.writeBuffer(buffer, 0, saved.bytes, offset, buffer.size)
      offset += buffer.size
    }
    this.position = saved.position
  }

  /** The buffers that `stateBytes` counts, in the order of a saved state. */
  #stateBuffers(): GPUBuffer[] {
    return this.layers.flatMap((layer) => [
      ...(this.#hasRing(layer) ? [layer.windowKeys, layer.windowValues] : []),
      ...(this.#hasRing(layer) && layer.usesSlots ? [layer.windowGates] : []),
      ...(layer.usesSlots ? [layer.keySlots, layer.valueSlots] : []),
    ])
  }

  /** With W = 0 and no sinks the token passes through one staging entry, which is no memory. */
  #hasRing({ window }: LayerState): boolean {
    return window > 0 || layerSinks(this.#config, window) > 0
  }

  dispose(): void {
    this.#state.close()
    this.#scratch.close()
    this.layers = []
  }

  async #allocate(capacity: number): Promise<void> {
    const { headDim, ropeFrequencies } = this.#config
    const before = this.layers
    const wanted = this.#windowBytes(capacity)
    const create = (): LayerState[] => {
      const rows = capacity + this.#chunk
      const table = createRopeTable(rows, headDim, Float64Array.from(ropeFrequencies))
      const attend = attendScratchBytes(this.#config, capacity + this.#config.sinks)
      const shared = {
        ropeTable: this.#create(this.#scratch, 'rope_table', table.byteLength),
        scores: this.#create(this.#scratch, 'attend_scores', attend.scores),
        partials: this.#create(this.#scratch, 'attend_partials', attend.partials),
      }
      this.#device.queue.writeBuffer(shared.ropeTable, 0, table)
      return this.#options.windows.map((window, i) =>
        this.#createLayer(i, window, Math.min(window, capacity), shared, before[i]),
      )
    }
    const accounts = [this.#state, this.#scratch]
    this.layers = await allocating(this.#device, 'conversation memory', wanted, create, accounts)
    this.#capacity = capacity
    this.#moveWindows(before)
    for (const name of SHARED) if (before[0]) this.#scratch.destroy(before[0][name])
  }

  /** @throws {EngineError} `chat-too-large`: the device cannot bind it whole */
  #create(account: Account, label: string, size: number): GPUBuffer {
    const { maxStorageBufferBindingSize, maxBufferSize } = this.#device.limits
    const mostBytes = Math.min(maxStorageBufferBindingSize, maxBufferSize)
    if (size > mostBytes) throw new EngineError({ code: 'chat-too-large', wantedBytes: size, mostBytes })
    return account.create(label, size)
  }

  #createLayer(
    index: number,
    window: number,
    capacity: number,
    shared: Pick<LayerState, (typeof SHARED)[number]>,
    before: LayerState | undefined,
  ): LayerState {
    const { kvHeads, headDim, slots } = this.#config
    const usesSlots =
      this.#options.slotsOn && this.#config.slotLayers[index] === true && window !== WINDOW_ALL
    const row = 2 * kvHeads * headDim
    const sinks = layerSinks(this.#config, window)
    const ring = window === 0 && sinks === 0 ? this.#scratch : this.#state
    const entries = Math.max(1, capacity) + sinks
    const slotSize = 4 * kvHeads * headDim * slots
    const slotAccount = usesSlots ? this.#state : this.#scratch
    const layer =
      before?.layer ??
      this.#scratch.create('layer', LAYER_BYTES, GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST)
    this.#device.queue.writeBuffer(layer, 0, Uint32Array.of(window, usesSlots ? 1 : 0, sinks))
    return {
      layer,
      window,
      usesSlots,
      windowKeys: this.#create(ring, 'window_keys', entries * row),
      windowValues: this.#create(ring, 'window_values', entries * row),
      windowGates: usesSlots
        ? this.#create(ring, 'window_gates', entries * kvHeads * 4 * Math.ceil(slots / 2))
        : this.#scratch.create('window_gates', UNUSED_BYTES),
      keySlots:
        before?.keySlots ??
        slotAccount.create('key_slots', usesSlots ? 4 * keySlotSize(this.#config) : UNUSED_BYTES),
      valueSlots:
        before?.valueSlots ?? slotAccount.create('value_slots', usesSlots ? slotSize : UNUSED_BYTES),
      ...shared,
    }
  }

  /** Copy the rings that grew. Nothing has wrapped yet, so a ring's content is its beginning. */
  #moveWindows(before: readonly LayerState[]): void {
    if (before.length === 0) return
    const encoder = this.#device.createCommandEncoder({ label: 'grow_window' })
    const rings = ['windowKeys', 'windowValues', 'windowGates'] as const
    for (const [i, old] of before.entries()) {
      for (const ring of rings) {
        const target = this.layers[i]?.[ring]
        if (target) encoder.copyBufferToBuffer(old[ring], 0, target, 0, Math.min(old[ring].size, target.size))
      }
    }
    this.#device.queue.submit([encoder.finish()])
    for (const old of before) {
      for (const ring of rings) {
        this.#state.destroy(old[ring])
        this.#scratch.destroy(old[ring])
      }
    }
  }

  #windowBytes(capacity: number): number {
    const { kvHeads, headDim, slots, layers, sinks } = this.#config
    return layers * kvHeads * ((capacity + sinks) * (2 * headDim + slots) * 2 + 2 * slots * headDim * 4)
  }
}
