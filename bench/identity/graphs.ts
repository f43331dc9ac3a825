import type { Sql } from '../../src/dialects/dialect.ts'
import type { Draws } from './draws.ts'

export type GraphName = 'sorted path' | 'random path' | 'star' | 'power law'

/** 2^21 nodes. */
const powerLawLevels = 21

/** Statements that leave `edges(left_id, right_id)`: distinct, the left end smaller, numbers from 0. */
export function graphEdges(graph: GraphName, edges: number, draw: Draws): readonly Sql[] {
  return [
    `create table edges as
    select distinct least(a, b) as left_id, greatest(a, b) as right_id
    from (${drawnEdges(graph, edges, draw)})
    where a <> b`,
  ]
}

function drawnEdges(graph: GraphName, edges: number, draw: Draws): Sql {
  switch (graph) {
    case 'sorted path':
      return `select i as a, i + 1 as b from range(${edges}) as path(i)`
    case 'random path':
      return `select node as a, lead(node) over (order by i) as b
      from (
        select i, row_number() over (order by ${draw.key('i', 'order')}) - 1 as node
        from range(${edges + 1}) as path(i)
      )`
    // Its centre is the last: the worst place for those who look for the smallest.
    case 'star':
      return `select i as a, ${edges} as b from range(${edges}) as leaves(i)`
    case 'power law':
      return recursiveMatrix(edges, draw)
  }
}

/**
 * R-MAT with the usual 0.57, 0.19, 0.19, 0.05: each edge goes down into a quadrant of the matrix, level by level. A few
 * edges are drawn twice.
 */
function recursiveMatrix(edges: number, draw: Draws): Sql {
  const levels = Array.from({ length: powerLawLevels }, (_, level) => level)
  const bit = (level: number, condition: string): Sql =>
    `case when ${condition} then ${2 ** level} else 0 end`
  const quadrants = levels.map((level) => `${draw.below(100, 'i', `level ${level}`)} as level_${level}`)
  const left = levels.map((level) => bit(level, `level_${level} >= 76`))
  const right = levels.map((level) => bit(level, `level_${level} between 57 and 75 or level_${level} >= 95`))
  return `select
    cast(${left.join(' + ')} as bigint) as a,
    cast(${right.join(' + ')} as bigint) as b
  from (select i, ${quadrants.join(', ')} from range(${edges}) as drawn(i))`
}
