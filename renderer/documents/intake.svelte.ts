import { m } from '#messages'
import { type DocumentFile, type DocumentText, LARGEST_FILE } from '../../engine/documents/document.ts'
import { DocumentError } from '../../engine/documents/failure.ts'
import { sayDocumentFailure } from './failure-words.ts'

export type ReadDocument = (
  file: DocumentFile,
  onPage: (done: number, total: number) => void,
  signal: AbortSignal,
) => Promise<DocumentText>

/** Text of more characters than this that is pasted becomes a document. */
export const LONGEST_PASTE = 2500

/** The file that is being opened, one at a time, and what was wrong with the last. */
export class Intake {
  /** how far it is, one line; empty when nothing is being opened */
  progress = $state('')
  /** one sentence; empty when all is well */
  problem = $state('')
  readonly #read: ReadDocument
  #stop = new AbortController()

  constructor(read: ReadDocument) {
    this.#read = read
  }

  /** The text of a file; `null` where there is none to be had, and `problem` says why. */
  async open(file: File): Promise<DocumentText | null> {
    this.stop()
    const stop = new AbortController()
    this.#stop = stop
    const { name, size } = file
    this.problem = ''
    this.progress = m.documents_opening({ name })
    try {
      if (size > LARGEST_FILE) {
        this.problem = sayDocumentFailure({ code: 'too-large', bytes: size, limit: LARGEST_FILE }, name)
        return null
      }
      const bytes = new Uint8Array(await file.arrayBuffer())
      const onPage = (done: number, total: number) =>
        (this.progress = m.documents_opening_of({ name, done, total }))
      return await this.#read({ name, bytes }, onPage, stop.signal)
    } catch (error) {
      if (!(error instanceof DocumentError))
        this.problem = error instanceof Error ? error.message : String(error)
      else if (error.failure.code !== 'stopped') this.problem = sayDocumentFailure(error.failure, name)
      return null
    } finally {
      if (this.#stop === stop) this.progress = ''
    }
  }

  readonly stop = (): void => {
    this.#stop.abort()
  }
}
