/** Where a chapter begins in a text; it ends where the next begins. */
export interface Chapter {
  readonly title: string
  readonly start: number
}

/** A heading, of whichever level. */
export interface Heading extends Chapter {
  /** 1 is the highest */
  readonly level: number
}

/** A chapter, and the last whole page of it: with that in memory nothing of the next chapter is. */
export interface ChapterEnd {
  readonly title: string
  /** 1-based */
  readonly page: number
}

const LONGEST_TITLE = 120
/** With fewer characters before the next heading it is a line of a table of contents, or stands above that heading. */
const LEAST_CHARACTERS = 200

/** The highest level that has two headings: the one above them all is the title of the document. */
export function chapterLevel(headings: readonly Heading[]): number | undefined {
  const levels = [...new Set(headings.map(({ level }) => level))].sort((a, b) => a - b)
  return levels.find((level) => headings.filter((heading) => heading.level === level).length > 1)
}

export function chaptersOf(headings: readonly Heading[]): Chapter[] {
  const level = chapterLevel(headings)
  return headings.filter((heading) => heading.level === level).map(({ title, start }) => ({ title, start }))
}

const NUMBER = `(?:\\d{1,3}|[ivxlc]+|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|the \\p{L}+)`
const ABOVE = new RegExp(`^(?:part|book|act|volume|teil|buch|akt|band) ${NUMBER}(?![\\p{L}\\d])`, 'iu')
const TITLE = new RegExp(`^(?:chapter|letter|canto|scene|kapitel|brief) ${NUMBER}(?![\\p{L}\\d])`, 'iu')
/** A line that stands by itself, with the place of its first letter. */
const LINE = /(?<=^|\f|\n[ \t]*\r?\n)[ \t]*(\p{Lu}[^\n\r\f]{2,100})(?=[\r\n\f]|$)/gu
const MARKDOWN = /^(#{1,6})[ \t]+(\S[^\r\n\f]{0,500})/gm
const FENCE = /^ {0,3}(?:```|~~~)/gm

/** What plain text calls its chapters: headings of Markdown where `isMarkdown`, else lines such as `CHAPTER I`. */
export function chaptersInText(text: string, isMarkdown: boolean): Chapter[] {
  return isMarkdown ? chaptersOf(markdownHeadings(text)) : chaptersOfLines(text)
}

function markdownHeadings(text: string): Heading[] {
  const fences = Array.from(text.matchAll(FENCE), ({ index }) => index)
  let before = 0
  return [...text.matchAll(MARKDOWN)].flatMap(({ index, 1: marks = '', 2: words = '' }) => {
    while ((fences[before] ?? Infinity) < index) before++
    // Inside of a block of code it is a comment.
    const title = titled(words.replace(/[ \t#]+$/, ''))
    return before % 2 === 1 || title === '' ? [] : [{ title, start: index, level: marks.length }]
  })
}

function chaptersOfLines(text: string): Chapter[] {
  const found: { title: string; start: number; above: boolean }[] = []
  for (const { index, 0: all, 1: line = '' } of text.matchAll(LINE)) {
    const above = ABOVE.test(line)
    if (above || TITLE.test(line))
      found.push({ title: withoutPage(titled(line)), start: index + all.length - line.length, above })
  }
  const named: Chapter[] = []
  let over = ''
  for (const [i, each] of found.entries()) {
    if (each.above) over = each.title
    if ((found[i + 1]?.start ?? text.length) - each.start < LEAST_CHARACTERS) continue
    const title = each.above || over === '' ? each.title : `${over}, ${each.title}`
    // The head of a page says again where one is.
    if (named.at(-1)?.title === title.slice(0, LONGEST_TITLE)) continue
    named.push({ title: title.slice(0, LONGEST_TITLE), start: each.start })
  }
  return named.length > 1 ? named : []
}

/** Heads of pages and tables of contents say on which page they are. */
function withoutPage(title: string): string {
  const words = title.replace(/[\s.]+\d+$/, '')
  return TITLE.test(words) || ABOVE.test(words) ? words : title
}

/** A title on one line, and not too long for a list. */
export function titled(words: string): string {
  const line = words.replace(/\s+/g, ' ').trim()
  return line.length > LONGEST_TITLE ? `${line.slice(0, LONGEST_TITLE - 1).trimEnd()}…` : line
}

/** For each chapter that has a whole page, the last page before the next one begins. */
export function chapterEnds(
  text: string,
  pages: readonly { readonly start: number }[],
  chapters: readonly Chapter[],
): ChapterEnd[] {
  let page = 0
  return chapters.flatMap(({ title, start }, i) => {
    const end = chapters[i + 1]?.start ?? text.length
    while (page < pages.length && (pages[page + 1]?.start ?? text.length) <= end) page++
    const isBegun = (pages[page]?.start ?? text.length) > start
    return page > 0 && isBegun ? [{ title, page }] : []
  })
}
