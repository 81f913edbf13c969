/** How a text is read: every token kept, or windows with slots, windows alone, or noise where the slots were. */
export const READINGS = ['full', 'slots on', 'slots off', 'slots random'] as const
export type ReadingKind = (typeof READINGS)[number]

/** Positions by how far they are from the beginning, in windows: what the window holds, and what it does not. */
export const BUCKETS = ['< W', 'W–2W', '2W–4W', '> 4W'] as const

/** Tokens read in a bucket, and the sum of −ln p of each. */
export interface BucketLoss {
  readonly kind: ReadingKind
  readonly bucket: (typeof BUCKETS)[number]
  readonly tokens: number
  readonly nats: number
}
