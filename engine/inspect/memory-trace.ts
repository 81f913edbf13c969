import type { SlotLineage } from './lineage.ts'

/** Some tokens of a message, which are followed together. */
export interface TracedPiece {
  /** index of the message */
  readonly message: number
  readonly text: string
  readonly tokens: number
  /** how much of it is still in memory, 0 to 1 */
  readonly retained: number
}

/** What a memory was made of: an estimate, see `Lineage`. */
export interface MemoryTrace {
  /** tokens that were read */
  readonly position: number
  readonly pieces: readonly TracedPiece[]
  readonly slots: readonly SlotLineage[]
  /** the newest tokens as text, the oldest first */
  readonly newest: readonly string[]
}

export type TraceEvent =
  /** so much of the text, 0 to 1 */
  | { readonly type: 'tracing'; readonly share: number }
  | { readonly type: 'traced'; readonly trace: MemoryTrace }
