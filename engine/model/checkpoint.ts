import { type MatrixFormat, ROW_PADDING, SCALE_COLS } from '../../kernels/matrix.ts'
import { EngineError } from '../errors.ts'
import { convertRows } from '../formats/convert.ts'
import { DECODABLE, decodeElements } from '../formats/decode.ts'
import { encodedRowBytes, fits, formatFor } from '../formats/encode.ts'
import { unpairRows } from '../formats/paired-rows.ts'
import { type ElementType, rowBytes, type Tensor } from '../formats/tensor.ts'
import type { StoredMatrix } from './stored-matrix.ts'

/** A matrix that was found and has the right shape; nothing of it is read before `load`. */
export interface MatrixPlan {
  readonly rows: number
  readonly cols: number
  readonly format: MatrixFormat
  /** bytes of what `load` gives */
  readonly bytes: { readonly values: number; readonly scales: number }
  /**
   * Its rows in order, a few MiB at a time, so that no more than that is in memory.
   * @throws {EngineError} `bad-weights`, `missing-file`
   */
  pieces(): AsyncGenerator<MatrixRows, void>
  /** @throws {EngineError} `bad-weights`, `missing-file` */
  load(): Promise<StoredMatrix>
}

/** Some rows of a matrix; `rows` is how many. */
interface MatrixRows extends StoredMatrix {
  /** a multiple of 8: rows that lie together on the GPU stay together */
  readonly first: number
}

export interface VectorPlan {
  /** @throws {EngineError} `bad-weights`, `missing-file` */
  load(): Promise<Float32Array<ArrayBuffer>>
}

/** Rows of a stack; without a name they are zero. */
export type StackPart = readonly [name: string | null, rows: number]

/** The format that loses nothing, or the nearest: what a matrix becomes when nobody asks for another. */
const NATURAL: Partial<Record<ElementType, MatrixFormat>> = {
  F32: 'f32',
  F16: 'f16',
  BF16: 'f16',
  I8: 'q8',
  U8: 'q4',
  Q4_0: 'q4',
  Q4_1: 'q4',
  Q4_K: 'q4',
}
/** Widest first: parts of a stack that differ are brought to the widest of them. */
const WIDTHS: readonly MatrixFormat[] = ['f32', 'f16', 'q8', 'q4']
/** Bytes that are read and converted at once. */
const CHUNK_BYTES = 4 << 20

/** A checkpoint's tensors by name, handed out only in the shape that is asked for. */
export class Checkpoint {
  readonly #tensors: ReadonlyMap<string, Tensor>
  readonly #wanted: MatrixFormat | null
  readonly #asked = new Set<string>()

  /** @param wanted the format of all matrices whose width allows it; `null` keeps what is stored, or what is nearest */
  constructor(tensors: ReadonlyMap<string, Tensor>, wanted: MatrixFormat | null = null) {
    this.#tensors = tensors
    this.#wanted = wanted
  }

  /** Tensors that nobody has asked for. */
  get unused(): readonly string[] {
    return [...this.#tensors.keys()].filter((name) => !this.#asked.has(name))
  }

  has(name: string): boolean {
    return this.#tensors.has(name)
  }

  /** @throws {EngineError} `bad-weights` naming the tensor, the shape expected and what was found */
  matrix(name: string, rows: number, cols: number): MatrixPlan {
    return this.stack([[name, rows]], cols)
  }

  /**
   * Several matrices of one width stacked by rows, so that one kernel call reads them all.
   *
   * @throws {EngineError} `bad-weights`
   */
  stack(parts: readonly StackPart[], cols: number): MatrixPlan {
    const sources = parts.map(([name, rows]) => ({
      rows,
      source: name === null ? null : this.#rowSource(name, rows, cols),
    }))
    const format = this.#formatFor(
      sources.flatMap(({ source }) => (source ? [source.format] : [])),
      cols,
    )
    const rows = parts.reduce((sum, [, partRows]) => sum + partRows, 0)
    const row = encodedRowBytes(format, cols)
    const count = rowsAtOnce(
      sources.flatMap(({ source }) => source ?? []),
      row.values,
    )
    const pieces = async function* (): AsyncGenerator<MatrixRows, void> {
      for (let first = 0; first < rows; first += count) {
        const end = Math.min(rows, first + count)
        const values = new Uint8Array((end - first) * row.values)
        const scales = row.scales > 0 ? new Uint8Array((end - first) * row.scales) : null
        let start = 0
        for (const { rows: partRows, source } of sources) {
          const [from, to] = [Math.max(first, start), Math.min(end, start + partRows)]
          if (source && from < to) {
            const valuesHere = values.subarray((from - first) * row.values, (to - first) * row.values)
            const scalesHere =
              scales?.subarray((from - first) * row.scales, (to - first) * row.scales) ?? null
            await source.read(format, from - start, to - from, valuesHere, scalesHere)
          }
          start += partRows
        }
        yield { first, rows: end - first, cols, format, values, scales }
      }
    }
    const bytes = { values: rows * row.values, scales: rows * row.scales }
    const load = async (): Promise<StoredMatrix> => {
      const values = new Uint8Array(bytes.values)
      const scales = bytes.scales > 0 ? new Uint8Array(bytes.scales) : null
      for await (const piece of pieces()) {
        values.set(piece.values, piece.first * row.values)
        if (piece.scales) scales?.set(piece.scales, piece.first * row.scales)
      }
      return { rows, cols, format, values, scales }
    }
    return { rows, cols, format, bytes, pieces, load }
  }

  /** @throws {EngineError} `bad-weights` */
  vector(name: string, length: number): VectorPlan {
    const tensor = this.#tensor(name, [length])
    if (!DECODABLE.includes(tensor.type)) throw mismatch(name, DECODABLE.join(', '), tensor.type)
    return {
      load: async () => {
        const bytes = await tensor.file.read(tensor.begin, tensor.byteLength)
        const numbers = decodeElements(tensor.type, bytes)
        if (!numbers?.every(Number.isFinite)) throw mismatch(name, 'finite numbers', 'not')
        return numbers
      },
    }
  }

  #formatFor(stored: readonly MatrixFormat[], cols: number): MatrixFormat {
    const widest = WIDTHS.find((format) => stored.includes(format)) ?? 'f32'
    return formatFor(this.#wanted ?? widest, cols)
  }

  /** Where the rows of one stored matrix come from, and how they reach the format of their stack. */
  #rowSource(name: string, rows: number, cols: number) {
    const isQ4 = this.#tensors.get(name)?.type === 'U8'
    const tensor = this.#tensor(name, [rows, isQ4 ? cols / 2 : cols])
    const scales = isQ4 || tensor.type === 'I8' ? this.#scales(name, rows, cols, isQ4 ? 'q4' : 'q8') : null
    if (!scales && !DECODABLE.includes(tensor.type)) {
      throw mismatch(name, [...DECODABLE, 'I8', 'U8'].join(', '), tensor.type)
    }
    const format = NATURAL[tensor.type] ?? 'q8'
    const stored = rowBytes(tensor)
    const read = async (
      target: MatrixFormat,
      first: number,
      count: number,
      valuesTarget: Uint8Array,
      scalesTarget: Uint8Array | null,
    ): Promise<void> => {
      let bytes = await tensor.file.read(tensor.begin + first * stored, count * stored)
      if (tensor.pairedHeadDim !== null) bytes = unpairRows(bytes, stored, tensor.pairedHeadDim)
      const scalesHere = scales && (await scales.rows(first, count))
      const encoded = convertRows(tensor.type, target, bytes, scalesHere)
      if (!encoded) throw mismatch(name, `finite numbers that ${target} can hold`, 'not')
      valuesTarget.set(encoded.values)
      if (encoded.scales) scalesTarget?.set(encoded.scales)
    }
    return { format, read, stored, pairedHeadDim: tensor.pairedHeadDim }
  }

  /** f16 [R, C/32] for int8 of our own, [R, C/32, 2] (scale, minimum) for four bits */
  #scales(name: string, rows: number, cols: number, format: 'q8' | 'q4') {
    if (!fits(format, cols)) throw mismatch(name, 'columns in groups of 32', `${cols} columns`)
    const row = encodedRowBytes(format, cols).scales
    const shape = [rows, cols / SCALE_COLS]
    const tensor = this.#tensor(`${name}_scale`, format === 'q4' ? [...shape, 2] : shape)
    if (tensor.type !== 'F16') throw mismatch(`${name}_scale`, 'F16', tensor.type)
    return {
      rows: (first: number, count: number) => tensor.file.read(tensor.begin + first * row, count * row),
    }
  }

  #tensor(name: string, shape: readonly number[]): Tensor {
    this.#asked.add(name)
    const tensor = this.#tensors.get(name)
    const expected = `[${shape.join(', ')}]`
    if (!tensor) throw mismatch(name, expected, 'missing')
    if (tensor.shape.length !== shape.length || tensor.shape.some((size, i) => size !== shape[i])) {
      throw mismatch(name, expected, `[${tensor.shape.join(', ')}]`)
    }
    return tensor
  }
}

/** Rows that are read together: whole heads, where rows have to be brought into order inside them. */
function rowsAtOnce(
  sources: readonly { readonly stored: number; readonly pairedHeadDim: number | null }[],
  encoded: number,
): number {
  const heads = Math.max(1, ...sources.map(({ pairedHeadDim }) => pairedHeadDim ?? 1))
  const step = heads % ROW_PADDING === 0 ? heads : heads * ROW_PADDING
  const widest = Math.max(encoded, ...sources.map(({ stored }) => stored))
  return step * Math.max(1, Math.floor(CHUNK_BYTES / (widest * step)))
}

function mismatch(tensor: string, expected: string, found: string): EngineError {
  return new EngineError({ code: 'bad-weights', tensor, expected, found })
}
