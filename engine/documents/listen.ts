import { type FromReader, LONGEST_SILENCE } from './border.ts'
import type { DocumentText } from './document.ts'
import { type DocumentFailure, DocumentError } from './failure.ts'

/** For the shell to say what came of its worker. Others talk there too, pdf.js among them: that is a sign of life. */
export interface Listener {
  readonly hear: (message: Partial<FromReader>) => void
  /** it is gone, and why */
  readonly gone: (reason: string) => void
}

/**
 * Listen to the worker that reads a file, until it is done, is stopped, or nothing was heard of it for long.
 *
 * @throws {DocumentError}
 */
export async function listen(
  name: string,
  onPage: (done: number, total: number) => void,
  signal: AbortSignal,
  connect: (listener: Listener) => void,
): Promise<DocumentText> {
  let silence: ReturnType<typeof setTimeout> | undefined
  try {
    return await new Promise<DocumentText>((resolve, reject) => {
      const fail = (failure: DocumentFailure) => reject(new DocumentError(failure, name))
      const wait = () => {
        clearTimeout(silence)
        silence = setTimeout(
          () => fail({ code: 'too-slow', seconds: LONGEST_SILENCE / 1000 }),
          LONGEST_SILENCE,
        )
      }
      const stop = () => fail({ code: 'stopped' })
      if (signal.aborted) stop()
      signal.addEventListener('abort', stop, { once: true })
      wait()
      connect({
        hear: (message) => {
          if (signal.aborted) return
          wait()
          if (!isOurs(message)) return
          if (message.type === 'page') onPage(message.done, message.total)
          else if (message.type === 'document') resolve(message.document)
          else fail(message.failure)
        },
        gone: (reason) => fail({ code: 'damaged', reason }),
      })
    })
  } finally {
    clearTimeout(silence)
  }
}

function isOurs(message: Partial<FromReader>): message is FromReader {
  return message.type === 'page' || message.type === 'document' || message.type === 'failed'
}
