/**
 * Cycles of a graph of names: each as the path that closes on its first name, `[a, b, a]`. Every cycle is broken by
 * at least one of them. Linear; without recursion, since chains may be long.
 */
export function findCycles(edges: ReadonlyMap<string, readonly string[]>): readonly (readonly string[])[] {
  const cycles: string[][] = []
  const done = new Set<string>()
  for (const root of edges.keys()) {
    const path: { name: string; next: number }[] = []
    const depths = new Map<string, number>()
    const enter = (name: string): void => {
      if (done.has(name)) return
      depths.set(name, path.length)
      path.push({ name, next: 0 })
    }
    enter(root)
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const target = edges.get(top.name)?.[top.next]
      top.next += 1
      if (target === undefined) {
        done.add(top.name)
        depths.delete(top.name)
        path.pop()
        continue
      }
      const depth = depths.get(target)
      if (depth === undefined) enter(target)
      else cycles.push([...path.slice(depth).map(({ name }) => name), target])
    }
  }
  return cycles
}
