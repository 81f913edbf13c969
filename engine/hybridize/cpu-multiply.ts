/** Rows and columns of the result that are computed at once: eight sums of four numbers, which registers hold. */
const ROWS = 4
const COLUMNS = 8
const PAGE = 65536
/** Of the second factor this much is laid out at once: more is slower, and stays in memory for ever. */
const BLOCK_BYTES = 1 << 20

/** A factor as `outer` rows of what is summed over, whichever way it lies in memory. */
export interface Factor {
  readonly values: Float32Array
  readonly outer: number
  /** how far apart two rows are, and two numbers of a row */
  readonly outerStride: number
  readonly innerStride: number
}

/** output [m, n] = a [m, k] · b [n, k]ᵀ, row by row. */
export type Multiply = (a: Factor, b: Factor, inner: number, output: Float32Array) => void

/**
 * A product of matrices on the processor, four numbers an instruction. JavaScript has no such instruction, so this is a
 * WebAssembly module of one function, written out below. f32 throughout; its memory grows to the largest first factor.
 */
export async function createMultiply(): Promise<Multiply> {
  const { instance } = await WebAssembly.instantiate(MODULE)
  const { memory, multiply } = instance.exports
  if (!(memory instanceof WebAssembly.Memory) || typeof multiply !== 'function')
    throw new Error('the module exports a memory and a function')
  const run = multiply as (...sizes: readonly number[]) => void
  return (a, b, inner, output) => {
    const rows = Math.ceil(a.outer / ROWS)
    const panels = Math.max(1, Math.floor(BLOCK_BYTES / (4 * COLUMNS * inner)))
    const width = COLUMNS * Math.min(panels, Math.ceil(b.outer / COLUMNS))
    const [atB, atOutput] = [rows * ROWS * inner, (rows * ROWS + width) * inner]
    const size = atOutput + rows * ROWS * width
    const missing = Math.ceil((4 * size - memory.buffer.byteLength) / PAGE)
    if (missing > 0) memory.grow(missing)
    const all = new Float32Array(memory.buffer, 0, size)
    pack(a, inner, ROWS, all)
    for (let first = 0; first < b.outer; first += width) {
      const outer = Math.min(width, b.outer - first)
      const columns = Math.ceil(outer / COLUMNS)
      const stride = columns * COLUMNS
      pack(
        { ...b, outer, values: b.values.subarray(first * b.outerStride) },
        inner,
        COLUMNS,
        all.subarray(atB),
      )
      run(0, 4 * atB, 4 * atOutput, rows, columns, inner)
      const product = all.subarray(atOutput)
      for (let i = 0; i < a.outer; i++)
        output.set(product.subarray(i * stride, i * stride + outer), i * b.outer + first)
    }
  }
}

/** Panels of `height` rows, in each the numbers of one column side by side: [outer/height, inner, height], zeros below. */
function pack(
  { values, outer, outerStride, innerStride }: Factor,
  inner: number,
  height: number,
  into: Float32Array,
) {
  for (let first = 0; first < outer; first += height) {
    const there = Math.min(height, outer - first)
    const panel = first * inner
    for (let row = 0; row < height; row++) {
      let from = (first + row) * outerStride
      for (let at = panel + row; at < panel + inner * height; at += height) {
        into[at] = row < there ? values[from]! : 0
        from += innerStride
      }
    }
  }
}

// The module. Names of the specification; what has no name here is a length or an index.

const leb = (value: number): number[] =>
  value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >> 7)]
const section = (id: number, body: readonly number[]) => [id, ...leb(body.length), ...body]
const name = (text: string) => [text.length, ...new TextEncoder().encode(text)]

const [I32, V128] = [0x7f, 0x7b]
const END = 0x0b
const get = (local: number) => [0x20, local]
const set = (local: number) => [0x21, local]
/** LEB128 with a sign: the seventh bit would be it. */
const constant = (value: number) => [0x41, ...(value < 64 ? [value] : [value | 0x80, 0])]
const add = (local: number, what: readonly number[]) => [...get(local), ...what, 0x6a, ...set(local)]
const times = (local: number, value: number) => [...get(local), ...constant(value), 0x6c]
const load = (address: number, offset: number) => [...get(address), 0xfd, 0, 2, offset]
const loadSplat = (address: number, offset: number) => [...get(address), 0xfd, 9, 2, offset]
const store = (address: number, offset: number, local: number) => [
  ...get(address),
  ...get(local),
  0xfd,
  11,
  2,
  offset,
]
const F32X4_ADD = [0xfd, 0xe4, 1]
const F32X4_MUL = [0xfd, 0xe6, 1]
const ZERO = [0xfd, 12, ...new Array<number>(16).fill(0)]
/** Do `body` as often as the local says, once at least, counting it down. */
const repeat = (count: number, body: readonly number[]) => [
  ...[0x03, 0x40, ...body],
  ...[...get(count), ...constant(1), 0x6b, 0x22, count, 0x0d, 0, END],
]

/** Parameters 0 to 5, then what is counted and pointed with. */
const [A, B, OUTPUT, PANELS_A, PANELS_B, INNER] = [0, 1, 2, 3, 4, 5] as const
const [ROW, LEFT, AT_A, AT_B, AT_OUTPUT, STRIDE] = [6, 7, 8, 9, 10, 11] as const
const sum = (row: number, half: number) => 12 + 2 * row + half
const [LOW, HIGH, REPEATED] = [20, 21, 22] as const
const EACH_ROW = [0, 1, 2, 3] as const

const multiplyAdd = (row: number) => [
  ...[...loadSplat(AT_A, 4 * row), ...set(REPEATED)],
  ...[LOW, HIGH].flatMap((part, half) => [
    ...[...get(sum(row, half)), ...get(REPEATED), ...get(part), ...F32X4_MUL],
    ...[...F32X4_ADD, ...set(sum(row, half))],
  ]),
]
const writeRow = (row: number) => [
  ...[...store(AT_OUTPUT, 0, sum(row, 0)), ...store(AT_OUTPUT, 16, sum(row, 1))],
  ...add(AT_OUTPUT, get(STRIDE)),
]
const tile = [
  ...EACH_ROW.flatMap((row) => [...ZERO, ...set(sum(row, 0)), ...ZERO, ...set(sum(row, 1))]),
  ...[...get(B), ...set(AT_B), ...get(INNER), ...set(LEFT)],
  ...repeat(LEFT, [
    ...[...load(AT_B, 0), ...set(LOW), ...load(AT_B, 16), ...set(HIGH)],
    ...EACH_ROW.flatMap(multiplyAdd),
    ...[...add(AT_A, constant(4 * ROWS)), ...add(AT_B, constant(4 * COLUMNS))],
  ]),
  ...EACH_ROW.flatMap(writeRow),
]
const body = [
  ...[...times(PANELS_B, 4 * COLUMNS), ...set(STRIDE)],
  ...repeat(PANELS_B, [
    ...[...get(A), ...set(AT_A), ...get(OUTPUT), ...set(AT_OUTPUT), ...get(PANELS_A), ...set(ROW)],
    ...repeat(ROW, tile),
    ...[...get(AT_B), ...set(B), ...add(OUTPUT, constant(4 * COLUMNS))],
  ]),
]
const code = [...[2, 6, I32, 11, V128], ...body, END]
const MODULE = Uint8Array.from([
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  // One type, six numbers to none; one function of it; one memory; both exported; the function's code.
  ...section(1, [1, 0x60, 6, I32, I32, I32, I32, I32, I32, 0]),
  ...section(3, [1, 0]),
  ...section(5, [1, 0, 1]),
  ...section(7, [2, ...name('memory'), 2, 0, ...name('multiply'), 0, 0]),
  ...section(10, [1, ...leb(code.length), ...code]),
])
