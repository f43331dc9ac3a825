import fc from 'fast-check'
import { expect, test } from 'vitest'
import { orderNodes } from '../../../src/compiler/order-nodes.ts'
import type { CompiledNode } from '../../../src/ir/node.ts'

function node(id: string, dependsOn: readonly string[]): CompiledNode {
  return { id, type: 'trait', name: id, tags: [], meta: {}, dependsOn, columns: [], steps: [] }
}

test('each node comes after those it depends on, whatever order they were given in', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.nat(30), { maxLength: 4 }), { maxLength: 30 }),
      fc.func(fc.integer()),
      (edges, shuffle) => {
        // Only to smaller numbers, so there is no cycle.
        const nodes = edges.map((to, index) =>
          node(
            `n${index}`,
            to.filter((other) => other < index).map((other) => `n${other}`),
          ),
        )
        const order = orderNodes([...nodes].sort((a, b) => shuffle(a.id) - shuffle(b.id)))
        if (!('ordered' in order)) throw new Error(`a cycle where there is none: ${order.cycle.join(' ')}`)
        expect(order.ordered).toHaveLength(nodes.length)
        const seen = new Set<string>()
        for (const { id, dependsOn } of order.ordered) {
          expect(dependsOn.every((other) => seen.has(other))).toBe(true)
          seen.add(id)
        }
        expect(orderNodes(nodes)).toEqual(order)
      },
    ),
  )
})

test('a cycle is named from its first node back to it', () => {
  const order = orderNodes([node('a', ['b']), node('b', ['c']), node('c', ['b'])])
  expect(order).toEqual({ cycle: ['b', 'c', 'b'] })
})

test('a chain of twenty thousand nodes is ordered', () => {
  const chain = Array.from({ length: 20_000 }, (_, index) =>
    node(`n${index}`, index === 0 ? [] : [`n${index - 1}`]),
  )
  const order = orderNodes([...chain].reverse())
  expect('ordered' in order && order.ordered.at(-1)?.id).toBe('n19999')
})
