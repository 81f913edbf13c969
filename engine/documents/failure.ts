/** Why a file gives no text, as data: it crosses a worker's border. */
export type DocumentFailure =
  | { readonly code: 'empty' }
  | { readonly code: 'too-large'; readonly bytes: number; readonly limit: number }
  | { readonly code: 'too-much-text'; readonly characters: number; readonly limit: number }
  | { readonly code: 'unpacks-too-large'; readonly limit: number }
  | { readonly code: 'too-many-pages'; readonly pages: number; readonly limit: number }
  | { readonly code: 'not-text' }
  | { readonly code: 'unknown-type'; readonly found: string }
  | { readonly code: 'protected' }
  | { readonly code: 'no-text'; readonly pages: number }
  | { readonly code: 'damaged'; readonly reason: string }
  | { readonly code: 'too-slow'; readonly seconds: number }
  | { readonly code: 'stopped' }

export class DocumentError extends Error {
  override readonly name = 'DocumentError'
  readonly failure: DocumentFailure

  constructor(failure: DocumentFailure, file = '') {
    super(describeDocument(failure, file))
    this.failure = failure
  }
}

/** One English sentence about the file called `name`. */
export function describeDocument(failure: DocumentFailure, name: string): string {
  const file = `The file ${name}`
  switch (failure.code) {
    case 'empty':
      return `${file} is empty, so there is nothing to read.`
    case 'too-large':
      return `${file} has ${failure.bytes} bytes, and ${failure.limit} is the most that is read; split it.`
    case 'too-much-text':
      return `${file} has ${failure.characters} characters, and ${failure.limit} is the most that is read; split it.`
    case 'unpacks-too-large':
      return `${file} unpacks to more than ${failure.limit} bytes, so it was left alone.`
    case 'too-many-pages':
      return `${file} has ${failure.pages} pages, and ${failure.limit} is the most that is read; split it.`
    case 'not-text':
      return `${file} is not plain text, so it cannot be read into memory.`
    case 'unknown-type':
      return `${file} is ${failure.found}; txt, md, html, pdf, docx and epub can be read.`
    case 'protected':
      return `${file} is protected by a password or a licence; save a copy without it.`
    case 'no-text': {
      const [pages, them] = failure.pages === 1 ? ['1 page', 'it'] : [`${failure.pages} pages`, 'them']
      return `${file} has ${pages} and no text on ${them}, as scans have; run text recognition on it first.`
    }
    case 'damaged':
      return `${file} is damaged: ${failure.reason}.`
    case 'too-slow':
      return `${file} gave nothing for ${failure.seconds} seconds, so reading it was given up.`
    case 'stopped':
      return `Reading ${name} was stopped.`
    default:
      return failure satisfies never
  }
}

/** What a library threw at a file, as a failure of that file. */
export function damaged(error: unknown): DocumentError {
  if (error instanceof DocumentError) return error
  const message = error instanceof Error ? error.message : String(error)
  const [reason = ''] = message.split('\n')
  return new DocumentError({ code: 'damaged', reason: reason.replace(/\.\s*$/, '') || 'it cannot be read' })
}
