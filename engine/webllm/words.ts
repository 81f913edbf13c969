/** It was not even tried; the message is one sentence. */
export class WebllmRefusal extends Error {
  override readonly name = 'WebllmRefusal'
}

/** What WebLLM threw, in one sentence of ours. @param refused why the shell did not give a file; or empty */
export function describeWebllm(error: unknown, refused: string): string {
  if (refused !== '') return refused
  if (error instanceof WebllmRefusal) return error.message
  const { name, message } = error instanceof Error ? error : new Error(String(error))
  switch (name) {
    case 'WebGPUNotAvailableError':
    case 'WebGPUNotFoundError':
      return 'WebLLM needs WebGPU, and there is none here.'
    case 'ShaderF16SupportError':
      return 'This GPU cannot compute in 16 bits (shader-f16); choose a model with f32 in its name.'
    case 'DeviceLostError':
      return 'The GPU stopped while WebLLM used it, most often for lack of memory; choose a smaller model.'
    case 'ContextWindowSizeExceededError':
      return 'The text is longer than WebLLM reads with this model; choose a shorter one.'
    case 'QuotaExceededError':
      return 'There is no room on the disk for what WebLLM keeps.'
    case 'CompileError':
      return 'The program of this model cannot run here.'
    default: {
      const line = (message.split('\n')[0] ?? '').trim().replace(/\.$/, '').slice(0, 200)
      return `WebLLM failed${line === '' ? '' : `: ${line}`}.`
    }
  }
}
