import taught from './taught.json' with { type: 'json' }

/** In small letters, without marks, articles and short forms. */
function plain(question: string): string {
  return question
    .toLowerCase()
    .replace(/(?<=\p{L})['’]s(?!\p{L})/gu, ' is')
    .replace(/\b(?:an?|the)\b|[^\p{L}\p{N}/]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
}

let known: ReadonlySet<string> | null = null

/** What Pocket was taught to answer of itself and of Plateau, in these words: whatever was read, it is asked. */
export function isTaught(question: string): boolean {
  known ??= new Set(taught.map(plain))
  return known.has(plain(question))
}
