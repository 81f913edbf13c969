import type { TranscriptNode } from '../../electron/transcript.ts'
import { pathTo } from '../../engine/memory/branch.ts'

/** What has left this computer: answers of a server elsewhere, and all that was sent with their questions. */
export function sentAway(nodes: readonly TranscriptNode[]): ReadonlySet<number> {
  const away = new Set<number>()
  // From the end, so that the longest way is walked first and those within it are known.
  for (const { node, by } of nodes.toReversed())
    if (by && !away.has(node)) for (const each of pathTo(nodes, node)) away.add(each.node)
  return away
}
