import { m } from '#messages'
import type { DocumentFailure } from '../../engine/documents/failure.ts'

/** What `describeDocument` says for the terminal, in the window's language. */
export function sayDocumentFailure(failure: DocumentFailure, file: string): string {
  switch (failure.code) {
    case 'empty':
      return m.documents_failure_empty({ file })
    case 'too-large':
      return m.documents_failure_too_large({ ...failure, file })
    case 'too-much-text':
      return m.documents_failure_too_much_text({ ...failure, file })
    case 'unpacks-too-large':
      return m.documents_failure_unpacks_too_large({ ...failure, file })
    case 'too-many-pages':
      return m.documents_failure_too_many_pages({ ...failure, file })
    case 'not-text':
      return m.documents_failure_not_text({ file })
    case 'unknown-type':
      return m.documents_failure_unknown_type({ ...failure, file })
    case 'protected':
      return m.documents_failure_protected({ file })
    case 'no-text':
      return m.documents_failure_no_text({ ...failure, file })
    case 'damaged':
      return m.documents_failure_damaged({ ...failure, file })
    case 'too-slow':
      return m.documents_failure_too_slow({ ...failure, file })
    case 'stopped':
      return m.documents_failure_stopped({ file })
    default:
      return failure satisfies never
  }
}
