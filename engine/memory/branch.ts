/** Something that hangs in a tree. */
interface Hanging {
  readonly node: number
  readonly parent: number | null
}

/** The way from the beginning to a node, both included. */
export function pathTo<Node extends Hanging>(nodes: readonly Node[], to: number | null): Node[] {
  const byNumber = new Map(nodes.map((each) => [each.node, each]))
  const path: Node[] = []
  for (let at = byNumber.get(to ?? 0); at; at = byNumber.get(at.parent ?? 0)) path.unshift(at)
  return path
}
