import type { Dispatch } from '../../kernels/kernel.ts'

/** Milliseconds: a submission above SLOW is halved, one below QUICK doubled. At 250 the screen, which shares the GPU, stalls. */
const SLOW = 200
const QUICK = 100
/** Dispatches of the first submission. */
const FIRST = 8

/**
 * Submits long lists of dispatches in pieces that the GPU is done with quickly. Where a piece ends depends on time, what
 * is computed does not: the dispatches and their order are the same.
 */
export class PacedQueue {
  readonly #device: GPUDevice
  readonly #now: () => number
  #size = FIRST
  /** when the last piece, and the one before it, were done */
  #last = Promise.resolve(0)
  #beforeLast = Promise.resolve(0)

  /** @param now milliseconds of a clock that never goes back */
  constructor(device: GPUDevice, now: () => number) {
    this.#device = device
    this.#now = now
  }

  /** Submit dispatches for T tokens; returns when no more than two pieces are not done. */
  async submit(label: string, dispatches: readonly Dispatch[], tokens: number): Promise<void> {
    for (let start = 0; start < dispatches.length;) {
      await this.#beforeLast
      const end = Math.min(start + this.#size, dispatches.length)
      const encoder = this.#device.createCommandEncoder({ label })
      const pass = encoder.beginComputePass({ label })
      for (let i = start; i < end; i++) dispatches[i]?.encode(pass, tokens)
      pass.end()
      this.#device.queue.submit([encoder.finish()])
      const done = this.#done(end - start, this.#last)
      // Nobody may be waiting when the device is lost; who waits next is told.
      done.catch(() => undefined)
      this.#beforeLast = this.#last
      this.#last = done
      start = end
    }
  }

  /** Wait for a piece, which begins when the one before it ends, and learn from its time. */
  async #done(dispatches: number, before: Promise<number>): Promise<number> {
    const submitted = this.#now()
    await this.#device.queue.onSubmittedWorkDone()
    const end = this.#now()
    const milliseconds = end - Math.max(submitted, await before)
    if (milliseconds > SLOW) this.#size = Math.max(1, dispatches >> 1)
    else if (milliseconds < QUICK && dispatches === this.#size) this.#size *= 2
    return end
  }
}
