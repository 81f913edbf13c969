/** SentencePiece's own limit is 16 characters; some vocabularies hold longer runs of blanks. */
const MAX_CHARACTERS = 256
const NORMAL = 1
const USER_DEFINED = 4

/**
 * The merges of a SentencePiece BPE vocabulary, best first: every way to make a token out of two others, ranked by the
 * token's score, as SentencePiece picks the neighbours that make the best token.
 *
 * Cost: O(sum of token lengths) look-ups.
 */
export function mergesOf(
  tokens: readonly string[],
  scores: ArrayLike<number>,
  typeOf: (id: number) => number,
): [left: string, right: string][] {
  const ids = new Map<string, number>()
  for (const [id, token] of tokens.entries()) {
    const type = typeOf(id)
    if ((type === NORMAL || type === USER_DEFINED) && !ids.has(token)) ids.set(token, id)
  }
  const merges: { id: number; pair: [string, string] }[] = []
  for (const [token, id] of ids) {
    const characters = Array.from(token)
    if (characters.length > MAX_CHARACTERS) continue
    let left = ''
    for (const character of characters.slice(0, -1)) {
      left += character
      const right = token.slice(left.length)
      if (ids.has(left) && ids.has(right)) merges.push({ id, pair: [left, right] })
    }
  }
  merges.sort((a, b) => (scores[b.id] ?? 0) - (scores[a.id] ?? 0) || a.id - b.id)
  return merges.map(({ pair }) => pair)
}
