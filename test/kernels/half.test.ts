import { describe, expect, test } from 'vitest'
import { halfFromNumber, numberFromHalf, roundToHalf } from '../../kernels/half.ts'

describe('half', () => {
  test('every one of the 65536 bit patterns survives the way to a number and back', () => {
    for (let bits = 0; bits < 0x10000; bits++) {
      const isNaN = (bits & 0x7c00) === 0x7c00 && (bits & 0x3ff) !== 0
      const back = halfFromNumber(numberFromHalf(bits))
      if (isNaN) expect(back).toBe(0x7e00)
      else if (back !== bits) expect.fail(`0x${bits.toString(16)} came back as 0x${back.toString(16)}`)
    }
  })

  test('a value halfway between two neighbours goes to the even one, anything else to the nearer', () => {
    for (let bits = 0; bits < 0x7bff; bits++) {
      const low = numberFromHalf(bits)
      const high = numberFromHalf(bits + 1)
      const middle = (low + high) / 2
      const nudge = (high - low) * 2 ** -20
      if (halfFromNumber(middle) !== bits + (bits & 1)) expect.fail(`halfway above 0x${bits.toString(16)}`)
      if (halfFromNumber(middle - nudge) !== bits) expect.fail(`below halfway above 0x${bits.toString(16)}`)
      if (halfFromNumber(-middle - nudge) !== 0x8000 + bits + 1) expect.fail(`-0x${bits.toString(16)}`)
    }
  })

  test('the edges: known bits of one, a third, the largest, the first infinity, the smallest and minus zero', () => {
    expect(halfFromNumber(1)).toBe(0x3c00)
    expect(halfFromNumber(1 / 3)).toBe(0x3555)
    expect(halfFromNumber(65519.99)).toBe(0x7bff)
    expect(halfFromNumber(65520)).toBe(0x7c00)
    expect(halfFromNumber(-Infinity)).toBe(0xfc00)
    expect(halfFromNumber(2 ** -24)).toBe(1)
    expect(halfFromNumber(2 ** -25)).toBe(0)
    expect(halfFromNumber(-0)).toBe(0x8000)
    expect(roundToHalf(0.1)).toBe(0.0999755859375)
  })
})
