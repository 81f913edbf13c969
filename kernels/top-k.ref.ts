/** The definition of `top_k`: sort, cut, and list by id. */
export function topKReference(logits: Float64Array, count: number): number[] {
  const ids = Array.from(logits.keys())
  ids.sort((a, b) => (logits[a] === logits[b] ? a - b : logits[b]! > logits[a]! ? 1 : -1))
  return ids.slice(0, count).sort((a, b) => a - b)
}
