import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { type FromReader, LONGEST_SILENCE } from '../engine/documents/border.ts'
import type { DocumentFile, DocumentText } from '../engine/documents/document.ts'
import { type DocumentFailure, DocumentError } from '../engine/documents/failure.ts'

/** A hostile file ends its thread, not the program. */
const MOST_MEGABYTES = 2048

export type ReadDocument = (
  file: DocumentFile,
  onPage: (done: number, total: number) => void,
  signal: AbortSignal,
) => Promise<DocumentText>

/**
 * Read a file in a thread of its own, which is ended when `signal` says so, or when nothing was heard of it for long.
 *
 * @throws {DocumentError}
 */
export const readInThread: ReadDocument = async (file, onPage, signal) => {
  const thread = new Worker(join(import.meta.dirname, 'documents-worker.js'), {
    workerData: file,
    resourceLimits: { maxOldGenerationSizeMb: MOST_MEGABYTES },
    // pdf.js talks to the console.
    stdout: true,
    stderr: true,
  })
  let silence: NodeJS.Timeout | undefined
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
      thread.on('message', (message: FromReader) => {
        listen()
        if (message.type === 'page') onPage(message.done, message.total)
        else if (message.type === 'document') resolve(message.document)
        else fail(message.failure)
      })
      thread.on('error', (error) => fail({ code: 'damaged', reason: error.message }))
      thread.on('exit', () => fail({ code: 'damaged', reason: 'reading it ended early' }))
    })
  } finally {
    clearTimeout(silence)
    void thread.terminate()
  }
}
