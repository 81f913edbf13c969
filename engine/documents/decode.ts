import { LONGEST_TEXT } from './document.ts'
import { DocumentError } from './failure.ts'
import type { DocumentNote } from './notes.ts'

/** What no text has: control characters, and what Windows-1252 has no character for. */
const NO_TEXT = /[\0-\x08\x0e-\x1a\x1c-\x1f]/
const NO_WINDOWS_TEXT = /[\0-\x08\x0e-\x1a\x1c-\x1f\x81\x8d\x8f\x90\x9d]/

/** Of the letters: in French it is a tenth, in Russian or Japanese of another encoding nearly all. */
const MOST_STRANGE = 0.45
/** From 0x80 on, with the five that are nothing. Some versions of Node decode them as Latin-1. */
const WINDOWS = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ'

/**
 * UTF-8, UTF-16 with its mark, or else Windows-1252, as older programs write it in Western Europe. UTF-8 that is damaged
 * in a few places stays UTF-8.
 *
 * @throws {DocumentError} `not-text`, `too-much-text`
 */
export function decodeText(bytes: Uint8Array): {
  readonly text: string
  readonly notes: readonly DocumentNote[]
} {
  const decoded = decode(bytes)
  const { length } = decoded.text
  if (length > LONGEST_TEXT)
    throw new DocumentError({ code: 'too-much-text', characters: length, limit: LONGEST_TEXT })
  return decoded
}

export function startsWith(bytes: Uint8Array, mark: readonly number[]): boolean {
  return mark.every((byte, i) => bytes[i] === byte)
}

function decode(bytes: Uint8Array): { readonly text: string; readonly notes: readonly DocumentNote[] } {
  const encoding = startsWith(bytes, [0xff, 0xfe])
    ? 'utf-16le'
    : startsWith(bytes, [0xfe, 0xff])
      ? 'utf-16be'
      : 'utf-8'
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes)
    if (text.includes('\0')) throw new DocumentError({ code: 'not-text' })
    return { text, notes: [] }
  } catch (error) {
    if (error instanceof DocumentError || encoding !== 'utf-8') throw new DocumentError({ code: 'not-text' })
  }
  const text = new TextDecoder('utf-8').decode(bytes)
  const count = text.match(/\ufffd/g)?.length ?? 0
  const whole = text.match(/[^\0-\x7f\ufffd]/gu)?.length ?? 0
  if (whole > count && !NO_TEXT.test(text)) return { text, notes: [{ code: 'unreadable', count }] }
  const windows = new TextDecoder('windows-1252')
    .decode(bytes)
    .replace(/[\x80-\x9f]/g, (letter) => WINDOWS[letter.charCodeAt(0) - 0x80] ?? letter)
  const letters = windows.replace(/\s+/g, '')
  const strange = letters.match(/[^\0-\x7f]/g)?.length ?? 0
  if (NO_WINDOWS_TEXT.test(windows) || strange > MOST_STRANGE * letters.length)
    throw new DocumentError({ code: 'not-text' })
  return { text: windows, notes: [{ code: 'windows-1252' }] }
}
