import { type CdpShape, cdpEvents } from './cdp-events.ts'
import { clusterEdges } from './clusters.ts'
import { oneRow, openDatabase, runAll } from './database.ts'
import { draws } from './draws.ts'
import { type GraphName, graphEdges } from './graphs.ts'
import { distinctIdentifiers, edgeEvents, numberedEdges, stringEdges } from './identifier-edges.ts'

export interface Generated {
  readonly edges: number
  /** Nodes with an edge. */
  readonly nodes: number
  /** All nodes are below it. */
  readonly below: number
}

interface Into {
  /** A new database. */
  readonly file: string
  readonly seed: number
}

/** Writes `edges`. */
export async function generateGraph({
  file,
  seed,
  graph,
  edges,
}: Into & { readonly graph: GraphName; readonly edges: number }): Promise<Generated> {
  return counted(file, graphEdges(graph, edges, draws(seed)))
}

/** Writes `events`, `event_identifiers` and `distinct_identifiers`. */
export async function generateEvents({ file, seed, ...shape }: Into & CdpShape): Promise<void> {
  await written(file, [...cdpEvents(shape, draws(seed)), distinctIdentifiers(draws(seed))])
}

/** Writes `edges` and `string_edges` of such events, and instead of those an event for each edge. */
export async function generateEdges({ file, seed, ...shape }: Into & CdpShape): Promise<Generated> {
  return counted(file, [
    ...cdpEvents(shape, draws(seed)),
    distinctIdentifiers(draws(seed)),
    stringEdges,
    numberedEdges,
    'drop table events',
    'drop table event_identifiers',
    ...edgeEvents(draws(seed)),
  ])
}

/** Writes the same of so many identifiers in clusters of about five. */
export async function generateClusters({
  file,
  seed,
  identifiers,
}: Into & { readonly identifiers: number }): Promise<Generated> {
  return counted(file, [...clusterEdges(identifiers, draws(seed)), ...edgeEvents(draws(seed))])
}

async function written(file: string, statements: readonly string[]): Promise<void> {
  const adapter = await openDatabase(file)
  await runAll(adapter, [...statements, 'checkpoint'])
  await adapter.close()
}

async function counted(file: string, statements: readonly string[]): Promise<Generated> {
  await written(file, statements)
  const adapter = await openDatabase(file)
  const row = await oneRow(
    adapter,
    `select count(*) // 2 as edges, count(distinct node) as nodes, max(node) + 1 as below
    from (select unnest([left_id, right_id]) as node from edges)`,
  )
  await adapter.close()
  return { edges: Number(row.edges), nodes: Number(row.nodes), below: Number(row.below) }
}
