import type { Span } from './passages.ts'

/** Looked back for where somebody began to speak: a paragraph at most. */
const LOOKED_BACK = 2_000
const MARK = /["“”«»„‘’'‚]/g
const LETTER = /[\p{L}\p{N}]/u
const DIGIT = /\p{N}/u

/** Whether a mark opens speech, closes it, or is an apostrophe. */
function turnOf(mark: string, before: string, after: string, isOpen: boolean): 'opens' | 'closes' | null {
  switch (mark) {
    case '“':
      // It closes in German.
      return isOpen && !LETTER.test(after) ? 'closes' : 'opens'
    case '„':
    case '‚':
      return 'opens'
    case '”':
      return 'closes'
    case '«':
    case '»':
      // « so » in French, »so« in German.
      return isOpen ? 'closes' : 'opens'
    case '"':
      // An inch.
      if (!isOpen && DIGIT.test(before)) return null
      return isOpen ? 'closes' : 'opens'
    default:
      if (LETTER.test(before)) return LETTER.test(after) || !isOpen ? null : 'closes'
      return LETTER.test(after) && !isOpen ? 'opens' : isOpen ? 'closes' : null
  }
}

/** Whether somebody in a story says these words, or some of them: "I" and "you" in it are not who writes and who reads. */
export function isSpoken(text: string, { start, end }: Span): boolean {
  const from = Math.max(0, start - LOOKED_BACK)
  const paragraph = Math.max(from, text.slice(from, start).lastIndexOf('\n\n') + from)
  let isOpen = false
  for (const { 0: mark, index } of text.slice(paragraph, end).matchAll(MARK)) {
    const at = paragraph + index
    if (at >= start && isOpen) return true
    const turn = turnOf(mark, text[at - 1] ?? ' ', text[at + 1] ?? ' ', isOpen)
    if (turn) isOpen = turn === 'opens'
  }
  return isOpen
}
