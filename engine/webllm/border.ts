import type { CompletionEvent, CompletionQuestion } from '../second/second-engine.ts'
import type { WebllmFailure } from './words.ts'

/** A model of WebLLM's own list. */
export interface WebllmModel {
  readonly id: string
  /** on the GPU, as WebLLM says */
  readonly megabytes: number
  /** why it cannot run here; `null` where it can */
  readonly problem: WebllmFailure | null
}

/** To WebLLM's worker; `id` names one call. */
export type ToWebllm =
  | { readonly type: 'models'; readonly id: number }
  | { readonly type: 'load'; readonly id: number; readonly model: string }
  | { readonly type: 'complete'; readonly id: number; readonly question: CompletionQuestion }
  | { readonly type: 'stop'; readonly id: number }

/** From it: any number of `progress` and `event`, then one of the others. */
export type FromWebllm =
  | { readonly type: 'progress'; readonly id: number; readonly share: number }
  | { readonly type: 'event'; readonly id: number; readonly event: CompletionEvent }
  | { readonly type: 'models'; readonly id: number; readonly models: readonly WebllmModel[] }
  | { readonly type: 'done'; readonly id: number }
  | { readonly type: 'failed'; readonly id: number; readonly failure: WebllmFailure }
