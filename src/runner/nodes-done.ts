import type { CompiledNode } from '../ir/node.ts'
import { waitsFor } from './run-order.ts'
import type { RunResultsFile } from './run-results-file.ts'

/**
 * The selected nodes that an earlier run did as they are now, and all they wait for as well: what was edited since runs
 * again, with what comes after it.
 *
 * @param checksums of the nodes as they are now
 */
export function nodesDone(
  nodes: readonly CompiledNode[],
  selected: ReadonlySet<string>,
  checksums: ReadonlyMap<string, string>,
  earlier: RunResultsFile,
): ReadonlySet<string> {
  const succeeded = new Map(
    earlier.nodes.flatMap(({ id, status, checksum }) => (status === 'success' ? [[id, checksum]] : [])),
  )
  const done = new Set<string>()
  // Dependencies come before what depends on them.
  for (const [id, waits] of waitsFor(nodes, selected)) {
    const same = succeeded.has(id) && succeeded.get(id) === checksums.get(id)
    if (same && [...waits].every((each) => done.has(each))) done.add(id)
  }
  return done
}
