import type { CompiledNode } from '../../ir/node.ts'
import { globMatches } from './glob.ts'
import { type Intersection, parseSelectors, type SelectorTerm } from './selector.ts'

export interface Selection {
  /** Ids, in the order of the nodes given. */
  readonly ids: readonly string[]
  /** Selector texts that no node answers to. */
  readonly unmatched: readonly string[]
}

/**
 * Chooses nodes by dbt's selector syntax.
 *
 * @param select empty for all nodes
 * @throws {SelectorError} a selector cannot be read
 */
export function selectNodes(
  nodes: readonly CompiledNode[],
  select: readonly string[],
  exclude: readonly string[],
): Selection {
  const graph = graphOf(nodes)
  const unmatched: string[] = []
  const answer = (texts: readonly string[]): Set<string> => {
    const found = new Set<string>()
    for (const text of texts.flatMap((part) => part.split(/\s+/)).filter((part) => part !== '')) {
      const ids = parseSelectors([text]).flatMap((union) => [...intersect(graph, union)])
      if (ids.length === 0) unmatched.push(text)
      for (const id of ids) found.add(id)
    }
    return found
  }
  const chosen = select.length === 0 ? new Set(nodes.map((node) => node.id)) : answer(select)
  const left = answer(exclude)
  return { ids: nodes.map((node) => node.id).filter((id) => chosen.has(id) && !left.has(id)), unmatched }
}

/**
 * With each node those that compute it together with others: a trait is a column of a scan.
 *
 * @returns ids, in the order of the nodes given
 */
export function withComputing(nodes: readonly CompiledNode[], ids: readonly string[]): readonly string[] {
  const chosen = new Set(ids)
  const needed = new Set(
    nodes.flatMap(({ id, computedIn = [] }) => (chosen.has(id) ? [id, ...computedIn] : [])),
  )
  return nodes.map(({ id }) => id).filter((id) => chosen.has(id) || needed.has(id))
}

interface Graph {
  readonly nodes: readonly CompiledNode[]
  readonly parents: ReadonlyMap<string, readonly string[]>
  readonly children: ReadonlyMap<string, readonly string[]>
}

function graphOf(nodes: readonly CompiledNode[]): Graph {
  const children = new Map<string, string[]>(nodes.map((node) => [node.id, []]))
  for (const node of nodes) for (const parent of node.dependsOn) children.get(parent)?.push(node.id)
  return { nodes, parents: new Map(nodes.map((node) => [node.id, node.dependsOn])), children }
}

function intersect(graph: Graph, terms: Intersection): Set<string> {
  const [first, ...rest] = terms.map((term) => reachOf(graph, term))
  const found = first ?? new Set<string>()
  return new Set([...found].filter((id) => rest.every((other) => other.has(id))))
}

function reachOf(graph: Graph, term: SelectorTerm): Set<string> {
  const named = graph.nodes.filter((node) => matches(node, term)).map((node) => node.id)
  if (term.childrensParents) {
    return walk(
      graph.parents,
      walk(graph.children, named, Number.POSITIVE_INFINITY),
      Number.POSITIVE_INFINITY,
    )
  }
  return new Set([...walk(graph.parents, named, term.up), ...walk(graph.children, named, term.down)])
}

/** Breadth first, so that each node is reached by its shortest way. */
function walk(edges: Graph['parents'], from: Iterable<string>, steps: number): Set<string> {
  const found = new Set(from)
  let edge = [...found]
  for (let step = 0; step < steps && edge.length > 0; step += 1) {
    edge = edge.flatMap((id) => edges.get(id) ?? []).filter((id) => !found.has(id) && edges.has(id))
    edge = [...new Set(edge)]
    for (const id of edge) found.add(id)
  }
  return found
}

function matches(node: CompiledNode, term: SelectorTerm): boolean {
  const like = (text: string): boolean => text === term.value || globMatches(text, term.value)
  switch (term.method) {
    case 'name':
      return like(node.name) || like(node.id)
    case 'tag':
      return node.tags.some(like)
    case 'type':
      return like(node.type)
    case 'owner':
      return node.owner !== undefined && like(node.owner)
    case 'source':
      return node.type === 'source' && like(node.name)
    case 'path':
      return node.origin !== undefined && pathMatches(node.origin.file, term.value)
  }
}

/** A file, a folder with all in it, or a pattern of either. */
function pathMatches(file: string, path: string): boolean {
  const wanted = path.replace(/^\.\//, '').replace(/\/+$/, '')
  const name = file.slice(file.lastIndexOf('/') + 1)
  return (
    file === wanted ||
    name === wanted ||
    file.startsWith(`${wanted}/`) ||
    globMatches(file, wanted) ||
    globMatches(file, `${wanted}/**`)
  )
}
