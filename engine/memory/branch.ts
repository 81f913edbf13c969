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

/** The nodes that stand in the same place, oldest first: a node's other versions and itself. */
export function versionsOf<Node extends Hanging & { readonly kind: string }>(
  nodes: readonly Node[],
  of: number,
): Node[] {
  const node = nodes.find((each) => each.node === of)
  return nodes.filter((each) => each.parent === node?.parent && each.kind === node.kind)
}

/** Where one lands who goes to a node: down its newest children to the end. */
export function newestLeaf(nodes: readonly Hanging[], from: number): number {
  let at = from
  for (let child; (child = nodes.findLast(({ parent }) => parent === at));) at = child.node
  return at
}
