import fc from 'fast-check'
import { expect, test } from 'vitest'
import { findCycles } from '../../../src/definitions/find-cycles.ts'

test('a cycle is told as its path', () => {
  const edges = new Map([
    ['a', ['b', 'x']],
    ['b', ['c']],
    ['c', ['b']],
    ['d', ['d']],
  ])
  expect(findCycles(edges)).toEqual([
    ['b', 'c', 'b'],
    ['d', 'd'],
  ])
})

test('long chains need no deep stack', () => {
  const edges = new Map(Array.from({ length: 200_000 }, (_, index) => [`n${index}`, [`n${index + 1}`]]))
  expect(findCycles(edges)).toEqual([])
})

test('what is found are cycles, and none is left without them', () => {
  const name = fc.integer({ min: 0, max: 7 }).map(String)
  fc.assert(
    fc.property(fc.array(fc.tuple(name, name), { maxLength: 20 }), (pairs) => {
      const edges = new Map<string, string[]>()
      for (const [from, to] of pairs) edges.set(from, [...(edges.get(from) ?? []), to])
      const cycles = findCycles(edges)
      const closing = new Set<string>()
      for (const path of cycles) {
        expect(path.at(-1)).toBe(path[0])
        for (const [index, from] of path.slice(0, -1).entries())
          expect(edges.get(from)).toContain(path[index + 1])
        closing.add(`${path.at(-2)} ${path.at(-1)}`)
      }
      // Without the edges that close a cycle, names can be taken away one after the other.
      let left = new Map(
        [...edges].map(([from, to]) => [from, to.filter((one) => !closing.has(`${from} ${one}`))]),
      )
      for (let before = -1; before !== left.size; ) {
        before = left.size
        left = new Map([...left].filter(([, to]) => to.some((one) => left.has(one))))
      }
      expect(left.size).toBe(0)
    }),
  )
})
