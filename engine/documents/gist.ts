import { pageAt } from './document.ts'
import { sentencesOf, type Span } from './passages.ts'
import type { Section } from './sections.ts'
import { subjectOf } from './terms.ts'

/** The sentences of a section that say most of what is special to it. */
export interface Gist extends Section {
  /** the best first, as many as fit; none where a section is blank */
  readonly quotes: readonly string[]
  /** that the first of them stands on */
  readonly page: number
}

/** Shorter than this a sentence rarely says what a part is about. */
const FEWEST_TERMS = 8
const MOST_SENTENCES = 5
const SENTENCES_AT_ONCE = 50
const STRETCH_CHARACTERS = 20_000

/** A sentence, and what it is about. */
interface Sentence extends Span {
  readonly terms: readonly string[]
}

/**
 * For each section its sentences with the weightiest words, those that are frequent in it and in few others: the mean
 * over a sentence's words. Some milliseconds at a step.
 *
 * @param room characters for the sentences of one section
 */
export function* gistsOf(
  text: string,
  pages: readonly { readonly start: number }[],
  sections: readonly Section[],
  room: number,
): Generator<undefined, Gist[]> {
  const sentences: Sentence[][] = []
  const counts: ReadonlyMap<string, number>[] = []
  const sectionsWith = new Map<string, number>()
  for (const section of sections) {
    const all: Sentence[] = []
    const count = new Map<string, number>()
    const seen = new Set<string>()
    for (const stretch of stretchesOf(text, section))
      for (const span of sentencesOf(text, stretch)) {
        const words = text.slice(span.start, span.end)
        // The line at the head of every page is not what it is about.
        if (seen.has(words)) continue
        seen.add(words)
        const terms = subjectOf(words)
        for (const term of terms) count.set(term, (count.get(term) ?? 0) + 1)
        all.push({ ...span, terms })
        if (all.length % SENTENCES_AT_ONCE === 0) yield
      }
    for (const term of count.keys()) sectionsWith.set(term, (sectionsWith.get(term) ?? 0) + 1)
    sentences.push(all)
    counts.push(count)
  }
  const gists: Gist[] = []
  for (const [i, section] of sections.entries()) {
    const weights = new Map(
      Array.from(counts[i] ?? [], ([term, times]) => [
        term,
        Math.log(1 + times) * Math.log(1 + sections.length / (sectionsWith.get(term) ?? 1)),
      ]),
    )
    const scored = (sentences[i] ?? []).map(({ start, end, terms }) => {
      const sum = terms.reduce((weight, term) => weight + (weights.get(term) ?? 0), 0)
      // Short sentences count as if they were longer.
      const score = (sum / Math.max(terms.length, FEWEST_TERMS)) * worthOf(text.slice(start, end))
      return { start, end, score }
    })
    const spans = bestOf(scored, room)
    const quotes = spans.map(({ start, end }) => text.slice(start, end))
    gists.push({ ...section, quotes, page: pageAt({ pages }, spans[0]?.start ?? section.start) })
    yield
  }
  return gists
}

/** A section in pieces, each of whole lines: sentences of 300 KB are not found in one breath. */
function* stretchesOf(text: string, { start, end }: Span): Generator<Span> {
  for (let from = start; from < end;) {
    const line = text.indexOf('\n', from + STRETCH_CHARACTERS)
    const to = line < 0 || line >= end ? end : Math.min(line + 1, from + 2 * STRETCH_CHARACTERS)
    yield { start: from, end: to }
    from = to
  }
}

/** Headings say nothing by themselves, and what somebody says less than what is told of it. */
function worthOf(sentence: string): number {
  if (sentence === sentence.toUpperCase()) return 0
  return /^["“‘'«]|\?["”’)\]]*$/.test(sentence) ? 0.5 : 1
}

/** As many of the best as fit; where none does the best, cut. */
function bestOf(scored: readonly (Span & { readonly score: number })[], room: number): Span[] {
  const telling = scored.filter(({ score }) => score > 0)
  const best = (telling.length > 0 ? telling : scored).toSorted(
    (a, b) => b.score - a.score || a.start - b.start,
  )
  const taken: Span[] = []
  let left = room
  for (const { start, end } of best) {
    if (taken.length === MOST_SENTENCES) break
    if (end - start > left) continue
    taken.push({ start, end })
    left -= end - start + 1
  }
  const [first] = best
  if (taken.length === 0 && first) taken.push({ start: first.start, end: first.start + room })
  return taken
}
