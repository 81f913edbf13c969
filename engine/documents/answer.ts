import { type FromReader, PAGE_MILLISECONDS } from './border.ts'
import type { DocumentFile } from './document.ts'
import { extract } from './extract.ts'
import { damaged } from './failure.ts'

/** Read one file in a worker, saying how far it is; never rejects. */
export async function answer(file: DocumentFile, post: (message: FromReader) => void): Promise<void> {
  let told = -Infinity
  try {
    const document = await extract(file, (done, total) => {
      const now = performance.now()
      if (now - told < PAGE_MILLISECONDS) return
      told = now
      post({ type: 'page', done, total })
    })
    post({ type: 'document', document })
  } catch (error) {
    post({ type: 'failed', failure: damaged(error).failure })
  }
}
