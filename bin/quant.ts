export const QUANTS = ['q4', 'q8', 'f16'] as const

/** How weights are stored. */
export type Quant = (typeof QUANTS)[number]
