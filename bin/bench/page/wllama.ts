import {
  benchTokens,
  type Contestant,
  type Introduction,
  type Prepared,
  type Task,
  timed,
} from '../contestant.ts'
import { textOf } from '../gguf/letters.ts'

const PACKAGE = '/packages/@wllama/wllama/esm'
/** Tokens decoded at a position at once; the first comes with the prompt. */
const DECODED = 4
/** A position farther than this would have to be read first, which takes minutes. */
const FARTHEST = 1024

/** The part of wllama that is asked; its own types are sources that our compiler options refuse. */
interface Wllama {
  loadModel(blobs: readonly Blob[], options: Readonly<Record<string, number>>): Promise<void>
  createCompletion(options: {
    readonly prompt: string
    readonly max_tokens: number
    readonly temperature: number
    readonly ignore_eos: boolean
    readonly cache_prompt: boolean
  }): Promise<{
    readonly timings?: {
      readonly prompt_n: number
      readonly prompt_ms: number
      readonly predicted_n: number
      readonly predicted_ms: number
    }
  }>
  isMultithread(): boolean
  getNumThreads(): number
  exit(): Promise<void>
}

interface WllamaModule {
  readonly Wllama: new (paths: { readonly default: string }, options: object) => Wllama
}

/**
 * llama.cpp as WebAssembly, on the processor. It is not asked for WebGPU: on adapters that it does not trust it takes the
 * processor without saying so. Times are its own, which leave out the way to its worker.
 */
export class WllamaPeer implements Contestant {
  readonly engine = 'wllama'
  readonly attention = 'full'
  readonly place = 'Chromium'
  readonly #url: string
  readonly #weightBytes: number
  readonly #stateBytesPerToken: number
  #wllama: Wllama | null = null
  #turn = 0

  /** @param url of the GGUF file */
  constructor(url: string, weightBytes: number, stateBytesPerToken: number) {
    this.#url = url
    this.#weightBytes = weightBytes
    this.#stateBytesPerToken = stateBytesPerToken
  }

  async open(): Promise<Introduction> {
    const { Wllama } = (await import(/* @vite-ignore */ `${PACKAGE}/index.js`)) as WllamaModule
    const wllama = new Wllama({ default: `${PACKAGE}/wasm/wllama.wasm` }, { suppressNativeLog: true })
    this.#wllama = wllama
    const file = await (await fetch(this.#url)).blob()
    await wllama.loadModel([file], {
      n_gpu_layers: 0,
      n_ctx: FARTHEST + 512,
      n_batch: 512,
      n_parallel: 1,
      n_threads: navigator.hardwareConcurrency,
    })
    const threads = wllama.isMultithread() ? wllama.getNumThreads() : 1
    const backend = `CPU: WebAssembly, ${threads} ${threads === 1 ? 'thread' : 'threads'}, Chromium`
    return { backend, note: '', weightBytes: this.#weightBytes }
  }

  async prepare(task: Task): Promise<Prepared> {
    if (task.position > FARTHEST) throw new Error(`${task.position} tokens would have to be read first`)
    await timed(() => this.time(task))
    return { stateBytes: this.#stateBytesPerToken * task.position, dispatches: 0 }
  }

  async time({ phase, position }: Task): Promise<number> {
    this.#turn++
    const isPrefill = phase === 'prefill'
    const prompt = textOf(benchTokens(position, isPrefill ? this.#turn : 0))
    const tokens = isPrefill ? 1 : DECODED
    const { timings } =
      (await this.#wllama?.createCompletion({
        prompt,
        max_tokens: tokens,
        temperature: 0,
        ignore_eos: true,
        cache_prompt: !isPrefill,
      })) ?? {}
    if (!timings) throw new Error('wllama gave no times')
    if (!isPrefill) return timings.predicted_ms / Math.max(1, timings.predicted_n - 1)
    if (timings.prompt_n < position) throw new Error(`wllama read ${timings.prompt_n} of ${position} tokens`)
    return timings.prompt_ms
  }

  timeSnapshot(): Promise<null> {
    return Promise.resolve(null)
  }

  async close(): Promise<void> {
    await this.#wllama?.exit()
  }
}
