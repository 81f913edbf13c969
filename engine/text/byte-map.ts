/**
 * GPT-2's byte map: every byte as one printable character, so that a byte-level vocabulary is plain text.
 * Printable Latin-1 stands for itself; the other 68 bytes are U+0100 and up, in order.
 * Source: openai/gpt-2, src/encoder.py, `bytes_to_unicode`.
 */
const BYTE_OF_CHARACTER = new Map<string, number>()

for (let byte = 0, next = 0x100; byte < 256; byte++) {
  const isPrintable = (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad)
  BYTE_OF_CHARACTER.set(String.fromCharCode(isPrintable ? byte : next++), byte)
}

/** The bytes a byte-level token stands for; `null` when a character of it stands for none. */
export function fromByteLevel(token: string): Uint8Array | null {
  const bytes = new Uint8Array(token.length)
  for (let i = 0; i < token.length; i++) {
    const byte = BYTE_OF_CHARACTER.get(token.charAt(i))
    if (byte === undefined) return null
    bytes[i] = byte
  }
  return bytes
}

/** The character that stands for a byte. */
export const CHARACTER_OF_BYTE: readonly string[] = [...BYTE_OF_CHARACTER]
  .sort(([, a], [, b]) => a - b)
  .map(([character]) => character)
