import type { Sql } from '../../src/dialects/dialect.ts'
import type { Draws } from './draws.ts'

/** For 10 million identifiers: 1.84 million clusters, 16.1 million edges, on which others have published figures. */
const clustersPerIdentifier = 0.184
/** The third edge of the members that get one: what is missing to 1.61 edges an identifier. */
const thirdEdgePercent = 33
const multipliers = [0x9e3779b1, 0x85ebca6b]

/**
 * Statements that leave `edges(left_id, right_id)` and `string_edges(left_type, left_value, right_type, right_value)`.
 *
 * Sizes of clusters are two and a geometric number more. Each member but the first has an edge to one or two of those
 * before it, some to three. Node numbers are scattered, below twice the identifiers.
 */
export function clusterEdges(identifiers: number, draw: Draws): readonly Sql[] {
  const clusters = Math.round(identifiers * clustersPerIdentifier)
  const more = identifiers / clusters - 2
  // Room for sizes that come out larger than expected.
  const bits = Math.ceil(Math.log2(identifiers * 1.25))
  const node = (member: Sql): Sql => {
    const [first, second] = multipliers.map((multiplier) => (multiplier % 2 ** bits) | 1)
    const half = Math.ceil(bits / 2)
    // Each step can be undone, so no two members get one number.
    const mixed = `((${member}) * ${first} % ${2 ** bits})`
    return `(xor(${mixed}, ${mixed} >> ${half}) * ${second} % ${2 ** bits})`
  }
  const type = (id: Sql): Sql =>
    `case ${id} % 3 when 0 then 'user_id' when 1 then 'email' else 'anonymous_id' end`
  return [
    `create temp table sizes as
    select
      cluster,
      2 + cast(floor(ln(1 - ${draw.unit('cluster', 'size')}) / ln(${more / (1 + more)})) as bigint) as size
    from range(${clusters}) as drawn(cluster)`,
    `create temp table members as
    select
      sum(size) over (order by cluster) - size as first_member,
      unnest(range(size)) as place
    from sizes`,
    `create table edges as
    select distinct least(a, b) as left_id, greatest(a, b) as right_id
    from (
      select
        ${node('cast(first_member as bigint) + place')} as a,
        ${node(`cast(first_member as bigint) + (${draw.below('place', 'first_member + place', 'earlier')} + step) % place`)} as b
      from members
      cross join range(3) as steps(step)
      where place > step
        and (step < 2 or ${draw.percent(thirdEdgePercent, 'first_member + place', 'third')})
    )`,
    `create table string_edges as
    select
      ${type('left_id')} as left_type,
      md5(cast(left_id as text)) as left_value,
      ${type('right_id')} as right_type,
      md5(cast(right_id as text)) as right_value
    from edges`,
    'drop table sizes',
    'drop table members',
  ]
}
