import type { FromWebllm } from './border.ts'
import type { WebllmWorker } from './webllm-engine.ts'

/** The worker that has WebLLM in it: a file of its own, which the window does not load before this is called. */
export function startWebllmWorker(): WebllmWorker {
  const worker = new Worker(new URL('./webllm-worker.ts', import.meta.url), { type: 'module' })
  return {
    post: (message) => worker.postMessage(message),
    listen(hear, gone) {
      worker.addEventListener('message', ({ data }: MessageEvent<FromWebllm>) => hear(data))
      worker.addEventListener('error', ({ message }) => gone(message))
    },
    terminate: () => worker.terminate(),
  }
}
