import type { Span } from './passages.ts'

/** Where an answer may stand, word for word. */
export interface Found extends Span {
  /** which of the sources, in the order they were given */
  readonly source: number
  readonly name: string
  /** 1-based */
  readonly page: number
  /** the words at `start` … `end` */
  readonly quote: string
  /** how much of what the question is about stands there, by weight: 0 to 1 */
  readonly share: number
  /** the same, with what the sentences around it say where these count: 0 to 1, at least `share` */
  readonly worth: number
  /** these and its own: what is asked of a story often stands in the next sentence; else its own */
  readonly around: Span
  /** the words at `around` */
  readonly stretch: string
  /** a small model passes it on, whatever it would make of it */
  readonly isPassedOn?: boolean
  /** and it says most of what is asked */
  readonly isLikely?: boolean
  /** other places that say nearly as much, passed on with it */
  readonly alike?: readonly Found[]
}
