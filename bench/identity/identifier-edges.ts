import type { Sql } from '../../src/dialects/dialect.ts'
import { typeRank } from './cdp-events.ts'
import type { Draws } from './draws.ts'

/** From `event_identifiers`: `distinct_identifiers(identifier_type, identifier_value, node)`, in no order, as hashes are. */
export function distinctIdentifiers(draw: Draws): Sql {
  const order = draw.key("identifier_type || ':' || identifier_value", 'order')
  return `create table distinct_identifiers as
  select
    identifier_type,
    identifier_value,
    row_number() over (order by ${order}, identifier_type, identifier_value) - 1 as node
  from (select distinct identifier_type, identifier_value from event_identifiers)`
}

/**
 * From `event_identifiers`: `string_edges(left_type, left_value, right_type, right_value)`, from the identifier of highest
 * priority on an event to each of the others, distinct.
 */
export const stringEdges: Sql = `create table string_edges as
with
sightings as (
  select arrival, identifier_type, identifier_value, ${typeRank('identifier_type')} as type_rank
  from event_identifiers
),

centres as (
  select
    arrival,
    min(type_rank) as type_rank,
    arg_min(identifier_type, type_rank) as identifier_type,
    arg_min(identifier_value, type_rank) as identifier_value
  from sightings
  group by arrival
)

select distinct
  centres.identifier_type as left_type,
  centres.identifier_value as left_value,
  sightings.identifier_type as right_type,
  sightings.identifier_value as right_value
from sightings
inner join centres
  on centres.arrival = sightings.arrival
  and centres.type_rank < sightings.type_rank`

/** From both: `edges(left_id, right_id)`. */
export const numberedEdges: Sql = `create table edges as
select distinct
  least(left_ends.node, right_ends.node) as left_id,
  greatest(left_ends.node, right_ends.node) as right_id
from string_edges
inner join distinct_identifiers as left_ends
  on left_ends.identifier_type = string_edges.left_type
  and left_ends.identifier_value = string_edges.left_value
inner join distinct_identifiers as right_ends
  on right_ends.identifier_type = string_edges.right_type
  and right_ends.identifier_value = string_edges.right_value`

/** From `string_edges`: an event for each, as `events` and `event_identifiers`. */
export const edgeEvents = (draw: Draws): readonly Sql[] => [
  `create table numbered as
  select
    row_number() over (
      order by ${draw.key("left_value || ' ' || right_value", 'order')}, left_type, left_value, right_type, right_value
    ) as arrival,
    *
  from string_edges`,
  `create table events as
  select
    arrival,
    'web' as source,
    'e' || arrival as event_id,
    'track' as type,
    'Page Viewed' as event,
    timestamp '2026-01-01' + to_seconds(arrival) as timestamp,
    timestamp '2026-01-01' + to_seconds(arrival) as received_at,
    cast(null as text) as group_id
  from numbered
  order by arrival`,
  `create table event_identifiers as
  select arrival, left_type as identifier_type, left_value as identifier_value, cast(1 as bigint) as location
  from numbered
  union all
  select arrival, right_type, right_value, 1
  from numbered`,
  'drop table numbered',
]
