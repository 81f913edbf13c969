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
 * Reads a file in a thread of its own, which is ended when `signal` says so, or when nothing was heard of it for long.
 * The file's bytes go to it: a copy of 100 MB would hold up what asks.
 *
 * @param script what the thread runs
 * @throws {DocumentError}
 */
export function threadReader(script: string): ReadDocument {
  return async (file, onPage, signal) => {
    const thread = new Worker(script, {
      workerData: file,
      transferList: [file.bytes.buffer],
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
}
