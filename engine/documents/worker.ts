import { answer } from './answer.ts'
import type { FromReader } from './border.ts'
import type { DocumentFile } from './document.ts'

/** Reads the one file it is sent. pdf.js, which listens here too, says things of its own: they have no file. */
self.addEventListener('message', ({ data }: MessageEvent<Partial<DocumentFile>>) => {
  const { name, bytes } = data
  if (name === undefined || bytes === undefined) return
  void answer({ name, bytes }, (message: FromReader) => self.postMessage(message))
})
