import { EngineError } from '../errors.ts'
import type { CompletionEvent, CompletionQuestion, SecondEngine } from '../second/second-engine.ts'
import type { FromWebllm, ToWebllm, WebllmModel } from './border.ts'
import type { WebllmFailure } from './words.ts'

/** A worker, or in tests what stands in for one. */
export interface WebllmWorker {
  post(message: ToWebllm): void
  /** `gone` says why it will say no more. */
  listen(hear: (message: FromWebllm) => void, gone: (reason: string) => void): void
  terminate(): void
}

/** Without `id`, which is given here. */
type Call =
  | { readonly type: 'models' }
  | { readonly type: 'load'; readonly model: string }
  | { readonly type: 'complete'; readonly question: CompletionQuestion }

/** WebLLM in a worker of its own, which begins with the first call: its code is large, and most never need it. */
export class WebllmEngine implements SecondEngine {
  readonly #start: () => WebllmWorker
  readonly #calls = new Map<number, (message: FromWebllm) => void>()
  #worker: WebllmWorker | null = null
  #nextId = 1
  #loaded: string | null = null

  constructor(start: () => WebllmWorker) {
    this.#start = start
  }

  /** Those of its list, each with why it cannot run here. @throws {EngineError} */
  async models(): Promise<readonly WebllmModel[]> {
    for await (const message of this.#call({ type: 'models' }))
      if (message.type === 'models') return message.models
    return []
  }

  /** Stopped, it is as if it had never begun, but for the files that have come. @throws {EngineError} */
  async load(model: string, onShare: (share: number) => void, signal: AbortSignal): Promise<void> {
    if (model === this.#loaded) return
    this.#loaded = null
    // It does not stop by itself while it compiles.
    const stop = () => this.dispose({ reason: 'loading-stopped' })
    signal.addEventListener('abort', stop)
    try {
      for await (const message of this.#call({ type: 'load', model }))
        if (message.type === 'progress') onShare(message.share)
      this.#loaded = model
    } finally {
      signal.removeEventListener('abort', stop)
    }
  }

  async *complete(question: CompletionQuestion, signal: AbortSignal): AsyncGenerator<CompletionEvent, void> {
    for await (const message of this.#call({ type: 'complete', question }, signal)) {
      if (signal.aborted) throw failed({ reason: 'asking-stopped' })
      if (message.type === 'event') yield message.event
    }
  }

  /** Ends the worker, and what it was doing; the next call begins another. */
  dispose(failure: WebllmFailure = { reason: 'closed' }): void {
    this.#worker?.terminate()
    this.#worker = null
    this.#loaded = null
    for (const [id, hear] of [...this.#calls]) hear({ type: 'failed', id, failure })
  }

  async *#call(call: Call, signal?: AbortSignal): AsyncGenerator<FromWebllm, void> {
    const worker = (this.#worker ??= this.#begin())
    const id = this.#nextId++
    const heard: FromWebllm[] = []
    let wake: () => void = () => undefined
    this.#calls.set(id, (message) => {
      heard.push(message)
      wake()
    })
    const stop = () => worker.post({ type: 'stop', id })
    signal?.addEventListener('abort', stop)
    let isOver = false
    try {
      worker.post({ ...call, id })
      while (!isOver) {
        const message = heard.shift()
        if (!message) {
          await new Promise<void>((resolve) => (wake = resolve))
          continue
        }
        isOver = message.type !== 'progress' && message.type !== 'event'
        if (message.type === 'failed') throw failed(message.failure)
        yield message
      }
    } finally {
      signal?.removeEventListener('abort', stop)
      if (!isOver && call.type === 'complete' && !signal?.aborted) stop()
      this.#calls.delete(id)
    }
  }

  #begin(): WebllmWorker {
    const worker = this.#start()
    worker.listen(
      (message) => this.#calls.get(message.id)?.(message),
      (message) => this.dispose({ reason: 'not-begun', message }),
    )
    return worker
  }
}

function failed(failure: WebllmFailure): EngineError {
  return new EngineError({ code: 'webllm', failure })
}
