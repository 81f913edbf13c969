/** Everything that can stop WebLLM, as data: it crosses a worker's border, and is worded where it is shown. */
export type WebllmFailure =
  | { readonly reason: 'no-webgpu' }
  | { readonly reason: 'no-f16' }
  | { readonly reason: 'no-feature'; readonly feature: string }
  | { readonly reason: 'limit'; readonly limit: string; readonly found: number; readonly wanted: number }
  | { readonly reason: 'no-model' }
  | { readonly reason: 'unknown-model'; readonly model: string }
  | { readonly reason: 'device-lost' }
  | { readonly reason: 'too-long' }
  | { readonly reason: 'disk-full' }
  | { readonly reason: 'cannot-compile' }
  /** the shell did not give a file: its sentence */
  | { readonly reason: 'refused'; readonly sentence: string }
  | { readonly reason: 'loading-stopped' }
  | { readonly reason: 'asking-stopped' }
  | { readonly reason: 'closed' }
  /** `message` is WebLLM's, or the browser's; or empty */
  | { readonly reason: 'not-begun'; readonly message: string }
  | { readonly reason: 'other'; readonly message: string }

/** One English sentence. */
export function describeWebllm(failure: WebllmFailure): string {
  switch (failure.reason) {
    case 'no-webgpu':
      return 'WebLLM needs WebGPU, and there is none here.'
    case 'no-f16':
      return 'This GPU cannot compute in 16 bits (shader-f16); choose a model with f32 in its name.'
    case 'no-feature':
      return `This GPU has no ${failure.feature}, which the model needs.`
    case 'limit':
      return `This GPU gives ${failure.limit} ${failure.found}, and WebLLM needs ${failure.wanted} for this model.`
    case 'no-model':
      return 'Choose a model for WebLLM first.'
    case 'unknown-model':
      return `WebLLM has no model ${failure.model}.`
    case 'device-lost':
      return 'The GPU stopped while WebLLM used it, most often for lack of memory; choose a smaller model.'
    case 'too-long':
      return 'The text is longer than WebLLM reads with this model; choose a shorter one.'
    case 'disk-full':
      return 'There is no room on the disk for what WebLLM keeps.'
    case 'cannot-compile':
      return 'The program of this model cannot run here.'
    case 'refused':
      return failure.sentence
    case 'loading-stopped':
      return 'Loading was stopped.'
    case 'asking-stopped':
      return 'Asking was stopped.'
    case 'closed':
      return 'WebLLM was closed.'
    case 'not-begun':
      return `WebLLM could not begin${failure.message === '' ? '' : `: ${failure.message}`}.`
    case 'other':
      return `WebLLM failed${failure.message === '' ? '' : `: ${failure.message}`}.`
    default:
      return failure satisfies never
  }
}

/** It was not even tried. */
export class WebllmRefusal extends Error {
  override readonly name = 'WebllmRefusal'
  readonly failure: WebllmFailure

  constructor(failure: WebllmFailure) {
    super(describeWebllm(failure))
    this.failure = failure
  }
}

/** What WebLLM threw. @param refused why the shell did not give a file; or empty */
export function asWebllmFailure(error: unknown, refused: string): WebllmFailure {
  if (refused !== '') return { reason: 'refused', sentence: refused }
  if (error instanceof WebllmRefusal) return error.failure
  const { name, message } = error instanceof Error ? error : new Error(String(error))
  switch (name) {
    case 'WebGPUNotAvailableError':
    case 'WebGPUNotFoundError':
      return { reason: 'no-webgpu' }
    case 'ShaderF16SupportError':
      return { reason: 'no-f16' }
    case 'DeviceLostError':
      return { reason: 'device-lost' }
    case 'ContextWindowSizeExceededError':
      return { reason: 'too-long' }
    case 'QuotaExceededError':
      return { reason: 'disk-full' }
    case 'CompileError':
      return { reason: 'cannot-compile' }
    default: {
      const line = (message.split('\n')[0] ?? '').trim().replace(/\.$/, '')
      return { reason: 'other', message: line.slice(0, 200) }
    }
  }
}
