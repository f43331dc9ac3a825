import { join } from 'node:path'
import type { Generated } from './generate.ts'
import { fastestOf, inProcess } from './in-process.ts'
import { type PartInput, usualEvents } from './part.ts'
import { assertSame, contender, count, ratio, seconds } from './report.ts'

/** Components of integer edges that are in a table already: our steps, the loop that is usual in SQL, a union-find. */
export function componentsPart({ scale = usualEvents, seed, folder }: PartInput): void {
  const large = Math.min(scale, 1_000_000)
  const graphs = [
    { graph: 'sorted path', edges: Math.min(4000, Math.ceil(scale / 250)) - 1, byLabels: true },
    { graph: 'sorted path', edges: large - 1, byLabels: false },
    { graph: 'random path', edges: large - 1, byLabels: false },
    { graph: 'star', edges: large, byLabels: false },
    { graph: 'power law', edges: large * 5, byLabels: true },
  ] as const
  const file = join(folder, 'cdp.duckdb')
  const cdp = inProcess('generateEdges', { file, seed, events: scale, sharedPercent: 4 })
  compareComponents(`edges of ${count(scale)} events`, file, cdp, true)
  graphs.forEach(({ graph, edges, byLabels }, index) => {
    const own = join(folder, `graph_${index}.duckdb`)
    compareComponents(graph, own, inProcess('generateGraph', { file: own, seed, graph, edges }), byLabels)
  })
}

/** @param byLabels whether the usual loop is tried too: on a long path it would take days */
export function compareComponents(
  name: string,
  file: string,
  { nodes, edges, below }: Generated,
  byLabels: boolean,
): void {
  console.log(`${name}: ${count(nodes)} identifiers, ${count(edges)} edges`)
  const graph = { file, nodes: below }
  const own = fastestOf(() => inProcess('componentsByProduct', graph))
  contender(
    'componentSteps',
    own,
    `${own.rounds} rounds of at most ${Math.floor(2 * Math.log2(nodes)) + 2}, ${own.jumps} jumps`,
    nodes,
  )
  const found = fastestOf(() => inProcess('componentsByUnionFind', graph))
  contender('union-find in Node.js', found, `after ${seconds(found.read.seconds)} to read the edges`, nodes)
  assertSame(`components of ${name}`, { componentSteps: own.signature, 'union-find': found.signature })
  ratio('componentSteps / union-find', own, found)
  if (!byLabels) return
  const labels = fastestOf(() => inProcess('componentsByLabels', graph))
  contender('smallest labels in SQL', labels, `${labels.rounds} rounds`, nodes)
  assertSame(`components of ${name}`, { componentSteps: own.signature, labels: labels.signature })
  ratio('smallest labels / componentSteps', labels, own)
}
