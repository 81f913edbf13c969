/** The hash of no tokens. */
export const NO_TOKENS = '811c9dc5cbf29ce4'

/**
 * The hash of all tokens so far and these: two 32-bit FNV-1a hashes side by side, 16 hexadecimal digits. It tells
 * states apart that come from different tokens by chance or mistake, not by malice.
 */
export function hashTokens(before: string, tokens: readonly number[]): string {
  let first = parseInt(before.slice(0, 8), 16)
  let second = parseInt(before.slice(8), 16)
  for (const token of tokens) {
    for (let shift = 0; shift < 32; shift += 8) {
      const byte = (token >>> shift) & 255
      first = Math.imul(first ^ byte, 0x01000193)
      second = Math.imul(second ^ (byte + shift + 1), 0x01000193)
    }
  }
  return [first, second].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('')
}
