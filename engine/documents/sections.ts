import { pageAt } from './document.ts'
import type { Span } from './passages.ts'

/** A part of a document that is summed up by itself. */
export interface Section extends Span {
  /** 1-based */
  readonly firstPage: number
  readonly lastPage: number
}

const MOST_SECTIONS = 12
/** A shorter text is not worth two lines. */
const SECTION_CHARACTERS = 400
/** Where a part may begin, the best first: a chapter, a page or paragraph, a sentence, a word. */
const BEGINNINGS = [
  /(?<=^|\f)(?:#{1,3} |(?:chapter|part|book|act|letter)\s+[\divxlc]+\b)/gim,
  /(?<=\f|\n[^\S\n]*\n)/g,
  /(?<=[.!?]["'”’)\]]*\s)/g,
  /(?<=\s)/g,
]

/** A document in parts of about the same length, cut at chapters where they lie near. */
export function sectionsOf(text: string, pages: readonly { readonly start: number }[]): Section[] {
  const count = Math.min(MOST_SECTIONS, Math.max(1, Math.floor(text.length / SECTION_CHARACTERS)))
  const step = text.length / count
  const cuts = Array.from({ length: count - 1 }, (_, i) =>
    cutNear(text, Math.round(step * (i + 1)), step / 4),
  )
  const starts = [0, ...cuts]
  return starts.map((start, i) => {
    const end = starts[i + 1] ?? text.length
    return { start, end, firstPage: pageAt({ pages }, start), lastPage: pageAt({ pages }, end - 1) }
  })
}

function cutNear(text: string, target: number, reach: number): number {
  const from = Math.ceil(target - reach)
  const around = text.slice(from, Math.floor(target + reach))
  for (const beginning of BEGINNINGS) {
    const distance = (at: number) => Math.abs(from + at - target)
    const [first, ...rest] = Array.from(around.matchAll(beginning), ({ index }) => index)
    if (first !== undefined)
      return from + rest.reduce((best, at) => (distance(at) < distance(best) ? at : best), first)
  }
  return target
}
