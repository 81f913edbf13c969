const FLOAT = new Float64Array(1)
const WORDS = new Uint32Array(FLOAT.buffer)

/** The f16 bits of a number, rounded to nearest even; too large becomes infinity, NaN stays NaN. */
export function halfFromNumber(value: number): number {
  FLOAT[0] = value
  const high = WORDS[1]!
  const sign = (high >>> 16) & 0x8000
  const magnitude = Math.abs(value)
  if (Number.isNaN(value)) return 0x7e00
  // 65520 is halfway between the largest f16, 65504, and the next step, which does not exist.
  if (magnitude >= 65520) return sign | 0x7c00
  if (magnitude < 2 ** -14) return sign | roundToEven(magnitude * 2 ** 24)
  const exponent = ((high >>> 20) & 0x7ff) - 1023
  // The upper 10 bits of the mantissa, and what is cut off: bits of this word and the other.
  const half = ((exponent + 15) << 10) | ((high >>> 10) & 0x3ff)
  const rest = high & 0x3ff
  const isUp = rest > 0x200 || (rest === 0x200 && (WORDS[0] !== 0 || (half & 1) === 1))
  // Rounded up, a full mantissa carries into the exponent, as it should.
  return sign | (half + (isUp ? 1 : 0))
}

/** The number that 16 f16 bits stand for. */
export function numberFromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >>> 10) & 0x1f
  const mantissa = bits & 0x3ff
  if (exponent === 0) return sign * mantissa * 2 ** -24
  if (exponent === 31) return mantissa === 0 ? sign * Infinity : NaN
  return sign * (1024 + mantissa) * 2 ** (exponent - 25)
}

/** The f16 nearest to a number, as a number. */
export function roundToHalf(value: number): number {
  return numberFromHalf(halfFromNumber(value))
}

function roundToEven(value: number): number {
  const floor = Math.floor(value)
  const rest = value - floor
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor
}
