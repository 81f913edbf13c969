import type { Dispatch } from '../../kernels/kernel.ts'
import type { Candidates } from '../text/sampler.ts'
import { allocating } from './gpu.ts'
import type { Account, Ledger } from './ledger.ts'

/** A u32 id and the bits of its f32 logit: what argmax and draw_token leave. */
const BEST_BYTES = 8

/** Bytes of the buffers of a sequence that reads ahead. */
export const PIPELINE_BYTES = 2 * BEST_BYTES

/** Where a step's result is brought. */
interface Place {
  readonly staging: GPUBuffer
  readonly result: Candidates
}

type Encode = (pass: GPUComputePassEncoder) => void

/**
 * Decode of one sequence whose tokens the GPU chooses, and whose results come back late: while the host still waits for a
 * token, the GPU has been given the step that reads it (`feed_token`), so between two tokens it never waits for the host.
 *
 * At most one step is ahead. Its token is known to the host before its own result is, and a token that ends the turn is
 * read by nobody. Results lie in two buffers in turn; nothing is allocated on the GPU for a token.
 */
export class PipelinedDecode {
  readonly #device: GPUDevice
  readonly #account: Account
  readonly #encode: Encode
  readonly #best: GPUBuffer
  /** where the next step's result is brought, and the one after */
  #place: Place
  #other: Place
  /** the result of the step that is ahead */
  #ahead: Promise<Candidates> | null = null
  /** a step that read nothing, since the turn had ended */
  #idle: Promise<unknown> = Promise.resolve()

  /**
   * @param encode records the dispatches of one token, what chooses the next among them
   * @param best what that leaves
   * @throws {EngineError} `out-of-memory`
   */
  static async create(ledger: Ledger, encode: Encode, best: GPUBuffer): Promise<PipelinedDecode> {
    const account = ledger.open('scratch')
    try {
      return await allocating(ledger.device, 'working memory', PIPELINE_BYTES, () => {
        return new PipelinedDecode(ledger.device, account, encode, best)
      })
    } catch (error) {
      account.close()
      throw error
    }
  }

  private constructor(device: GPUDevice, account: Account, encode: Encode, best: GPUBuffer) {
    this.#device = device
    this.#account = account
    this.#encode = encode
    this.#best = best
    const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST
    const place = (): Place => ({
      staging: account.create('readback_best', BEST_BYTES, usage),
      result: { ids: new Uint32Array(1), logits: new Float32Array(1), count: 1 },
    })
    this.#place = place()
    this.#other = place()
  }

  /** A token has been read that the caller has not handed over yet. */
  get isAhead(): boolean {
    return this.#ahead !== null
  }

  /** The buffers are free again when what was ahead of an earlier turn is done. */
  async ready(): Promise<void> {
    await this.#idle
  }

  /** Submit a step whose token the host has written. */
  submit(): Promise<Candidates> {
    return this.#run(null)
  }

  /** Submit the step that reads what the last one finds. */
  goAhead(feed: Dispatch): void {
    this.#ahead = this.#run(feed)
    // Who takes it is told of a failure.
    this.#ahead.catch(() => undefined)
  }

  /** The result of the step that was ahead, which is the caller's now. */
  take(): Promise<Candidates> | null {
    const ahead = this.#ahead
    this.#ahead = null
    return ahead
  }

  /** The step that is ahead read nothing, or what it read is lost. */
  drop(): void {
    this.#idle = this.take()?.catch(() => undefined) ?? this.#idle
  }

  close(): void {
    this.drop()
    this.#account.close()
  }

  async #run(feed: Dispatch | null): Promise<Candidates> {
    const place = this.#place
    this.#place = this.#other
    this.#other = place
    const { staging, result } = place
    const encoder = this.#device.createCommandEncoder({ label: 'decode' })
    const pass = encoder.beginComputePass({ label: 'decode' })
    feed?.encode(pass, 1)
    this.#encode(pass)
    pass.end()
    encoder.copyBufferToBuffer(this.#best, 0, staging, 0, BEST_BYTES)
    this.#device.queue.submit([encoder.finish()])
    await staging.mapAsync(GPUMapMode.READ)
    const mapped = staging.getMappedRange()
    result.ids.set(new Uint32Array(mapped, 0, 1))
    result.logits.set(new Float32Array(mapped, 4, 1))
    staging.unmap()
    return result
  }
}
