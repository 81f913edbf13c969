import { type AttentionShape, windowBytes } from '../../kernels/attention-shape.ts'
import { createEmbed } from '../../kernels/embed.ts'
import { createGemv } from '../../kernels/gemv.ts'
import { type Dispatch, STEP_BYTES } from '../../kernels/kernel.ts'
import { createRmsNorm } from '../../kernels/rms-norm.ts'
import { slotPrefillBytes } from '../../kernels/slot-scores-prefill.ts'
import { EngineError, type EngineFailure } from '../errors.ts'
import type { Candidates } from '../text/sampler.ts'
import type { Checkpoint } from './checkpoint.ts'
import type { ModelConfig } from './config.ts'
import { allocating } from './gpu.ts'
import {
  type ChunkScratch,
  type LayerKernels,
  type LayerState,
  type Scratch,
  bindDecode,
  bindPrefill,
  createLayerKernels,
} from './layer.ts'
import { Ledger } from './ledger.ts'
import { createLogitsReader, type LogitsReader } from './logits-reader.ts'
import { SequenceState } from './sequence-state.ts'
import type { Model, SavedState, Sequence, SequenceOptions } from './sequence.ts'
import { type ModelWeights, uploadWeights } from './weights.ts'

/** Tokens per prefill submission. Fixed, so that the same text always meets the same chunks. */
const CHUNK = 128

/** Bytes of a buffer that a kernel binds and never reads: one vec4. */
const UNUSED = 16

export interface GpuModelOptions {
  readonly device: GPUDevice
  readonly lost: Promise<EngineFailure>
  readonly config: ModelConfig
  readonly checkpoint: Checkpoint
  readonly onProgress: (phase: 'upload' | 'compile', loaded: number, total: number) => void
}

/**
 * A model on the GPU: weights uploaded, every pipeline compiled, every scratch buffer made.
 *
 * @throws {EngineError} `bad-weights`, `out-of-memory`; nothing stays on the GPU then
 */
export async function createGpuModel(options: GpuModelOptions): Promise<Model & { readonly ledger: Ledger }> {
  const { device, config, checkpoint, onProgress } = options
  const ledger = new Ledger(device)
  const weightAccount = ledger.open('weights')
  const scratchAccount = ledger.open('scratch')
  try {
    const weights = await uploadWeights(weightAccount, device, config, checkpoint, (loaded, total) => {
      onProgress('upload', loaded, total)
    })
    const kernels = await compileLayers(device, config, weights, (loaded, total) => {
      onProgress('compile', loaded, total)
    })
    const scratch = await createScratch(ledger, scratchAccount, config, weights)
    const ends = await bindEnds(device, config, weights, scratch)
    const reader = await createLogitsReader(device, scratchAccount, scratch.logits, config.vocabSize)
    const parts: Parts = { ledger, config, weights, kernels, scratch, ends, reader, lost: options.lost }
    return {
      config,
      ledger,
      get weightBytes() {
        return ledger.bytes('weights')
      },
      get scratchBytes() {
        return ledger.bytes('scratch')
      },
      chunkTokens: CHUNK,
      createSequence: (sequence, saved) => GpuSequence.create(parts, sequence, saved),
      dispose: () => {
        weightAccount.close()
        scratchAccount.close()
      },
    }
  } catch (error) {
    weightAccount.close()
    scratchAccount.close()
    throw error
  }
}

interface ModelScratch {
  readonly decode: Scratch
  readonly prefill: ChunkScratch
  /** f32 [V] */
  readonly logits: GPUBuffer
}

interface Ends {
  readonly embedOne: Dispatch
  readonly embedMany: Dispatch
  /** final norm and head, on the decode set's residual */
  readonly head: readonly Dispatch[]
}

interface Parts {
  readonly ledger: Ledger
  readonly config: ModelConfig
  readonly weights: ModelWeights
  /** with slots and without, per layer */
  readonly kernels: readonly { readonly nha: LayerKernels; readonly windowOnly: LayerKernels }[]
  readonly scratch: ModelScratch
  readonly ends: Ends
  readonly reader: LogitsReader
  readonly lost: Promise<EngineFailure>
}

class GpuSequence implements Sequence {
  readonly #parts: Parts
  readonly #state: SequenceState
  readonly #step = new Uint32Array(STEP_BYTES / 4)
  readonly #token = new Uint32Array(1)
  #decode: readonly Dispatch[] = []
  #prefill: readonly Dispatch[] = []

  static async create(parts: Parts, options: SequenceOptions, saved?: SavedState): Promise<GpuSequence> {
    const sequence = new GpuSequence(parts, options)
    try {
      await sequence.#reserve(saved?.position ?? 1)
      if (saved) sequence.#state.restore(saved)
    } catch (error) {
      sequence.dispose()
      throw error
    }
    return sequence
  }

  private constructor(parts: Parts, options: SequenceOptions) {
    this.#parts = parts
    this.#state = new SequenceState(parts.ledger, parts.config, options, CHUNK)
  }

  get position(): number {
    return this.#state.position
  }

  get stateBytes(): number {
    return this.#state.bytes
  }

  get layers(): readonly LayerState[] {
    return this.#state.layers
  }

  async prefill(tokens: readonly number[], wanted: number): Promise<Candidates> {
    for (let start = 0; start + CHUNK < tokens.length; start += CHUNK) {
      await this.#readChunk(tokens.slice(start, start + CHUNK))
      await this.#settled(this.#parts.ledger.device.queue.onSubmittedWorkDone())
    }
    const last = tokens.length - 1
    await this.#readChunk(tokens.slice(last - (last % CHUNK)))
    const { scratch, ends, config, reader, ledger } = this.#parts
    const encoder = ledger.device.createCommandEncoder({ label: 'head' })
    const row = 4 * config.hiddenSize
    encoder.copyBufferToBuffer(
      scratch.prefill.residual,
      row * (last % CHUNK),
      scratch.decode.residual,
      0,
      row,
    )
    const pass = encoder.beginComputePass({ label: 'head' })
    for (const dispatch of ends.head) dispatch.encode(pass, 1)
    reader.encode(pass, wanted)
    pass.end()
    return this.#read(encoder, wanted)
  }

  async decode(token: number, wanted: number): Promise<Candidates> {
    const { device } = this.#parts.ledger
    const { scratch, ends, reader } = this.#parts
    await this.#reserve(this.#state.position + 1)
    this.#writeStep(1)
    this.#token[0] = token
    device.queue.writeBuffer(scratch.decode.tokens, 0, this.#token)
    const encoder = device.createCommandEncoder({ label: 'decode' })
    const pass = encoder.beginComputePass({ label: 'decode' })
    ends.embedOne.encode(pass, 1)
    for (const dispatch of this.#decode) dispatch.encode(pass, 1)
    for (const dispatch of ends.head) dispatch.encode(pass, 1)
    reader.encode(pass, wanted)
    pass.end()
    const candidates = await this.#read(encoder, wanted)
    this.#state.position++
    return candidates
  }

  save(): Promise<SavedState> {
    return this.#settled(this.#state.save())
  }

  dispose(): void {
    this.#state.dispose()
  }

  async #readChunk(tokens: readonly number[]): Promise<void> {
    const { device } = this.#parts.ledger
    const { scratch, ends } = this.#parts
    await this.#reserve(this.#state.position + tokens.length)
    this.#writeStep(tokens.length)
    device.queue.writeBuffer(scratch.prefill.tokens, 0, Uint32Array.from(tokens))
    const encoder = device.createCommandEncoder({ label: 'prefill' })
    const pass = encoder.beginComputePass({ label: 'prefill' })
    ends.embedMany.encode(pass, tokens.length)
    for (const dispatch of this.#prefill) dispatch.encode(pass, tokens.length)
    pass.end()
    device.queue.submit([encoder.finish()])
    this.#state.position += tokens.length
  }

  #writeStep(tokens: number): void {
    this.#step[0] = this.#state.position
    this.#step[1] = tokens
    this.#parts.ledger.device.queue.writeBuffer(this.#parts.scratch.decode.step, 0, this.#step)
  }

  async #reserve(tokens: number): Promise<void> {
    if (!(await this.#state.reserve(tokens))) return
    const { kernels, weights, scratch } = this.#parts
    const bind = <S>(
      set: S,
      one: (
        kernels: LayerKernels,
        weights: ModelWeights['layers'][number],
        set: S,
        state: LayerState,
      ) => Dispatch[],
    ): Dispatch[] =>
      this.#state.layers.flatMap((state, i) => {
        const layer = kernels[i]
        const layerWeights = weights.layers[i]
        if (!layer || !layerWeights) throw new Error(`layer ${i} has no kernels or weights`)
        return one(state.usesSlots ? layer.nha : layer.windowOnly, layerWeights, set, state)
      })
    this.#decode = bind(scratch.decode, bindDecode)
    this.#prefill = bind(scratch.prefill, bindPrefill)
  }

  async #read(encoder: GPUCommandEncoder, wanted: number): Promise<Candidates> {
    const { reader } = this.#parts
    const candidates = await this.#settled(reader.read(encoder, wanted))
    for (let i = 0; i < candidates.count; i++) {
      if (!Number.isFinite(candidates.logits[i])) {
        throw new EngineError({ code: 'bad-logits', position: this.#state.position })
      }
    }
    return candidates
  }

  /** A promise of the GPU, which a lost device would otherwise leave hanging or reject in its own words. */
  async #settled<T>(work: Promise<T>): Promise<T> {
    const lost = this.#parts.lost.then((failure) => {
      throw new EngineError(failure)
    })
    try {
      return await Promise.race([work, lost])
    } catch (error) {
      if (error instanceof EngineError) throw error
      // A lost device rejects mapAsync before its own promise resolves.
      const soon = new Promise<never>((_, reject) => setTimeout(() => reject(error as Error), 100))
      return await Promise.race([lost, soon])
    }
  }
}

async function compileLayers(
  device: GPUDevice,
  config: ModelConfig,
  weights: ModelWeights,
  onProgress: (loaded: number, total: number) => void,
): Promise<Parts['kernels']> {
  const cache = new Map<string, Promise<LayerKernels>>()
  const compiled = (
    layer: ModelWeights['layers'][number],
    attention: AttentionShape,
  ): Promise<LayerKernels> => {
    const key = JSON.stringify([
      attention,
      layer.projections.shape,
      layer.output.shape,
      layer.gateUp.shape,
      layer.down.shape,
    ])
    const found = cache.get(key) ?? createLayerKernels(device, config, layer, attention)
    cache.set(key, found)
    return found
  }
  let done = 0
  return Promise.all(
    weights.layers.map(async (layer, i) => {
      const { queryHeads, kvHeads, headDim, gateNormalizer, maskEmptySlots } = config
      const rowSize = layer.projections.shape.rows
      const shape = { queryHeads, kvHeads, headDim, rowSize, gateNormalizer, maskEmptySlots }
      const [nha, windowOnly] = await Promise.all([
        compiled(layer, { ...shape, slots: config.slotLayers[i] ? config.slots : 0 }),
        compiled(layer, { ...shape, slots: 0 }),
      ])
      onProgress(++done, config.layers)
      return { nha, windowOnly }
    }),
  )
}

async function createScratch(
  ledger: Ledger,
  account: ReturnType<Ledger['open']>,
  config: ModelConfig,
  weights: ModelWeights,
): Promise<ModelScratch> {
  const { hiddenSize, mlpSize, queryHeads, kvHeads, headDim, slots, vocabSize } = config
  const rowSize = Math.max(...weights.layers.map((layer) => layer.projections.shape.rows))
  const chunk = windowBytes({ kvHeads, headDim, slots }, CHUNK)
  const prefill = slotPrefillBytes({ queryHeads, kvHeads, slots }, CHUNK)
  const row = 3 * hiddenSize + rowSize + queryHeads * headDim + 3 * mlpSize
  return allocating(ledger.device, 'working memory', 4 * row * CHUNK, () => {
    const step = account.create('step', STEP_BYTES, GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST)
    const set = (tokens: number): Scratch => ({
      step,
      tokens: account.create('tokens', 4 * tokens),
      residual: account.create('residual', 4 * tokens * hiddenSize),
      normed: account.create('normed', 4 * tokens * hiddenSize),
      projections: account.create('projections', 4 * tokens * rowSize),
      attended: account.create('attended', 4 * tokens * queryHeads * headDim),
      gateUp: account.create('gate_up', 4 * tokens * 2 * mlpSize),
      activated: account.create('activated', 4 * tokens * mlpSize),
    })
    return {
      decode: set(1),
      prefill: {
        ...set(CHUNK),
        chunkKeys: account.create('chunk_keys', chunk.keys),
        chunkValues: account.create('chunk_values', chunk.values),
        chunkGates: account.create('chunk_gates', chunk.gates || UNUSED),
        slotShares: account.create('slot_shares', prefill.slotShares || UNUSED),
        slotWeights: account.create('slot_weights', prefill.slotWeights || UNUSED),
      },
      logits: account.create('logits', 4 * vocabSize),
    }
  })
}

async function bindEnds(
  device: GPUDevice,
  config: ModelConfig,
  weights: ModelWeights,
  { decode, prefill, logits }: ModelScratch,
): Promise<Ends> {
  const [embed, norm, head] = await Promise.all([
    createEmbed(device, weights.embedding.shape),
    createRmsNorm(device, { size: config.hiddenSize, epsilon: config.normEpsilon }),
    createGemv(device, weights.head.shape, { bias: false, accumulate: false }),
  ])
  const table = weights.embedding
  const { step, residual, normed } = decode
  return {
    embedOne: embed.bind({ step, tokens: decode.tokens, table, residual }),
    embedMany: embed.bind({ step, tokens: prefill.tokens, table, residual: prefill.residual }),
    head: [
      norm.bind({ input: residual, weight: weights.finalNorm, output: normed }),
      head.bind({ matrix: weights.head, input: normed, bias: null, output: logits }),
    ],
  }
}
