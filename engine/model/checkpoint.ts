import { numberFromHalf } from '../../kernels/half.ts'
import type { MatrixFormat } from '../../kernels/matrix.ts'
import { EngineError } from '../errors.ts'
import type { Tensor } from '../formats/safetensors.ts'

/** A matrix as stored: row-major bytes, and per-32 f16 scales when it is q8. */
export interface StoredMatrix {
  readonly rows: number
  readonly cols: number
  readonly format: MatrixFormat
  readonly values: Uint8Array
  readonly scales: Uint8Array | null
}

const FORMATS: Readonly<Record<string, MatrixFormat>> = { F32: 'f32', F16: 'f16', BF16: 'f32', I8: 'q8' }
/** Columns that share one scale in a q8 matrix. */
const GROUP = 32

/** A checkpoint's tensors by name, handed out only in the shape that is asked for. */
export class Checkpoint {
  readonly #tensors: ReadonlyMap<string, Tensor>

  constructor(tensors: ReadonlyMap<string, Tensor>) {
    this.#tensors = tensors
  }

  has(name: string): boolean {
    return this.#tensors.has(name)
  }

  /** @throws {EngineError} `bad-weights` naming the tensor, the shape expected and what was found */
  matrix(name: string, rows: number, cols: number): StoredMatrix {
    const tensor = this.#tensor(name, [rows, cols])
    const format = FORMATS[tensor.dtype]
    if (!format) throw mismatch(name, 'F32, F16, BF16 or I8', tensor.dtype)
    if (format !== 'q8') {
      const values = tensor.dtype === 'BF16' ? widenBf16(tensor.data) : tensor.data
      return { rows, cols, format, values, scales: null }
    }
    if (cols % GROUP !== 0) throw mismatch(name, `columns in groups of ${GROUP}`, `${cols} columns`)
    const scales = this.#tensor(`${name}_scale`, [rows, cols / GROUP])
    if (scales.dtype !== 'F16') throw mismatch(`${name}_scale`, 'F16', scales.dtype)
    return { rows, cols, format, values: tensor.data, scales: scales.data }
  }

  /** Several matrices of one width stacked by rows, so that one kernel call reads them all. */
  stack(parts: readonly (readonly [name: string, rows: number])[], cols: number): StoredMatrix {
    const matrices = parts.map(([name, rows]) => this.matrix(name, rows, cols))
    const format = matrices[0]?.format ?? 'f32'
    for (const [i, matrix] of matrices.entries()) {
      if (matrix.format !== format) throw mismatch(parts[i]?.[0] ?? '', `stored as ${format}`, matrix.format)
    }
    return {
      rows: matrices.reduce((sum, matrix) => sum + matrix.rows, 0),
      cols,
      format,
      values: concatenate(matrices.map((matrix) => matrix.values)),
      scales:
        format === 'q8' ? concatenate(matrices.map((matrix) => matrix.scales ?? new Uint8Array())) : null,
    }
  }

  /** @throws {EngineError} `bad-weights` */
  vector(name: string, length: number): Float32Array<ArrayBuffer> {
    const tensor = this.#tensor(name, [length])
    const format = FORMATS[tensor.dtype]
    if (!format || format === 'q8') throw mismatch(name, 'F32, F16 or BF16', tensor.dtype)
    const values = tensor.dtype === 'BF16' ? widenBf16(tensor.data) : tensor.data
    return toFloat32(values, format)
  }

  #tensor(name: string, shape: readonly number[]): Tensor {
    const tensor = this.#tensors.get(name)
    const expected = `[${shape.join(', ')}]`
    if (!tensor) throw mismatch(name, expected, 'missing')
    if (tensor.shape.length !== shape.length || tensor.shape.some((size, i) => size !== shape[i])) {
      throw mismatch(name, expected, `[${tensor.shape.join(', ')}]`)
    }
    return tensor
  }
}

/** The numbers a stored matrix stands for: what the reference computes with. */
export function dequantize({ rows, cols, format, values, scales }: StoredMatrix): Float64Array {
  if (format !== 'q8' || !scales)
    return Float64Array.from(toFloat32(values, format === 'q8' ? 'f32' : format))
  const weights = new Int8Array(values.buffer, values.byteOffset, rows * cols)
  const halves = new DataView(scales.buffer, scales.byteOffset, scales.byteLength)
  return Float64Array.from(weights, (weight, i) => {
    return weight * numberFromHalf(halves.getUint16(2 * Math.floor(i / GROUP), true))
  })
}

function toFloat32(bytes: Uint8Array, format: 'f32' | 'f16'): Float32Array<ArrayBuffer> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const width = format === 'f32' ? 4 : 2
  return Float32Array.from({ length: bytes.byteLength / width }, (_, i) =>
    format === 'f32' ? view.getFloat32(i * width, true) : numberFromHalf(view.getUint16(i * width, true)),
  )
}

/** BF16 is the upper half of an f32. */
function widenBf16(bytes: Uint8Array): Uint8Array {
  const wide = new Uint8Array(bytes.byteLength * 2)
  for (let i = 0; i < bytes.byteLength; i += 2) wide.set(bytes.subarray(i, i + 2), 2 * i + 2)
  return wide
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0))
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.byteLength
  }
  return whole
}

function mismatch(tensor: string, expected: string, found: string): EngineError {
  return new EngineError({ code: 'bad-weights', tensor, expected, found })
}
