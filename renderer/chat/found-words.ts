/** The name that `::highlight()` knows them by. */
const NAME = 'found'

/** Where these words stand in what is shown of a place; words that marks part are not found. */
export function wordsIn(place: Element, query: string): Range[] {
  const wanted = query.trim().toLowerCase()
  if (wanted === '') return []
  const ranges: Range[] = []
  const texts = document.createTreeWalker(place, NodeFilter.SHOW_TEXT)
  while (texts.nextNode()) {
    const node = texts.currentNode as Text
    const small = node.data.toLowerCase()
    // Few letters are longer when they are small; the places would not be the same.
    if (small.length !== node.length || node.parentElement?.closest('.unseen, button')) continue
    for (let at = small.indexOf(wanted); at >= 0; at = small.indexOf(wanted, at + wanted.length)) {
      const range = document.createRange()
      range.setStart(node, at)
      range.setEnd(node, at + wanted.length)
      ranges.push(range)
    }
  }
  return ranges
}

/** Mark these words, and no others; nothing in the document changes by it. */
export function markWords(ranges: readonly Range[]): void {
  if (ranges.length > 0) CSS.highlights.set(NAME, new Highlight(...ranges))
  else CSS.highlights.delete(NAME)
}
