/** The character references people and models write; the rest stays as typed. */
const NAMED: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: '\u00a0',
  ndash: '\u2013',
  mdash: '\u2014',
  hellip: '\u2026',
  copy: '\u00a9',
  times: '\u00d7',
  deg: '\u00b0',
}

export function decodeEntities(source: string): string {
  return source.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]{2,8}));/gi, (whole, decimal, hex, name) => {
    if (typeof name === 'string') return NAMED[name] ?? whole
    const code = typeof decimal === 'string' ? parseInt(decimal, 10) : parseInt(String(hex), 16)
    const isCharacter = code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff)
    return isCharacter ? String.fromCodePoint(code) : whole
  })
}

/** An https address without credentials in it, or `null`: nothing else may be opened from a message. */
export function safeLink(address: string): { href: string; host: string } | null {
  const url = URL.canParse(address) ? new URL(address) : null
  if (url?.protocol !== 'https:' || url.username !== '' || url.password !== '') return null
  return { href: url.href, host: url.host }
}

const UNSETTLED_LINE = /\n {0,3}(?:-+|=+|`{1,2}|\*{1,2}|#{1,6}|\d{1,9}[.)]?) *$/
const FENCE = /(?:^|\n)[\s>]*(?:[-*+]|\d{1,9}[.)])?\s*(?:```|~~~)/
const TABLE_START = /^(\|[^\n]*?)\|? *(?:\n[|:\- ]*)?$/
const HALF_LINK = /!?\[[^\]\n]*\]\([^)\s]*$/

/**
 * Close what a half-written block has opened, so that a mark that is still coming does not show up as
 * stars first and bold later, and a dash under a line does not make it a heading for one token.
 */
export function closeOpenMarks(tail: string): string {
  if (FENCE.test(tail)) return tail
  if (TABLE_START.test(tail)) return tail.replace(TABLE_START, (_, header: string) => startTable(header))
  const settled = tail.replace(UNSETTLED_LINE, '\n').replace(HALF_LINK, (link) => `${link})`)
  const paragraph = settled.slice(settled.lastIndexOf('\n\n') + 1)
  if (count(paragraph, '`') % 2 === 1) return settled.endsWith('`') ? settled.slice(0, -1) : `${settled}\``
  const words = settled.replace(/\*+$/, '')
  if (count(paragraph.replace(/\*+$/, ''), '**') % 2 === 1) return `${words.trimEnd()}**`
  return /(?:^|\s)$/.test(words) ? words : settled
}

/** A header row is a table from its first cell on, not a line of bars until the row below it has come. */
function startTable(header: string): string {
  return `${header}|\n${'|-'.repeat(Math.max(count(header, '|') - count(header, '\\|'), 1))}|`
}

function count(text: string, mark: string): number {
  return text.split(mark).length - 1
}
