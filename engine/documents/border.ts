import type { DocumentText } from './document.ts'
import type { DocumentFailure } from './failure.ts'

/** What the worker that reads one file says, in any shell: any number of `page`, then one of the others. */
export type FromReader =
  | { readonly type: 'page'; readonly done: number; readonly total: number }
  | { readonly type: 'document'; readonly document: DocumentText }
  | { readonly type: 'failed'; readonly failure: DocumentFailure }

/** Without a sign for so long, a file is given up. The slowest step known, a page of a PDF, takes a tenth of a second. */
export const LONGEST_SILENCE = 30_000

/** Pages are told apart by the eye at most this often. */
export const PAGE_MILLISECONDS = 100
