import { type FromReader, LONGEST_SILENCE } from './border.ts'
import type { DocumentFile, DocumentText } from './document.ts'
import { type DocumentFailure, DocumentError } from './failure.ts'

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
  let silence: ReturnType<typeof setTimeout> | undefined
  try {
    return await new Promise<DocumentText>((resolve, reject) => {
      const fail = (failure: DocumentFailure) => reject(new DocumentError(failure, file.name))
      const listen = () => {
        clearTimeout(silence)
        silence = setTimeout(
          () => fail({ code: 'too-slow', seconds: LONGEST_SILENCE / 1000 }),
          LONGEST_SILENCE,
        )
      }
      const stop = () => fail({ code: 'stopped' })
      if (signal.aborted) stop()
      signal.addEventListener('abort', stop, { once: true })
      listen()
      worker.addEventListener('message', ({ data }: MessageEvent<Partial<FromReader>>) => {
        listen()
        if (isOurs(data)) {
          if (data.type === 'page') onPage(data.done, data.total)
          else if (data.type === 'document') resolve(data.document)
          else fail(data.failure)
        }
      })
      worker.addEventListener('error', (event) => {
        fail({ code: 'damaged', reason: event.message || 'reading it ended early' })
      })
      worker.postMessage(file)
    })
  } finally {
    clearTimeout(silence)
    worker.terminate()
  }
}

function isOurs(message: Partial<FromReader>): message is FromReader {
  return message.type === 'page' || message.type === 'document' || message.type === 'failed'
}
