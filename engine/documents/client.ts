import type { FromReader } from './border.ts'
import type { DocumentFile, DocumentText } from './document.ts'
import { listen } from './listen.ts'

/**
 * Read a file in a worker of its own, which is ended when `signal` says so, or when nothing was heard of it for long.
 *
 * @throws {DocumentError}
 */
export async function readInWorker(
  file: DocumentFile,
  onPage: (done: number, total: number) => void,
  signal: AbortSignal,
): Promise<DocumentText> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })
  try {
    return await listen(file.name, onPage, signal, ({ hear, gone }) => {
      worker.addEventListener('message', ({ data }: MessageEvent<Partial<FromReader>>) => hear(data))
      worker.addEventListener('error', ({ message }) => gone(message || 'reading it ended early'))
      worker.postMessage(file)
    })
  } finally {
    worker.terminate()
  }
}
