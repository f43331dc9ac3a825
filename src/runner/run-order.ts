import type { CompiledNode } from '../ir/node.ts'

/**
 * For each selected node, the selected nodes it must wait for: directly, or through nodes that are not selected.
 *
 * @param selected ids; nodes without steps (sources) never count, nor do syncs, which are no part of a run
 */
export function waitsFor(
  nodes: readonly CompiledNode[],
  selected: ReadonlySet<string>,
): ReadonlyMap<string, ReadonlySet<string>> {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const runs = (node: CompiledNode): boolean =>
    selected.has(node.id) && node.steps.length > 0 && node.type !== 'sync'
  // Unselected nodes are shared by many, so what is behind each is found once.
  const behind = new Map<string, ReadonlySet<string>>()
  const find = (id: string): ReadonlySet<string> => {
    const known = behind.get(id)
    if (known !== undefined) return known
    const found = new Set<string>()
    for (const dependency of byId.get(id)?.dependsOn ?? []) {
      const node = byId.get(dependency)
      if (node === undefined) continue
      if (runs(node)) found.add(dependency)
      else for (const further of find(dependency)) found.add(further)
    }
    behind.set(id, found)
    return found
  }
  return new Map(nodes.filter(runs).map((node) => [node.id, find(node.id)]))
}
