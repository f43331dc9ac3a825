import type { Step } from '../ir/step.ts'
import type { Writer } from './statements.ts'

/**
 * Connected components of `identity_edges(left_id, right_id)`.
 *
 * Leaves `identity_parents(node, parent)`: each node but the smallest of its component, with that smallest one.
 * Every round hooks each node to its smallest neighbour, follows the hooks to their ends and rewrites the edges
 * to those; any two rounds at least halve the nodes of a component, so the rounds are at most 2·log2(n) + 2.
 * The edges are empty afterwards.
 */
export function componentSteps(writer: Writer): readonly Step[] {
  return [
    ...writer.table('parents', 'no-parents'),
    writer.repeat('contract edges', 'edges-left', 'logarithmic', [
      ...writer.table('hooks', 'hooks'),
      writer.repeat('follow hooks', 'unsettled-hooks', 'logarithmic', [
        ...writer.table('jumps', 'jumped-hooks'),
        ...writer.table('hooks', 'settled-hooks'),
      ]),
      writer.run('add-parents'),
      ...writer.table('contractedEdges', 'contracted-edges'),
      ...writer.table('edges', 'next-edges'),
    ]),
    // A node hooked in one round may have been hooked to one that was hooked later.
    writer.repeat('follow parents', 'unsettled-parents', 'logarithmic', [
      ...writer.table('jumps', 'jumped-parents'),
      ...writer.table('parents', 'settled-parents'),
    ]),
  ]
}
