import { checkBinding, checkPositive, KernelShapeError } from './kernel.ts'

/**
 * How the numbers of a matrix are stored. q8: int8, and one f16 scale for every 32 columns of a row. q4: 4 bits without
 * sign, and for every 32 columns of a row an f16 scale and an f16 minimum: a weight is scale · nibble + minimum.
 */
export type MatrixFormat = 'f32' | 'f16' | 'q8' | 'q4'

export interface MatrixShape {
  /** R: outputs, or vocabulary entries of an embedding */
  readonly rows: number
  /** C: inputs; f16 needs a multiple of 2, q8 and q4 of 32 */
  readonly cols: number
  readonly format: MatrixFormat
}

/** A matrix on the GPU, in the layout of `packMatrix`. */
export interface Matrix {
  readonly shape: MatrixShape
  /** u32 words `[R padded to 8 / 4, C / columns per word, 4]` */
  readonly weight: GPUBuffer
  /** `[R padded to 8 / 4, C / 32, 4]`, f16 for q8, f16 scale and f16 minimum for q4, else null */
  readonly scales: GPUBuffer | null
}

/** Columns that share one scale. */
export const SCALE_COLS = 32

/** gemm owns 8 rows per invocation: padding the rows spares every kernel the bounds check of its reads. */
export const ROW_PADDING = 8

const COLS_PER_WORD: Readonly<Record<MatrixFormat, number>> = { f32: 1, f16: 2, q8: 4, q4: 8 }
const COLS_MULTIPLE: Readonly<Record<MatrixFormat, number>> = {
  f32: 1,
  f16: 2,
  q8: SCALE_COLS,
  q4: SCALE_COLS,
}
/** Bytes that a row has per 32 columns beside its weights. */
const SCALE_BYTES: Readonly<Record<MatrixFormat, number>> = { f32: 0, f16: 0, q8: 2, q4: 4 }

/** R rounded up to the rows that are stored. */
export function paddedRows(rows: number): number {
  return Math.ceil(rows / ROW_PADDING) * ROW_PADDING
}

/** Bytes of the two GPU buffers of a matrix; `scaleBytes` is 0 where the format has no scales. */
export function matrixBytes(shape: MatrixShape): { weightBytes: number; scaleBytes: number } {
  const { rows, cols, format } = shape
  return {
    weightBytes: (paddedRows(rows) * cols * 4) / COLS_PER_WORD[format],
    scaleBytes: Math.ceil((paddedRows(rows) * cols) / SCALE_COLS) * SCALE_BYTES[format],
  }
}

/**
 * Bring row-major weights into the layout that embed, gemv and gemm read: four rows woven by 32-bit words, so that one
 * vec4 has the same columns of four rows, and the columns that follow follow in memory.
 *
 *     weight[r / 4, c / n, r % 4] = the word with columns c … c + n − 1 of row r, n = columns per word
 *     scales[r / 4, c / 32, r % 4] = scale of columns c … c + 31 of row r; for q4 scale and minimum
 *
 * Rows are padded with zeros to a multiple of 8. Row-major q4 is 4 bits a column, of two columns in a byte the first in
 * the low half; its scale bytes are `[R, C / 32]` pairs of f16: scale, minimum.
 *
 * @throws {KernelShapeError} a shape the kernels refuse, or bytes that are not as many as the shape says
 */
export function packMatrix(
  shape: MatrixShape,
  rowMajorWeightBytes: Uint8Array,
  rowMajorScaleBytes: Uint8Array | null,
): { weight: Uint8Array<ArrayBuffer>; scales: Uint8Array<ArrayBuffer> | null } {
  checkMatrixShape('pack_matrix', shape)
  const { rows, cols, format } = shape
  const words = cols / COLS_PER_WORD[format]
  const weight = weave('weight', new Uint32Array(paddedRows(rows) * words), rowMajorWeightBytes, rows, words)
  if (SCALE_BYTES[format] === 0) return { weight, scales: null }
  const blocks = cols / SCALE_COLS
  const length = paddedRows(rows) * blocks
  const target = format === 'q8' ? new Uint16Array(length) : new Uint32Array(length)
  return { weight, scales: weave('scales', target, rowMajorScaleBytes ?? new Uint8Array(), rows, blocks) }
}

/** Refuse a matrix that the kernels, or the device, cannot run. */
export function checkMatrix(device: GPUDevice, label: string, shape: MatrixShape): void {
  checkMatrixShape(label, shape)
  const { weightBytes, scaleBytes } = matrixBytes(shape)
  checkBinding(device, label, 'weight', weightBytes)
  checkBinding(device, label, 'scales', scaleBytes)
}

function checkMatrixShape(label: string, { rows, cols, format }: MatrixShape): void {
  checkPositive(label, { rows, cols })
  const multiple = COLS_MULTIPLE[format]
  if (cols % multiple !== 0) {
    throw new KernelShapeError(label, `cols must be a multiple of ${multiple} for ${format}, got ${cols}`)
  }
}

/** [rows, cols] elements to [padded rows / 4, cols, 4]. */
function weave(
  name: string,
  target: Uint32Array<ArrayBuffer> | Uint16Array<ArrayBuffer>,
  bytes: Uint8Array,
  rows: number,
  cols: number,
): Uint8Array<ArrayBuffer> {
  const size = target.BYTES_PER_ELEMENT
  if (bytes.length !== rows * cols * size) {
    throw new KernelShapeError(
      'pack_matrix',
      `${name} must be ${rows * cols * size} bytes, got ${bytes.length}`,
    )
  }
  const { buffer, byteOffset } = bytes.byteOffset % size === 0 ? bytes : bytes.slice()
  const source =
    size === 4
      ? new Uint32Array(buffer, byteOffset, rows * cols)
      : new Uint16Array(buffer, byteOffset, rows * cols)
  for (let r = 0; r < rows; r++) {
    const first = (r - (r % 4)) * cols + (r % 4)
    for (let c = 0; c < cols; c++) target[first + 4 * c] = source[r * cols + c] ?? 0
  }
  return new Uint8Array(target.buffer)
}
