import f16 from './matrix-f16.wgsl?raw'
import f32 from './matrix-f32.wgsl?raw'
import q4 from './matrix-q4.wgsl?raw'
import q8 from './matrix-q8.wgsl?raw'
import { type MatrixFormat } from './matrix.ts'

const SOURCES: Readonly<Record<MatrixFormat, string>> = { f32, f16, q8, q4 }

/** WGSL that reads a matrix of this format, to prepend to a product: bindings 2, 3 and 6, `fourRows` and `product`. */
export function matrixSource(format: MatrixFormat): string {
  return `${SOURCES[format]}\n`
}
