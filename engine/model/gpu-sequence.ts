import { type Dispatch, STEP_BYTES } from '../../kernels/kernel.ts'
import { EngineError } from '../errors.ts'
import { KeptAttention } from '../inspect/kept-attention.ts'
import type { TokenAttention } from '../inspect/token-attention.ts'
import type { Candidates, Draw } from '../text/sampler.ts'
import { bindDecode, bindPrefill, createLayerKernels, type LayerState } from './layer.ts'
import { type Selection, TOP } from './logits-reader.ts'
import type { Parts, Taps } from './parts.ts'
import { PipelinedDecode } from './pipelined-decode.ts'
import { SequenceState } from './sequence-state.ts'
import type { Next, SavedState, Sequence, SequenceOptions } from './sequence.ts'

/** Tokens that prefill reads at once. Fixed, so that the same text always meets the same chunks. */
export const CHUNK = 128
/**
 * Tokens handed over at once where the processor is the GPU: half as many take little longer there, a whole chunk is
 * 215 ms of Pocket, and Stop is looked at between two.
 */
export const CHUNK_ON_CPU = 64

/** A sequence on the GPU: 6 and 7 of the road. */
export class GpuSequence implements Sequence {
  readonly #parts: Parts
  readonly #state: SequenceState
  readonly #step = new Uint32Array(STEP_BYTES / 4)
  readonly #token = new Uint32Array(1)
  readonly #taps: Taps
  #decode: readonly Dispatch[] = []
  #pipelined: PipelinedDecode | null = null
  /** the next decode, recorded while the GPU works on this one: the token and its position are written before it runs */
  #recorded: { readonly selection: Selection; readonly commands: GPUCommandBuffer } | null = null
  /** of the steps that read ahead */
  #selection: Selection = 1
  #prefill: readonly Dispatch[] = []
  /** to the buffers of the state as they are now */
  #isBound = false
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
      await sequence.#makePipeline()
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

  async prefill(tokens: readonly number[], wanted: number, next: Next = {}): Promise<Candidates> {
    this.#mustNotBeAhead()
    const { scratch, ends, config, reader, ledger } = this.#parts
    const selection = selectionOf(wanted, next.draw)
    await Promise.all([this.#readChunks(tokens), this.#settled(reader.prepare(selection))])
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
    reader.encode(pass, selection)
    pass.end()
    this.#writeDraw(next, 0)
    return this.#checked(reader.read(reader.finish(encoder, selection), selection))
  }

  async decode(token: number, wanted: number, next: Next = {}): Promise<Candidates> {
    await this.#reserve(this.#state.position + 1)
    const selection = selectionOf(wanted, next.draw)
    await this.#settled(this.#parts.reader.prepare(selection))
    const { feed } = this.#parts
    const isOne = selection === 'drawn' || selection <= 1
    try {
      const goesAhead = next.goOn && isOne && feed !== null
      const pipelined = goesAhead || this.isAhead ? this.#pipelined : null
      await pipelined?.ready()
      this.#selection = selection
      const reading = pipelined
        ? this.#decodeAhead(pipelined, token, next)
        : this.#decodeOne(token, selection, next)
      const candidates = await this.#checked(reading)
      // The step that is ahead has found out by itself that there is nothing to read.
      const [found] = candidates.ids
      if (found !== undefined && feed?.ends.includes(found)) this.#pipelined?.drop()
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
  #decodeOne(token: number, selection: Selection, next: Next): Promise<Candidates> {
    const { reader } = this.#parts
    this.#writeToken(token)
    this.#writeDraw(next, 0)
    const recorded = this.#recorded?.selection === selection ? this.#recorded.commands : null
    const commands = recorded ?? this.#recordDecode(selection)
    const reading = reader.read(commands, selection)
    this.#recorded = { selection, commands: this.#recordDecode(selection) }
    return reading
  }

  /** The result of this token, which may have been read already; behind it the GPU is given the step of the next one. */
  #decodeAhead(pipelined: PipelinedDecode, token: number, next: Next): Promise<Candidates> {
    const { feed, newest } = this.#parts
    if (!pipelined.isAhead) {
      this.#writeToken(token)
      this.#writeDraw(next, 0)
    }
    const reading = pipelined.take() ?? pipelined.submit()
    // Where the memory has to grow, or another sequence has been in between, the next token is written by the host.
    if (next.goOn && feed && newest.sequence === this && this.#state.hasRoom(this.#state.position + 2)) {
      this.#writeDraw(next, 1)
      pipelined.goAhead(feed.dispatch)
    }
    return reading
  }

  async #makePipeline(): Promise<void> {
    const { ledger, reader } = this.#parts
    const encode = (pass: GPUComputePassEncoder) => this.#encodeDecode(pass, this.#selection)
    this.#pipelined = await PipelinedDecode.create(ledger, encode, reader.best)
  }

  #mustNotBeAhead(): void {
    if (this.isAhead) throw new Error('a token that was read ahead has not been taken')
  }

  #recordDecode(selection: Selection): GPUCommandBuffer {
    const { reader, ledger } = this.#parts
    const encoder = ledger.device.createCommandEncoder({ label: 'decode' })
    const pass = encoder.beginComputePass({ label: 'decode' })
    this.#encodeDecode(pass, selection)
    pass.end()
    return reader.finish(encoder, selection)
  }

  #encodeDecode(pass: GPUComputePassEncoder, selection: Selection): void {
    const { ends, reader } = this.#parts
    ends.embedOne.encode(pass, 1)
    ends.weighFirst.encode(pass, 1)
    for (const dispatch of this.#decode) dispatch.encode(pass, 1)
    ends.head.encode(pass, 1)
    reader.encode(pass, selection)
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

  /** For the token that this call finds, or the one after it. */
  #writeDraw({ draw, nth = 0 }: Next, after: 0 | 1): void {
    if (draw) this.#parts.reader.writeDraw(draw, draw.number(nth + after))
  }

  #writeStep(tokens: number): void {
    this.#parts.newest.sequence = this
    this.#step[0] = this.#state.position
    this.#step[1] = tokens
    this.#parts.ledger.device.queue.writeBuffer(this.#parts.scratch.decode.step, 0, this.#step)
  }

  async #reserve(tokens: number): Promise<void> {
    if (await this.#state.reserve(tokens)) this.#isBound = false
    if (!this.#isBound) await this.#bind()
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
    this.#isBound = true
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

  /** Work of the GPU; when it fails, or cannot be believed, because the device is lost, the failure is that. */
  async #settled<T>(work: Promise<T>): Promise<T> {
    try {
      const result = await work
      const { failure } = this.#parts.fate
      if (failure) throw new EngineError(failure)
      return result
    } catch (error) {
      // mapAsync rejects a moment before the device says that it is lost.
      const moment = new Promise<null>((resolve) => setTimeout(() => resolve(null), 100))
      const failure = await Promise.race([this.#parts.lost, moment])
      throw failure ? new EngineError(failure) : error
    }
  }
}

/** Whoever wants more than the GPU selects draws on the host. */
function selectionOf(wanted: number, draw: Draw | null | undefined): Selection {
  return draw && wanted > 1 && wanted <= TOP ? 'drawn' : wanted
}
