/** Something that hangs in a tree. */
interface Hanging {
  readonly node: number
  readonly parent: number | null
}

/** Where `aside` is true it was asked and answered beside the conversation: nothing goes on from there. */
interface Placed extends Hanging {
  readonly kind: string
  readonly aside: boolean
}

export function byNode<Node extends Hanging>(nodes: readonly Node[]): ReadonlyMap<number, Node> {
  return new Map(nodes.map((each) => [each.node, each]))
}

/** The way from the beginning to a node, both included. */
export function pathTo<Node extends Hanging>(nodes: readonly Node[], to: number | null): Node[] {
  const byNumber = byNode(nodes)
  const path: Node[] = []
  for (let at = byNumber.get(to ?? 0); at; at = byNumber.get(at.parent ?? 0)) path.push(at)
  return path.reverse()
}

/** The nodes that stand in the same place, oldest first, by each of them: its other versions and itself. */
export function versionsByNode<Node extends Placed>(nodes: readonly Node[]): Map<number, readonly Node[]> {
  const places = new Map<string, Node[]>()
  const versions = new Map<number, readonly Node[]>()
  for (const each of nodes) {
    if (each.aside) continue
    const place = `${each.parent} ${each.kind}`
    const there = places.get(place) ?? []
    places.set(place, there)
    there.push(each)
    versions.set(each.node, there)
  }
  return versions
}

/** Where one lands who goes to a node: down its newest children to the end. */
export function newestLeaf(nodes: readonly Placed[], from: number): number {
  let at = from
  for (let child; (child = nodes.findLast(({ parent, aside }) => parent === at && !aside));) at = child.node
  return at
}

/** What stays when a node and all below it go. */
export function withoutBelow<Node extends Hanging>(nodes: readonly Node[], gone: number): Node[] {
  const below = new Set([gone])
  return nodes.filter(({ node, parent }) => {
    if (parent !== null && below.has(parent)) below.add(node)
    return !below.has(node)
  })
}

/** The way to the end with what was asked aside put in where it was asked. */
export function withAsides<Node extends Placed>(nodes: readonly Node[], way: readonly Node[]): Node[] {
  const asides = nodes.filter(({ aside }) => aside)
  const after = (at: number | null): Node[] =>
    asides
      .filter(({ parent }) => parent === at)
      .flatMap((asked) => [asked, ...asides.filter(({ parent }) => parent === asked.node)])
  return asides.length === 0
    ? [...way]
    : [...after(null), ...way.flatMap((each) => [each, ...after(each.node)])]
}
