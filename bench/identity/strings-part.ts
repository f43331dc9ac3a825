import { join } from 'node:path'
import type { Generated } from './generate.ts'
import { fastestOf, inProcess } from './in-process.ts'
import type { Measurement } from './measurement.ts'
import { type PartInput, usualEvents } from './part.ts'
import { assertSame, contender, count, ratio } from './report.ts'
import { compileUnionFind, runUnionFind } from './union-find-in-c.ts'

/** Distinct edges of strings until the mapping is a table: our whole plan without limits, a union-find in C, one in Node.js. */
export function stringsPart({ scale = usualEvents, seed, folder }: PartInput): void {
  const file = join(folder, 'strings.duckdb')
  const generated = inProcess('generateEdges', { file, seed, events: scale, sharedPercent: 4 })
  compareStrings(`string edges of ${count(scale)} events`, file, generated, folder, true)
}

/** @param inNode whether Node.js is tried too: it takes minutes for many millions of strings */
export function compareStrings(
  name: string,
  file: string,
  { nodes, edges }: Generated,
  folder: string,
  inNode: boolean,
): void {
  console.log(`${name}: ${count(nodes)} identifiers, ${count(edges)} edges`)
  const plan = fastestOf(() => inProcess('resolveAll', { file, limits: 'none' }))
  contender('whole plan', plan, '', nodes)
  contender('  until components', plan.untilComponents, '', nodes)
  const mapped = fastestOf(() => inProcess('stringsByProduct', { file }))
  contender('until a mapping in texts', mapped, '', nodes)
  assertSame(name, { plan: plan.partition, mapping: mapped.partition })
  const baseline = (what: string, of: Measurement): void => {
    ratio(`whole plan / ${what}`, plan, of)
    ratio(`until components / ${what}`, plan.untilComponents, of)
    ratio(`until a mapping in texts / ${what}`, mapped, of)
  }
  const program = compileUnionFind(folder)
  if (program === undefined) console.log('  union-find in C: not compared, for there is no C compiler')
  else {
    const [from, to] = [join(folder, 'edges.tsv'), join(folder, 'mapping.tsv')]
    inProcess('writeStringEdges', { file, edges: from })
    const inC = fastestOf(() => runUnionFind(program, from, to))
    contender(
      'union-find in C',
      inC,
      `encode ${inC.encode}, join ${inC.unionFind}, write ${inC.write} s`,
      nodes,
    )
    assertSame(name, { plan: plan.partition, C: inProcess('partitionOfFile', { file, mapping: to }) })
    baseline('C', inC)
  }
  if (!inNode) return
  const node = fastestOf(() => inProcess('stringsByUnionFind', { file }))
  contender('Map and union-find in Node.js', node, '', nodes)
  assertSame(name, { plan: plan.partition, 'Node.js': node.partition })
  baseline('Node.js', node)
}
