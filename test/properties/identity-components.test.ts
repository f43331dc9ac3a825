import { expect, test } from 'vitest'
import type { Adapter } from '../../src/adapters/adapter.ts'
import { componentSteps } from '../../src/identity/components.ts'
import { identityContext } from '../../src/identity/context.ts'
import { defaultHardLimits } from '../../src/identity/limits.ts'
import { identityWriter } from '../../src/identity/statements.ts'
import { identityRelation } from '../../src/identity/tables.ts'
import { runSteps } from '../../src/runner/run-steps.ts'
import { giveEvents, identityTemplates, rulesOf } from '../scenarios/identity/identity-run.ts'
import { engines } from '../support/engines.ts'

interface Graph {
  readonly name: string
  /** Nodes are below it. */
  readonly nodes: number
  readonly edges: number
  /** A select of `a` and `b`, the two ends of each edge in any order. */
  readonly select: string
}

// i³ modulo a prime p that is 2 modulo 3 is a permutation, and a good shuffle.
const prime = 1_000_037
const shuffled = (i: string): string => `((${i}) * (${i}) % ${prime} * (${i}) % ${prime})`
const most = 2 ** 21
const drawn = (number: string): string => `cast(hash(${number}) % ${most} as bigint)`
// The cube of a number drawn evenly falls on node k with probability ~ k^(-2/3): few nodes have most of the edges.
const cubed = (x: string): string => `(${x} * ${x} // ${most} * ${x} // ${most})`

const graphs: readonly Graph[] = [
  {
    name: 'a path of 1,000,000 in order',
    nodes: 1_000_001,
    edges: 1_000_000,
    select: 'select i as a, i + 1 as b from range(1000000) as r(i)',
  },
  {
    name: 'a path of 1,000,000 in random order',
    nodes: prime,
    edges: 1_000_000,
    select: `select ${shuffled('i')} as a, ${shuffled('i + 1')} as b from range(1000000) as r(i)`,
  },
  {
    name: 'a star of 1,000,000 whose centre is the last',
    nodes: 1_000_001,
    edges: 1_000_000,
    select: 'select i as a, 1000000 as b from range(1000000) as r(i)',
  },
  {
    name: 'a power-law graph of 5,000,000 edges',
    nodes: most,
    edges: 5_000_000,
    select: `select ${cubed(drawn('2 * i'))} as a, ${drawn('2 * i + 1')} as b from range(5005000) as r(i)`,
  },
]

/** Calls `each` with the rows of a table of two integers; they come as text, which is faster than row by row. @returns rows */
async function forEachPair(
  adapter: Adapter,
  table: string,
  columns: readonly [string, string],
  each: (left: number, right: number) => void,
): Promise<number> {
  const rows = await adapter.query(
    `select string_agg(${columns.join(" || ' ' || ")}, ' ') as pairs from ${table} group by rowid // 100000`,
  )
  let count = 0
  for (const { pairs } of rows) {
    const numbers = String(pairs).split(' ')
    for (let at = 0; at < numbers.length; at += 2) each(Number(numbers[at]), Number(numbers[at + 1]))
    count += numbers.length / 2
  }
  return count
}

/** Each node's smallest of its component, by a union-find that always hangs the larger root below the smaller one. */
class UnionFind {
  readonly #parent: Int32Array

  constructor(nodes: number) {
    this.#parent = Int32Array.from({ length: nodes }, (_, node) => node)
  }

  find(node: number): number {
    const parent = this.#parent
    let at = node
    for (;;) {
      const above = parent[at] ?? at
      if (above === at) return at
      parent[at] = parent[above] ?? above
      at = above
    }
  }

  join(a: number, b: number): void {
    const [left, right] = [this.find(a), this.find(b)]
    this.#parent[Math.max(left, right)] = Math.min(left, right)
  }
}

test.each(graphs.map((graph) => [graph.name, graph] as const))(
  'components of %s equal a union-find',
  async (_, { nodes, edges, select }) => {
    const duckdb = engines.find((engine) => engine.dialect === 'duckdb')
    if (duckdb === undefined) throw new Error('no DuckDB')
    const { adapter, workSchema, drop } = await duckdb.open()
    try {
      const { dialect } = adapter
      const rules = rulesOf([{ type: 'user_id', limit: 1, frequency: 'ever' }])
      const context = identityContext(rules, defaultHardLimits, dialect, workSchema)
      const writer = identityWriter(context, dialect, identityTemplates(), workSchema)
      await giveEvents(adapter, workSchema, [])
      const distinctEdges = `select distinct least(a, b) as left_id, greatest(a, b) as right_id from (${select}) where a <> b`
      for (const sql of dialect.createTableAs(identityRelation(workSchema, 'edges'), distinctEdges))
        await adapter.execute(sql)
      const expected = new UnionFind(nodes)
      const read = await forEachPair(adapter, context.tables.edges, ['left_id', 'right_id'], (a, b) =>
        expected.join(a, b),
      )
      expect(read).toBeGreaterThanOrEqual(edges)

      await runSteps(adapter, [...writer.table('rounds', 'no-rounds'), ...componentSteps(writer)])
      const [counted] = await adapter.query(
        `select count(*) as n from ${context.tables.rounds} where loop_name = 'contract edges'`,
      )
      const rounds = Number(counted?.n)
      expect(rounds).toBeGreaterThan(0)
      expect(rounds).toBeLessThanOrEqual(2 * Math.log2(nodes) + 2)

      const answered = Int32Array.from({ length: nodes }, (_, node) => node)
      const told = await forEachPair(adapter, context.tables.parents, ['node', 'parent'], (node, parent) => {
        answered[node] = parent
      })
      const wrong = answered.findIndex((parent, node) => parent !== expected.find(node))
      expect(wrong, 'first node in a wrong component').toBe(-1)
      const alone = answered.reduce((count, parent, node) => (parent === node ? count + 1 : count), 0)
      expect(told).toBeGreaterThanOrEqual(nodes - alone)
      expect(told).toBeLessThanOrEqual(nodes)
    } finally {
      await drop()
    }
  },
)
