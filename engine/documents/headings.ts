import type { Span } from './passages.ts'

const PARAGRAPH = /\S(?:[^\n]|\n(?![^\S\n]*\n))*/g
/** A paragraph as long as a heading and no longer, without the mark of a sentence: a heading, or what stands in a list. */
const SHORT =
  /^(?![-•*])(?!.*\p{L}{3}[.!?…] \p{Lu})(?:\d{1,3}(?:\.\d{1,3})*[.)]? )?[^\d]{1,80}(?<![.!?…:;,"'”’)\]])$/u
/** A title and one below it; more such lines are a list. */
const MOST = 2

/** The headings of a text by their looks, those below each other as one. */
export function headingsIn(text: string): Span[] {
  const headings: Span[] = []
  let lines: Span[] = []
  let isAfterColon = false
  const take = () => {
    const [first, last] = [lines[0], lines.at(-1)]
    if (first && last && lines.length <= MOST && !isAfterColon)
      headings.push({ start: first.start, end: last.end })
    lines = []
  }
  for (const { 0: words, index: start } of text.matchAll(PARAGRAPH)) {
    const paragraph = words.replace(/\s+/g, ' ').trim()
    if (SHORT.test(paragraph)) lines.push({ start, end: start + words.length })
    else {
      take()
      isAfterColon = paragraph.endsWith(':')
    }
  }
  take()
  return headings
}
