import type { TracedPiece } from '../../engine/inspect/memory-trace.ts'

/**
 * For each node of the way how much of it is still in memory; what was read once more is there by its best reading.
 *
 * @param nodes the node of each message that was traced
 */
export function retained(
  pieces: readonly TracedPiece[],
  nodes: readonly number[],
  way: readonly { readonly text: string }[],
): readonly number[] {
  const texts = way.slice(0, (nodes.at(-1) ?? -1) + 1).map(({ text }) => text)
  const tokens = texts.map(() => 0)
  const kept = texts.map(() => 0)
  for (const piece of pieces) {
    const node = nodes[piece.message] ?? 0
    tokens[node] = (tokens[node] ?? 0) + piece.tokens
    kept[node] = (kept[node] ?? 0) + piece.tokens * piece.retained
  }
  const best = new Map<string, number>()
  for (const [i, text] of texts.entries())
    best.set(text, Math.max(best.get(text) ?? 0, (kept[i] ?? 0) / Math.max(1, tokens[i] ?? 0)))
  return texts.map((text) => best.get(text) ?? 0)
}
