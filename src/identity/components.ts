import type { Step } from '../ir/step.ts'
import type { Writer } from './statements.ts'

/**
 * Connected components of `identity_edges(left_id, right_id)`.
 *
 * Leaves `identity_parents(node, parent)`: each node of an edge with the smallest of its component.
 * Every round hooks each node to its smallest neighbour, follows the hooks and rewrites the edges to where they lead; a
 * node that leads on keeps an edge there. Any two rounds at least halve the nodes of a component, so the rounds are at
 * most 2·log2(n) + 2. Nearly all nodes are settled by the first round, which is why the later ones keep
 * `identity_representatives` of those that are left instead of rewriting all. The edges are empty afterwards.
 */
export function componentSteps(writer: Writer): readonly Step[] {
  return [
    ...writer.table('contraction', 'first-contraction'),
    ...writer.renew('contraction', 'next-contraction'),
    ...hookSteps(writer),
    writer.count('contract edges'),
    ...contractSteps(writer),
    ...writer.rename('hooks', 'parents'),
    ...writer.table('representatives', 'no-representatives'),
    writer.repeat('contract edges', 'edges-left', 'logarithmic', [
      ...hookSteps(writer),
      ...writer.renew('representatives', 'next-representatives'),
      ...contractSteps(writer),
    ]),
    ...writer.renew('parents', 'last-parents'),
  ]
}

function hookSteps(writer: Writer): readonly Step[] {
  return [
    ...writer.table('hooks', 'hooks'),
    writer.repeat('follow hooks', 'unsettled-hooks', 'logarithmic', writer.renew('hooks', 'jumped-hooks')),
  ]
}

function contractSteps(writer: Writer): readonly Step[] {
  return [...writer.renew('edges', 'contracted-edges'), ...writer.renew('contraction', 'next-contraction')]
}
