import { type Dispatch, STEP_BYTES } from '../../kernels/kernel.ts'
import { EngineError, type EngineFailure } from '../errors.ts'
import { KeptAttention } from '../inspect/kept-attention.ts'
import type { TokenAttention } from '../inspect/token-attention.ts'
import type { Candidates } from '../text/sampler.ts'
import type { ModelConfig } from './config.ts'
import type { KernelCache } from './kernel-cache.ts'
import {
  bindDecode,
  bindPrefill,
  type ChunkScratch,
  createLayerKernels,
  type LayerState,
  type TokenScratch,
} from './layer.ts'
import type { Ledger } from './ledger.ts'
import type { LogitsReader } from './logits-reader.ts'
import type { PacedQueue } from './paced-queue.ts'
import { PipelinedDecode } from './pipelined-decode.ts'
import { SequenceState } from './sequence-state.ts'
import type { SavedState, Sequence, SequenceOptions } from './sequence.ts'
import type { ModelWeights } from './weights.ts'

/** Tokens that prefill reads at once. Fixed, so that the same text always meets the same chunks. */
export const CHUNK = 128
/**
 * Tokens handed over at once where the processor is the GPU: half as many take little longer there, a whole chunk is
 * 215 ms of Pocket, and Stop is looked at between two.
 */
export const CHUNK_ON_CPU = 64

/** Buffers of a model that every sequence works in, one call at a time. */
export interface ModelScratch {
  readonly decode: TokenScratch
  readonly prefill: ChunkScratch
  /** f32 [V] */
  readonly logits: GPUBuffer
  /** uniform u32 [16] */
  readonly endsOfTurn: GPUBuffer
}

/** What stands before the first layer and after the last, bound. */
export interface Ends {
  readonly embedOne: Dispatch
  readonly embedMany: Dispatch
  /** weighs the decode set's residual for the first layer's norm: after embedOne */
  readonly weighFirst: Dispatch
  /** weighs it for the final norm, where no layer of decode has done so */
  readonly weighLast: Dispatch
  /** final norm and head, on what was weighed */
  readonly head: Dispatch
}

/** By layer: where prefill also leaves what the layer's first norm gives, f32 [CHUNK, C]. */
export type Taps = ReadonlyMap<number, GPUBuffer>

/** What makes the likeliest token the one that the next step reads. */
export interface Feed {
  /** tokens that end a turn: they are not read */
  readonly ends: readonly number[]
  readonly dispatch: Dispatch
}

/** What the sequences of one model share. */
export interface Parts {
  readonly ledger: Ledger
  readonly config: ModelConfig
  readonly weights: ModelWeights
  readonly cache: KernelCache
  readonly scratch: ModelScratch
  readonly ends: Ends
  readonly reader: LogitsReader
  /** for prefill, which may take long */
  readonly queue: PacedQueue
  readonly lost: Promise<EngineFailure>
  /** `null` where no token is read ahead */
  readonly feed: Feed | null
  /** the sequence that ran last: scratch holds what it left */
  readonly newest: { sequence: GpuSequence | null }
}

/** A sequence on the GPU: 6 and 7 of the road. */
export class GpuSequence implements Sequence {
  readonly #parts: Parts
  readonly #state: SequenceState
  readonly #step = new Uint32Array(STEP_BYTES / 4)
  readonly #token = new Uint32Array(1)
  readonly #taps: Taps
  #decode: readonly Dispatch[] = []
  /** made when a token is first read ahead */
  #pipelined: PipelinedDecode | null = null
  /** the next decode, recorded while the GPU works on this one: the token and its position are written before it runs */
  #recorded: { readonly wanted: number; readonly commands: GPUCommandBuffer } | null = null
  #prefill: readonly Dispatch[] = []
  /** while the inspector is open */
  #kept: KeptAttention | null = null
  /** tokens of the last chunk that was read since then; 0 after a decode */
  #lastChunk: number | null = null

  static async create(
    parts: Parts,
    options: SequenceOptions,
    saved?: SavedState,
    taps: Taps = new Map(),
  ): Promise<GpuSequence> {
    const sequence = new GpuSequence(parts, options, taps)
    try {
      await sequence.#reserve(saved?.position ?? 1)
      if (saved) sequence.#state.restore(saved)
    } catch (error) {
      sequence.dispose()
      throw error
    }
    return sequence
  }

  private constructor(parts: Parts, options: SequenceOptions, taps: Taps) {
    this.#parts = parts
    this.#taps = taps
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

  get isAhead(): boolean {
    return this.#pipelined?.isAhead ?? false
  }

  async prefill(tokens: readonly number[], wanted: number): Promise<Candidates> {
    this.#mustNotBeAhead()
    const { scratch, ends, config, reader, ledger } = this.#parts
    await Promise.all([this.#readChunks(tokens), this.#settled(reader.prepare(wanted))])
    const last = tokens.length - 1
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
    ends.weighLast.encode(pass, 1)
    ends.head.encode(pass, 1)
    reader.encode(pass, wanted)
    pass.end()
    return this.#checked(reader.read(reader.finish(encoder, wanted), wanted))
  }

  async decode(token: number, wanted: number, goOn = false): Promise<Candidates> {
    await this.#reserve(this.#state.position + 1)
    await this.#settled(this.#parts.reader.prepare(wanted))
    const { feed } = this.#parts
    const next = goOn && wanted <= 1 ? feed : null
    try {
      const pipelined = next || this.isAhead ? await this.#readyAhead() : null
      const reading = pipelined ? this.#decodeAhead(pipelined, token, next) : this.#decodeOne(token, wanted)
      const candidates = await this.#checked(reading)
      // The step that is ahead has found out by itself that there is nothing to read.
      if (feed?.ends.includes(candidates.ids[0]!)) this.#pipelined?.drop()
      this.#state.position++
      this.#lastChunk = 0
      return candidates
    } catch (error) {
      this.#pipelined?.drop()
      throw error
    }
  }

  async inspect(open: boolean): Promise<void> {
    this.#mustNotBeAhead()
    if (open === (this.#kept !== null)) return
    const { ledger, config, scratch } = this.#parts
    const before = this.#kept
    this.#kept = open ? new KeptAttention(ledger, config, scratch.prefill, CHUNK) : null
    this.#lastChunk = null
    try {
      await this.#bind()
    } catch (error) {
      this.#kept?.close()
      this.#kept = null
      throw error
    }
    before?.close()
  }

  async attention(): Promise<TokenAttention | null> {
    if (!this.#kept || this.#lastChunk === null) return null
    const newest = this.position - 1
    const chunk = this.#lastChunk
    return this.#settled(chunk === 0 ? this.#kept.ofDecode(newest) : this.#kept.ofPrefill(newest, chunk))
  }

  async slotWrites(): Promise<readonly Float32Array[] | null> {
    return this.#kept && this.#lastChunk ? this.#settled(this.#kept.writes(this.#lastChunk)) : null
  }

  save(): Promise<SavedState> {
    this.#mustNotBeAhead()
    return this.#settled(this.#state.save())
  }

  dispose(): void {
    this.#recorded = null
    this.#kept?.close()
    this.#pipelined?.close()
    this.#state.dispose()
  }

  /** Wait for the token's own result, with the next one recorded meanwhile. */
  #decodeOne(token: number, wanted: number): Promise<Candidates> {
    const { reader } = this.#parts
    this.#writeToken(token)
    const commands = this.#recorded?.wanted === wanted ? this.#recorded.commands : this.#recordDecode(wanted)
    const reading = reader.read(commands, wanted)
    this.#recorded = { wanted, commands: this.#recordDecode(wanted) }
    return reading
  }

  /** The result of this token, which may have been read already; behind it the GPU is given the step of the next one. */
  #decodeAhead(pipelined: PipelinedDecode, token: number, next: Feed | null): Promise<Candidates> {
    if (!pipelined.isAhead) this.#writeToken(token)
    const reading = pipelined.take() ?? pipelined.submit()
    // Where the memory has to grow, or another sequence has been in between, the next token is written by the host.
    const mayGoAhead = this.#parts.newest.sequence === this && this.#state.hasRoom(this.#state.position + 2)
    if (next && mayGoAhead) pipelined.goAhead(next.dispatch)
    return reading
  }

  async #readyAhead(): Promise<PipelinedDecode> {
    const { ledger, reader } = this.#parts
    const encode = (pass: GPUComputePassEncoder) => this.#encodeDecode(pass, 1)
    this.#pipelined ??= await PipelinedDecode.create(ledger, encode, reader.best)
    await this.#pipelined.ready()
    return this.#pipelined
  }

  #mustNotBeAhead(): void {
    if (this.isAhead) throw new Error('a token that was read ahead has not been taken')
  }

  #recordDecode(wanted: number): GPUCommandBuffer {
    const { reader, ledger } = this.#parts
    const encoder = ledger.device.createCommandEncoder({ label: 'decode' })
    const pass = encoder.beginComputePass({ label: 'decode' })
    this.#encodeDecode(pass, wanted)
    pass.end()
    return reader.finish(encoder, wanted)
  }

  #encodeDecode(pass: GPUComputePassEncoder, wanted: number): void {
    const { ends, reader } = this.#parts
    ends.embedOne.encode(pass, 1)
    ends.weighFirst.encode(pass, 1)
    for (const dispatch of this.#decode) dispatch.encode(pass, 1)
    ends.head.encode(pass, 1)
    reader.encode(pass, wanted)
  }

  async #readChunks(tokens: readonly number[]): Promise<void> {
    for (let start = 0; start + CHUNK < tokens.length; start += CHUNK) {
      await this.#readChunk(tokens.slice(start, start + CHUNK))
    }
    const last = tokens.length - 1
    await this.#readChunk(tokens.slice(last - (last % CHUNK)))
  }

  async #readChunk(tokens: readonly number[]): Promise<void> {
    const { device } = this.#parts.ledger
    const { scratch, queue } = this.#parts
    await this.#reserve(this.#state.position + tokens.length)
    this.#writeStep(tokens.length)
    device.queue.writeBuffer(scratch.prefill.tokens, 0, Uint32Array.from(tokens))
    await this.#settled(queue.submit('prefill', this.#prefill, tokens.length))
    this.#state.position += tokens.length
    this.#lastChunk = tokens.length
  }

  #writeToken(token: number): void {
    const { scratch, ledger } = this.#parts
    this.#writeStep(1)
    this.#token[0] = token
    ledger.device.queue.writeBuffer(scratch.decode.tokens, 0, this.#token)
  }

  #writeStep(tokens: number): void {
    this.#parts.newest.sequence = this
    this.#step[0] = this.#state.position
    this.#step[1] = tokens
    this.#parts.ledger.device.queue.writeBuffer(this.#parts.scratch.decode.step, 0, this.#step)
  }

  async #reserve(tokens: number): Promise<void> {
    if (await this.#state.reserve(tokens)) await this.#bind()
  }

  async #bind(): Promise<void> {
    await this.#kept?.bind(this.#state.layers)
    const { cache, config, weights, scratch, ends } = this.#parts
    const layers = await Promise.all(
      this.#state.layers.map(async (state, i) => {
        const layer = weights.layers[i]
        if (!layer) throw new Error(`layer ${i} has no weights`)
        const slots = state.usesSlots ? config.slots : 0
        return { kernels: await createLayerKernels(cache, config, layer, slots), layer, state }
      }),
    )
    this.#recorded = null
    this.#decode = layers.flatMap(({ kernels, layer, state }, i) => {
      const nextNorm = weights.layers[i + 1]?.inputNorm ?? weights.finalNorm
      return bindDecode(kernels, layer, scratch.decode, this.#kept?.stateOf(i) ?? state, nextNorm)
    })
    this.#prefill = [
      ends.embedMany,
      ...layers.flatMap(({ kernels, layer, state }, i) => {
        const tap = this.#taps.get(i)
        const { residual } = scratch.prefill
        return [
          ...(tap ? [kernels.norm.bind({ input: residual, weight: layer.inputNorm, output: tap })] : []),
          ...bindPrefill(kernels, layer, this.#kept?.chunkOf(i) ?? scratch.prefill, state),
        ]
      }),
    ]
  }

  async #checked(reading: Promise<Candidates>): Promise<Candidates> {
    const candidates = await this.#settled(reading)
    for (let i = 0; i < candidates.count; i++) {
      if (!Number.isFinite(candidates.logits[i])) {
        throw new EngineError({ code: 'bad-logits', position: this.#state.position })
      }
    }
    return candidates
  }

  /** Work of the GPU; when it fails because the device is lost, the failure is that. */
  async #settled<T>(work: Promise<T>): Promise<T> {
    try {
      return await work
    } catch (error) {
      // mapAsync rejects a moment before the device says that it is lost.
      const moment = new Promise<null>((resolve) => setTimeout(() => resolve(null), 100))
      const failure = await Promise.race([this.#parts.lost, moment])
      throw failure ? new EngineError(failure) : error
    }
  }
}
