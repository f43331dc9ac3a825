import type { Adapter } from '../adapters/adapter.ts'
import { type Problem, problem } from '../diagnostics/problem.ts'
import type { CompiledNode } from '../ir/node.ts'
import { relationKey } from '../ir/relation.ts'
import { shortName } from '../sql/names.ts'

/**
 * Tables that selected nodes read, of nodes that are not selected and have never run here, or not as they are now: one
 * problem for each.
 */
export async function unbuiltInputs(
  adapter: Pick<Adapter, 'catalog' | 'dialect'>,
  workSchema: string,
  nodes: readonly CompiledNode[],
  selected: ReadonlySet<string>,
): Promise<readonly Problem[]> {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const needed = nodes
    .filter((node) => selected.has(node.id))
    .flatMap((node) => writersOf(byId, node.dependsOn).map((input) => ({ node, input })))
    // Publishing waits for these, so that it comes last, but reads none of them.
    .filter(({ node, input }) => node.type !== 'publish' || !['model', 'rows', 'event'].includes(input.type))
  const outside = needed.filter(({ input }) => input.relation !== undefined && !selected.has(input.id))
  if (outside.length === 0) return []
  const catalog = await adapter.catalog([workSchema])
  const there = new Map(catalog.tables.map((table) => [relationKey(table.relation), table.columns]))
  const reported = new Set<string>()
  return outside.flatMap(({ node, input }) => {
    const table = input.relation === undefined ? '' : `${input.relation.schema}.${input.relation.name}`
    const found = [...there].find(([key]) => key === table || key.endsWith(`.${table}`))?.[1]
    const present = new Set(found?.map(({ name }) => name))
    const complete =
      found !== undefined && input.columns.every(({ name }) => present.has(shortName(adapter.dialect, name)))
    if (complete || reported.has(node.id)) return []
    // Once for each reader: all that follows is the same advice.
    reported.add(node.id)
    return [problem('PSN5005', { node: node.id, needs: input.id, table })]
  })
}

/** Nodes that write what these stand for: a trait that a scan computes is written by the scan. */
function writersOf(byId: ReadonlyMap<string, CompiledNode>, ids: readonly string[]): readonly CompiledNode[] {
  return ids.flatMap((id) => {
    const node = byId.get(id)
    if (node === undefined) return []
    return node.steps.length > 0 || node.computedIn === undefined ? [node] : writersOf(byId, node.dependsOn)
  })
}
