import { describe, expect, test } from 'vitest'
import { matrixBytes, packMatrix } from '../../kernels/matrix.ts'

/** Where row r has its n-th word of `count`. */
const at = (r: number, count: number, n: number): number => (Math.floor(r / 4) * count + n) * 4 + (r % 4)

describe('matrix', () => {
  test('four rows are woven word by word, and rows padded with zeros to eight', () => {
    const rowMajor = new Uint8Array(Float32Array.of(1, 2, 3, 4, 5, 6).buffer)
    const { weight, scales } = packMatrix({ rows: 2, cols: 3, format: 'f32' }, rowMajor, null)
    const woven = [1, 4, 0, 0, 2, 5, 0, 0, 3, 6, 0, 0]
    expect(Array.from(new Float32Array(weight.buffer))).toEqual([...woven, ...new Array<number>(12).fill(0)])
    expect(scales).toBeNull()
  })

  test('four int8 columns stay together in a word, and their scale is found at [r / 4, c / 32, r % 4]', () => {
    const shape = { rows: 17, cols: 64, format: 'q8' } as const
    const source = Uint8Array.from({ length: 17 * 64 }, (_, i) => (i * 37) % 251)
    const sourceScales = Uint16Array.from({ length: 17 * 2 }, (_, i) => 100 + i)
    const { weight, scales } = packMatrix(shape, source, new Uint8Array(sourceScales.buffer))
    const packedScales = new Uint16Array(scales?.buffer ?? new ArrayBuffer(0))
    for (let r = 0; r < 17; r++) {
      for (let c = 0; c < 64; c++) {
        expect(weight[4 * at(r, 16, Math.floor(c / 4)) + (c % 4)]).toBe(source[r * 64 + c])
        expect(packedScales[at(r, 2, Math.floor(c / 32))]).toBe(sourceScales[r * 2 + Math.floor(c / 32)])
      }
    }
  })

  test('eight 4-bit columns stay together in a word, the first in its lowest bits, beside scale and minimum', () => {
    const shape = { rows: 9, cols: 64, format: 'q4' } as const
    const source = Uint8Array.from({ length: (9 * 64) / 2 }, (_, i) => (i * 37) % 251)
    const sourceScales = Uint16Array.from({ length: 9 * 2 * 2 }, (_, i) => 100 + i)
    const { weight, scales } = packMatrix(shape, source, new Uint8Array(sourceScales.buffer))
    const words = new Uint32Array(weight.buffer)
    const packedScales = new Uint16Array(scales?.buffer ?? new ArrayBuffer(0))
    for (let r = 0; r < 9; r++) {
      for (let c = 0; c < 64; c++) {
        const nibble = ((source[r * 32 + (c >> 1)] ?? 0) >> (4 * (c % 2))) & 15
        expect(((words[at(r, 8, c >> 3)] ?? 0) >>> (4 * (c % 8))) & 15).toBe(nibble)
        const [to, from] = [2 * at(r, 2, c >> 5), 2 * (r * 2 + (c >> 5))]
        expect(packedScales.subarray(to, to + 2)).toEqual(sourceScales.subarray(from, from + 2))
      }
    }
    expect(matrixBytes(shape)).toEqual({ weightBytes: weight.length, scaleBytes: scales?.length })
  })

  test('the sizes announced are the sizes packed, from an unaligned source too', () => {
    const shape = { rows: 9, cols: 32, format: 'q8' } as const
    const weight = new Uint8Array(9 * 32 + 1).subarray(1)
    const packed = packMatrix(shape, weight, new Uint8Array(9 * 2 + 1).subarray(1))
    expect(matrixBytes(shape)).toEqual({
      weightBytes: packed.weight.length,
      scaleBytes: packed.scales?.length,
    })
  })

  test('refuses bytes that do not fit the shape', () => {
    const shape = { rows: 2, cols: 32, format: 'q8' } as const
    expect(() => packMatrix(shape, new Uint8Array(63), new Uint8Array(4))).toThrow(
      'pack_matrix: weight must be 64 bytes, got 63',
    )
    expect(() => packMatrix(shape, new Uint8Array(64), null)).toThrow(
      'pack_matrix: scales must be 4 bytes, got 0',
    )
  })
})
