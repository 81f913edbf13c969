import type { RandomAccessFile } from './random-access.ts'

/** How the numbers of a tensor are stored: safetensors' names and GGUF's, which agree where both have one. */
export type ElementType = keyof typeof ELEMENT_TYPES

/**
 * Elements that are stored together, and the bytes they take. F8, integers and the like can be passed over in a file
 * but not computed with.
 */
export const ELEMENT_TYPES = {
  BOOL: { elements: 1, bytes: 1 },
  U8: { elements: 1, bytes: 1 },
  I8: { elements: 1, bytes: 1 },
  F8_E4M3: { elements: 1, bytes: 1 },
  F8_E5M2: { elements: 1, bytes: 1 },
  U16: { elements: 1, bytes: 2 },
  I16: { elements: 1, bytes: 2 },
  F16: { elements: 1, bytes: 2 },
  BF16: { elements: 1, bytes: 2 },
  U32: { elements: 1, bytes: 4 },
  I32: { elements: 1, bytes: 4 },
  F32: { elements: 1, bytes: 4 },
  U64: { elements: 1, bytes: 8 },
  I64: { elements: 1, bytes: 8 },
  F64: { elements: 1, bytes: 8 },
  Q4_0: { elements: 32, bytes: 18 },
  Q4_1: { elements: 32, bytes: 20 },
  Q5_0: { elements: 32, bytes: 22 },
  Q5_1: { elements: 32, bytes: 24 },
  Q8_0: { elements: 32, bytes: 34 },
  Q4_K: { elements: 256, bytes: 144 },
  Q5_K: { elements: 256, bytes: 176 },
  Q6_K: { elements: 256, bytes: 210 },
} as const

/** A tensor where it lies: nothing of it has been read. */
export interface Tensor {
  readonly type: ElementType
  /** rows first: the last dimension is the one whose elements are neighbours */
  readonly shape: readonly number[]
  readonly file: RandomAccessFile
  /** first byte in the file */
  readonly begin: number
  readonly byteLength: number
  /**
   * D, where the rows of each head are stored as rotated pairs (0, D/2), (1, D/2 + 1) …, as llama.cpp does for
   * Llama's q and k; null where they are in order
   */
  readonly pairedHeadDim: number | null
}

/** Bytes of one row: a row never shares a block with the next one. */
export function rowBytes({ shape, byteLength }: Pick<Tensor, 'shape' | 'byteLength'>): number {
  const rows = shape.slice(0, -1).reduce((product, size) => product * size, 1)
  return rows === 0 ? 0 : byteLength / rows
}
