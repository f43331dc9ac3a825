/** Each node's smallest one of its component, the larger root always below the smaller. */
export function unionFind(nodes: number, left: Int32Array, right: Int32Array): Int32Array {
  const parent = Int32Array.from({ length: nodes }, (_, node) => node)
  for (let edge = 0; edge < left.length; edge += 1) {
    const [a, b] = [find(parent, left[edge] ?? 0), find(parent, right[edge] ?? 0)]
    if (a < b) parent[b] = a
    else parent[a] = b
  }
  for (let node = 0; node < nodes; node += 1) parent[node] = find(parent, node)
  return parent
}

/** The root above a node; the way to it is halved. */
export function find(parent: Int32Array, node: number): number {
  let at = node
  for (;;) {
    const above = parent[at] ?? at
    if (above === at) return at
    const further = parent[above] ?? above
    parent[at] = further
    at = further
  }
}
