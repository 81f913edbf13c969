import { type MatrixShape } from '../../kernels/matrix.ts'

/** Shapes that a product with one vector is held to: all ones, nothing divides anything, and the shipped model's. */
export const GEMV_SHAPES: readonly MatrixShape[] = [
  { rows: 1, cols: 1, format: 'f32' },
  { rows: 129, cols: 51, format: 'f32' },
  { rows: 1, cols: 2, format: 'f16' },
  { rows: 131, cols: 54, format: 'f16' },
  { rows: 1, cols: 32, format: 'q8' },
  { rows: 131, cols: 96, format: 'q8' }, // neither the padding nor the workgroup divides the rows
  { rows: 768, cols: 192, format: 'q8' }, // the MLP of the shipped model
  { rows: 256, cols: 1024, format: 'q8' },
  { rows: 1, cols: 32, format: 'q4' },
  { rows: 131, cols: 96, format: 'q4' },
  { rows: 256, cols: 1024, format: 'q4' },
]
