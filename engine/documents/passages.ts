/** A piece of a text, by its place. */
export interface Span {
  readonly start: number
  readonly end: number
}

const PASSAGE_WORDS = 200
/** A sentence of a list or of a 19th-century novel is cut here. */
const LONGEST_SENTENCE = 600
/** An end of a sentence, of a paragraph, or of a line in a list or a letter. A row of dots is tried from its first alone. */
const SENTENCE_END =
  /(?<![.!?…])[.!?…]+["'”’)\]]*(?=\s+["'“‘(\[]?[\p{Lu}\p{N}])|\n\s*\n|\f|\n(?=\s*(?:[-•*]|\d{1,3}[.)])\s)/gu
const ABBREVIATION = /(?:^|\s)(?:Mr|Mrs|Ms|Dr|St|Prof|No|vs|etc|Jr|Sr|[A-Z])\.$/

/** The sentences of a text, in order; what is between them is blank. */
export function sentencesOf(text: string, { start, end }: Span): Span[] {
  const part = text.slice(start, end)
  const sentences: Span[] = []
  let from = 0
  const take = (to: number) => {
    for (let at = from; at < to;) {
      const next = to - at > LONGEST_SENTENCE ? cutAt(part, at + LONGEST_SENTENCE) : to
      const words = part.slice(at, next)
      const blank = words.length - words.trimStart().length
      const trimmed = words.trim()
      if (trimmed !== '')
        sentences.push({ start: start + at + blank, end: start + at + blank + trimmed.length })
      at = next
    }
    from = to
  }
  for (const { index, 0: mark } of part.matchAll(SENTENCE_END)) {
    const to = index + mark.length
    if (mark.startsWith('.') && ABBREVIATION.test(part.slice(Math.max(0, to - 8), to))) continue
    take(to)
  }
  take(part.length)
  return sentences
}

/** Passages of about 200 words, whole sentences each, and never across the end of a page. */
export function* passagesOf(text: string, pages: readonly { readonly start: number }[]): Generator<Span> {
  for (const [i, { start }] of pages.entries()) {
    let first: number | null = null
    let words = 0
    let last = start
    for (const sentence of sentencesOf(text, { start, end: pages[i + 1]?.start ?? text.length })) {
      const more = countWords(text.slice(sentence.start, sentence.end))
      if (first !== null && words + more > PASSAGE_WORDS) {
        yield { start: first, end: last }
        first = null
        words = 0
      }
      first ??= sentence.start
      words += more
      last = sentence.end
    }
    if (first !== null) yield { start: first, end: last }
  }
}

/**
 * Of each sentence the last of those that follow it and end within so many characters of its start, before the next heading;
 * itself at least.
 */
export function stretchesOf(
  sentences: readonly Span[],
  characters: number,
  headings: readonly Span[] = [],
): number[] {
  let [last, heading] = [0, 0]
  return sentences.map(({ start }, i) => {
    last = Math.max(last, i)
    while ((headings[heading]?.start ?? Infinity) <= start) heading++
    const most = Math.min(start + characters, headings[heading]?.start ?? Infinity)
    while ((sentences[last + 1]?.end ?? Infinity) <= most) last++
    return last
  })
}

function countWords(text: string): number {
  return text.match(/\S+/g)?.length ?? 0
}

/** A blank at or before `at`, or `at` itself. */
function cutAt(text: string, at: number): number {
  const from = at - LONGEST_SENTENCE / 2 + 1
  const blank = text.slice(from, at + 1).lastIndexOf(' ')
  return blank < 0 ? at : from + blank + 1
}
