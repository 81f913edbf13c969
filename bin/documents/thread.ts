import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { DocumentFile, DocumentText } from '../../engine/documents/document.ts'
import { listen } from '../../engine/documents/listen.ts'

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
  try {
    return await listen(file.name, onPage, signal, ({ hear, gone }) => {
      thread.on('message', hear)
      thread.on('error', (error) => gone(error.message))
      thread.on('exit', () => gone('reading it ended early'))
    })
  } finally {
    void thread.terminate()
  }
}
