with
suppressed as (
  select distinct user_identifiers.canonical_segment_id
  from personas.suppressions as suppressions
  inner join personas.user_identifiers as user_identifiers
    on user_identifiers.type = suppressions.type
    and lower(user_identifiers.value) = lower(suppressions.value)
  where suppressions.ended_at is null
),

chosen as (
  select profile_traits.canonical_segment_id as profile_id
  from personas.profile_traits as profile_traits
  inner join personas_sync.serving_users as candidates
    on candidates.profile_id = profile_traits.canonical_segment_id
  left join suppressed
    on suppressed.canonical_segment_id = profile_traits.canonical_segment_id
  where profile_traits.merged_to is null
    and suppressed.canonical_segment_id is null
),

served as (
  select
    chosen.profile_id,
    concat(
      '',
      coalesce(to_varchar(length(profile_traits.email)), ''), ':', coalesce(profile_traits.email, ''),
      coalesce(to_varchar(length(profile_traits.name)), ''), ':', coalesce(profile_traits.name, ''),
      coalesce(to_varchar(length(cast(profile_traits.orders as varchar))), ''), ':', coalesce(cast(profile_traits.orders as varchar), ''),
      coalesce(to_varchar(length(case when profile_traits.spent = floor(profile_traits.spent) and abs(profile_traits.spent) < 1e16 then cast(cast(profile_traits.spent as number(38, 0)) as varchar) when abs(profile_traits.spent) >= 1e-4 and abs(profile_traits.spent) < 1e15 then case when cast(cast(profile_traits.spent as number(38, 2)) as float) = profile_traits.spent then rtrim(cast(cast(profile_traits.spent as number(38, 2)) as varchar), '0') when cast(cast(profile_traits.spent as number(38, 4)) as float) = profile_traits.spent then rtrim(cast(cast(profile_traits.spent as number(38, 4)) as varchar), '0') when cast(cast(profile_traits.spent as number(38, 6)) as float) = profile_traits.spent then rtrim(cast(cast(profile_traits.spent as number(38, 6)) as varchar), '0') when cast(cast(profile_traits.spent as number(38, 9)) as float) = profile_traits.spent then rtrim(cast(cast(profile_traits.spent as number(38, 9)) as varchar), '0') when cast(cast(profile_traits.spent as number(38, 12)) as float) = profile_traits.spent then rtrim(cast(cast(profile_traits.spent as number(38, 12)) as varchar), '0') when cast(cast(profile_traits.spent as number(38, 15)) as float) = profile_traits.spent then rtrim(cast(cast(profile_traits.spent as number(38, 15)) as varchar), '0') when cast(cast(profile_traits.spent as number(38, 17)) as float) = profile_traits.spent then rtrim(cast(cast(profile_traits.spent as number(38, 17)) as varchar), '0') else cast(profile_traits.spent as varchar) end when profile_traits.spent = cast('nan' as float) then 'NaN' when profile_traits.spent = cast('inf' as float) then 'Infinity' when profile_traits.spent = cast('-inf' as float) then '-Infinity' else cast(profile_traits.spent as varchar) end)), ''), ':', coalesce(case when profile_traits.spent = floor(profile_traits.spent) and abs(profile_traits.spent) < 1e16 then cast(cast(profile_traits.spent as number(38, 0)) as varchar) when abs(profile_traits.spent) >= 1e-4 and abs(profile_traits.spent) < 1e15 then case when cast(cast(profile_traits.spent as number(38, 2)) as float) = profile_traits.spent then rtrim(cast(cast(profile_traits.spent as number(38, 2)) as varchar), '0') when cast(cast(profile_traits.spent as number(38, 4)) as float) = profile_traits.spent then rtrim(cast(cast(profile_traits.spent as number(38, 4)) as varchar), '0') when cast(cast(profile_traits.spent as number(38, 6)) as float) = profile_traits.spent then rtrim(cast(cast(profile_traits.spent as number(38, 6)) as varchar), '0') when cast(cast(profile_traits.spent as number(38, 9)) as float) = profile_traits.spent then rtrim(cast(cast(profile_traits.spent as number(38, 9)) as varchar), '0') when cast(cast(profile_traits.spent as number(38, 12)) as float) = profile_traits.spent then rtrim(cast(cast(profile_traits.spent as number(38, 12)) as varchar), '0') when cast(cast(profile_traits.spent as number(38, 15)) as float) = profile_traits.spent then rtrim(cast(cast(profile_traits.spent as number(38, 15)) as varchar), '0') when cast(cast(profile_traits.spent as number(38, 17)) as float) = profile_traits.spent then rtrim(cast(cast(profile_traits.spent as number(38, 17)) as varchar), '0') else cast(profile_traits.spent as varchar) end when profile_traits.spent = cast('nan' as float) then 'NaN' when profile_traits.spent = cast('inf' as float) then 'Infinity' when profile_traits.spent = cast('-inf' as float) then '-Infinity' else cast(profile_traits.spent as varchar) end, ''),
      coalesce(to_varchar(length(profile_traits.items)), ''), ':', coalesce(profile_traits.items, ''),
      coalesce(to_varchar(length(cast(profile_traits.buyers as varchar))), ''), ':', coalesce(cast(profile_traits.buyers as varchar), ''),
      coalesce(to_varchar(length(cast(profile_traits.nobody as varchar))), ''), ':', coalesce(cast(profile_traits.nobody as varchar), '')
    ) as traits
  from chosen
  inner join personas.profile_traits as profile_traits
    on profile_traits.canonical_segment_id = chosen.profile_id
),

trait_source_rows as (
  select
    trait_values.canonical_segment_id as profile_id,
    concat(
      '',
      coalesce(to_varchar(length(trait_values.name)), ''), ':', coalesce(trait_values.name, ''),
      coalesce(to_varchar(length(events.source)), ''), ':', coalesce(events.source, ''),
      coalesce(to_varchar(length(cast(date_part(epoch_microsecond, trait_values.timestamp) as varchar))), ''), ':', coalesce(cast(date_part(epoch_microsecond, trait_values.timestamp) as varchar), '')
    ) as line
  from personas_work.user_custom_trait_values as trait_values
  inner join chosen
    on chosen.profile_id = trait_values.canonical_segment_id
  inner join personas_work.events as events
    on events.arrival = trait_values.arrival
),

trait_sources as (
  select
    trait_source_rows.profile_id,
    nullif(to_json(array_agg(distinct trait_source_rows.line) within group (order by trait_source_rows.line)), '[]') as trait_sources
  from trait_source_rows
  group by trait_source_rows.profile_id
),

external_id_rows as (
  select
    id_graph.canonical_segment_id as profile_id,
    concat(
      '',
      coalesce(to_varchar(length(mappings.seq)), ''), ':', coalesce(mappings.seq, ''),
      coalesce(to_varchar(length(mappings.external_id_type)), ''), ':', coalesce(mappings.external_id_type, ''),
      coalesce(to_varchar(length(mappings.external_id_value)), ''), ':', coalesce(mappings.external_id_value, ''),
      coalesce(to_varchar(length(mappings.external_id_hash)), ''), ':', coalesce(mappings.external_id_hash, ''),
      coalesce(to_varchar(length(cast(date_part(epoch_microsecond, coalesce(mappings.timestamp, mappings.received_at)) as varchar))), ''), ':', coalesce(cast(date_part(epoch_microsecond, coalesce(mappings.timestamp, mappings.received_at)) as varchar), ''),
      coalesce(to_varchar(length(mappings.triggering_event_id)), ''), ':', coalesce(mappings.triggering_event_id, ''),
      coalesce(to_varchar(length(mappings.triggering_event_source_id)), ''), ':', coalesce(mappings.triggering_event_source_id, ''),
      coalesce(to_varchar(length(mappings.segment_id)), ''), ':', coalesce(mappings.segment_id, '')
    ) as line
  from personas.external_id_mapping_updates as mappings
  inner join personas.id_graph as id_graph
    on id_graph.segment_id = mappings.segment_id
  inner join chosen
    on chosen.profile_id = id_graph.canonical_segment_id
),

external_ids as (
  select
    external_id_rows.profile_id,
    nullif(to_json(array_agg(distinct external_id_rows.line) within group (order by external_id_rows.line)), '[]') as external_ids
  from external_id_rows
  group by external_id_rows.profile_id
),

former_ids as (
  select
    id_graph.canonical_segment_id as profile_id,
    nullif(to_json(array_agg(distinct id_graph.segment_id) within group (order by id_graph.segment_id)), '[]') as former_ids
  from personas.id_graph as id_graph
  inner join chosen
    on chosen.profile_id = id_graph.canonical_segment_id
  where id_graph.segment_id <> id_graph.canonical_segment_id
  group by id_graph.canonical_segment_id
),

-- Audiences that somebody was in once: of others nothing is said.
exits as (
  select
    id_graph.canonical_segment_id as profile_id,
    nullif(to_json(array_agg(distinct audience_memberships.audience_key) within group (order by audience_memberships.audience_key)), '[]') as exits
  from personas.audience_memberships as audience_memberships
  inner join personas.id_graph as id_graph
    on id_graph.segment_id = audience_memberships.profile_id
  inner join chosen
    on chosen.profile_id = id_graph.canonical_segment_id
  where audience_memberships.entity = 'user'
    and audience_memberships.exited_at is not null
  group by id_graph.canonical_segment_id
),

links as (
  select
    account_users.canonical_segment_id as profile_id,
    nullif(to_json(array_slice(array_agg(distinct account_users.account_id) within group (order by account_users.account_id), 0, 20)), '[]') as links
  from personas.account_users as account_users
  inner join chosen
    on chosen.profile_id = account_users.canonical_segment_id
  group by account_users.canonical_segment_id
),

-- Every profile there ever was, by its number, under the id it has now.
owners as (
  select
    state_profiles.profile,
    canonical_profiles.segment_id as owner_id
  from personas_work.state_profiles as state_profiles
  inner join personas_work.state_profiles as canonical_profiles
    on canonical_profiles.profile = state_profiles.canonical
  inner join chosen
    on chosen.profile_id = canonical_profiles.segment_id
),

last_arrivals as (
  select
    owners.owner_id,
    max(state_event_profiles.arrival) as arrival
  from personas_work.state_event_profiles as state_event_profiles
  inner join owners
    on owners.profile = state_event_profiles.profile
  group by owners.owner_id
),

seen_events as (
  select
    owners.owner_id,
    events.arrival,
    events.source,
    events.event_id,
    events.event,
    events.timestamp,
    row_number() over (
      partition by owners.owner_id
      order by events.timestamp desc nulls last, events.arrival desc nulls last
    ) as place
  from personas_work.events as events
  inner join personas_work.state_event_profiles as state_event_profiles
    on state_event_profiles.arrival = events.arrival
  inner join owners
    on owners.profile = state_event_profiles.profile
  where events.type = 'track'
    and events.timestamp > dateadd(second, -1209600, cast('2026-05-25 00:00:00' as timestamp_ntz(6)))
    and events.timestamp <= cast('2026-05-25 00:00:00' as timestamp_ntz(6))
),

recent_events as (
  select seen_events.*
  from seen_events
  where seen_events.place <= 1000
),

served_events as (
  select distinct
    recent_events.arrival,
    recent_events.source,
    recent_events.event_id
  from recent_events
),

event_id_rows as (
  select
    event_identifiers.arrival,
    concat(
      '',
      coalesce(to_varchar(length(event_identifiers.identifier_type)), ''), ':', coalesce(event_identifiers.identifier_type, ''),
      coalesce(to_varchar(length(event_identifiers.identifier_value)), ''), ':', coalesce(event_identifiers.identifier_value, '')
    ) as line
  from personas_work.event_identifiers as event_identifiers
  inner join served_events
    on served_events.arrival = event_identifiers.arrival
),

event_ids as (
  select
    event_id_rows.arrival,
    nullif(to_json(array_agg(distinct event_id_rows.line) within group (order by event_id_rows.line)), '[]') as external_ids
  from event_id_rows
  group by event_id_rows.arrival
),

web_order_completed as (
  select
    'web' as source,
    order_completed.id as event_id,
    0 as place,
    '0' as layout,
    concat(
      '',
      coalesce(to_varchar(length(case when cast(order_completed.revenue as float) = floor(cast(order_completed.revenue as float)) and abs(cast(order_completed.revenue as float)) < 1e16 then cast(cast(cast(order_completed.revenue as float) as number(38, 0)) as varchar) when abs(cast(order_completed.revenue as float)) >= 1e-4 and abs(cast(order_completed.revenue as float)) < 1e15 then case when cast(cast(cast(order_completed.revenue as float) as number(38, 2)) as float) = cast(order_completed.revenue as float) then rtrim(cast(cast(cast(order_completed.revenue as float) as number(38, 2)) as varchar), '0') when cast(cast(cast(order_completed.revenue as float) as number(38, 4)) as float) = cast(order_completed.revenue as float) then rtrim(cast(cast(cast(order_completed.revenue as float) as number(38, 4)) as varchar), '0') when cast(cast(cast(order_completed.revenue as float) as number(38, 6)) as float) = cast(order_completed.revenue as float) then rtrim(cast(cast(cast(order_completed.revenue as float) as number(38, 6)) as varchar), '0') when cast(cast(cast(order_completed.revenue as float) as number(38, 9)) as float) = cast(order_completed.revenue as float) then rtrim(cast(cast(cast(order_completed.revenue as float) as number(38, 9)) as varchar), '0') when cast(cast(cast(order_completed.revenue as float) as number(38, 12)) as float) = cast(order_completed.revenue as float) then rtrim(cast(cast(cast(order_completed.revenue as float) as number(38, 12)) as varchar), '0') when cast(cast(cast(order_completed.revenue as float) as number(38, 15)) as float) = cast(order_completed.revenue as float) then rtrim(cast(cast(cast(order_completed.revenue as float) as number(38, 15)) as varchar), '0') when cast(cast(cast(order_completed.revenue as float) as number(38, 17)) as float) = cast(order_completed.revenue as float) then rtrim(cast(cast(cast(order_completed.revenue as float) as number(38, 17)) as varchar), '0') else cast(cast(order_completed.revenue as float) as varchar) end when cast(order_completed.revenue as float) = cast('nan' as float) then 'NaN' when cast(order_completed.revenue as float) = cast('inf' as float) then 'Infinity' when cast(order_completed.revenue as float) = cast('-inf' as float) then '-Infinity' else cast(cast(order_completed.revenue as float) as varchar) end)), ''), ':', coalesce(case when cast(order_completed.revenue as float) = floor(cast(order_completed.revenue as float)) and abs(cast(order_completed.revenue as float)) < 1e16 then cast(cast(cast(order_completed.revenue as float) as number(38, 0)) as varchar) when abs(cast(order_completed.revenue as float)) >= 1e-4 and abs(cast(order_completed.revenue as float)) < 1e15 then case when cast(cast(cast(order_completed.revenue as float) as number(38, 2)) as float) = cast(order_completed.revenue as float) then rtrim(cast(cast(cast(order_completed.revenue as float) as number(38, 2)) as varchar), '0') when cast(cast(cast(order_completed.revenue as float) as number(38, 4)) as float) = cast(order_completed.revenue as float) then rtrim(cast(cast(cast(order_completed.revenue as float) as number(38, 4)) as varchar), '0') when cast(cast(cast(order_completed.revenue as float) as number(38, 6)) as float) = cast(order_completed.revenue as float) then rtrim(cast(cast(cast(order_completed.revenue as float) as number(38, 6)) as varchar), '0') when cast(cast(cast(order_completed.revenue as float) as number(38, 9)) as float) = cast(order_completed.revenue as float) then rtrim(cast(cast(cast(order_completed.revenue as float) as number(38, 9)) as varchar), '0') when cast(cast(cast(order_completed.revenue as float) as number(38, 12)) as float) = cast(order_completed.revenue as float) then rtrim(cast(cast(cast(order_completed.revenue as float) as number(38, 12)) as varchar), '0') when cast(cast(cast(order_completed.revenue as float) as number(38, 15)) as float) = cast(order_completed.revenue as float) then rtrim(cast(cast(cast(order_completed.revenue as float) as number(38, 15)) as varchar), '0') when cast(cast(cast(order_completed.revenue as float) as number(38, 17)) as float) = cast(order_completed.revenue as float) then rtrim(cast(cast(cast(order_completed.revenue as float) as number(38, 17)) as varchar), '0') else cast(cast(order_completed.revenue as float) as varchar) end when cast(order_completed.revenue as float) = cast('nan' as float) then 'NaN' when cast(order_completed.revenue as float) = cast('inf' as float) then 'Infinity' when cast(order_completed.revenue as float) = cast('-inf' as float) then '-Infinity' else cast(cast(order_completed.revenue as float) as varchar) end, ''),
      coalesce(to_varchar(length(order_completed.item)), ''), ':', coalesce(order_completed.item, '')
    ) as fields
  from web.order_completed as order_completed
  where order_completed.id is not null
    and coalesce(cast(order_completed.timestamp as timestamp_ntz(6)), cast(order_completed.received_at as timestamp_ntz(6))) > dateadd(second, -1209600, cast('2026-05-25 00:00:00' as timestamp_ntz(6)))
    and coalesce(cast(order_completed.timestamp as timestamp_ntz(6)), cast(order_completed.received_at as timestamp_ntz(6))) <= cast('2026-05-25 00:00:00' as timestamp_ntz(6))
),

web_tracks as (
  select
    'web' as source,
    tracks.id as event_id,
    1 as place,
    '1' as layout,
    concat(
      '',
      coalesce(to_varchar(length(tracks.context_page_url)), ''), ':', coalesce(tracks.context_page_url, ''),
      coalesce(to_varchar(length(tracks.context_ip)), ''), ':', coalesce(tracks.context_ip, '')
    ) as fields
  from web.tracks as tracks
  where tracks.id is not null
    and coalesce(cast(tracks.timestamp as timestamp_ntz(6)), cast(tracks.received_at as timestamp_ntz(6))) > dateadd(second, -1209600, cast('2026-05-25 00:00:00' as timestamp_ntz(6)))
    and coalesce(cast(tracks.timestamp as timestamp_ntz(6)), cast(tracks.received_at as timestamp_ntz(6))) <= cast('2026-05-25 00:00:00' as timestamp_ntz(6))
),

source_rows as (
  select * from web_order_completed union all
  select * from web_tracks
),

-- A table of one event has its properties; the same row stands in the table of all.
event_fields as (
  select
    served_events.arrival,
    source_rows.layout,
    source_rows.fields,
    row_number() over (
      partition by served_events.arrival
      order by source_rows.place, source_rows.fields
    ) as copy
  from served_events
  inner join source_rows
    on source_rows.source = served_events.source
    and source_rows.event_id = served_events.event_id
),

event_rows as (
  select
    recent_events.owner_id,
    concat(
      '',
      coalesce(to_varchar(length(recent_events.event_id)), ''), ':', coalesce(recent_events.event_id, ''),
      coalesce(to_varchar(length(recent_events.source)), ''), ':', coalesce(recent_events.source, ''),
      coalesce(to_varchar(length(cast(date_part(epoch_microsecond, recent_events.timestamp) as varchar))), ''), ':', coalesce(cast(date_part(epoch_microsecond, recent_events.timestamp) as varchar), ''),
      coalesce(to_varchar(length(recent_events.event)), ''), ':', coalesce(recent_events.event, ''),
      coalesce(to_varchar(length(event_ids.external_ids)), ''), ':', coalesce(event_ids.external_ids, ''),
      coalesce(to_varchar(length(event_fields.layout)), ''), ':', coalesce(event_fields.layout, ''),
      coalesce(to_varchar(length(event_fields.fields)), ''), ':', coalesce(event_fields.fields, '')
    ) as line
  from recent_events
  left join event_ids
    on event_ids.arrival = recent_events.arrival
  left join event_fields
    on event_fields.arrival = recent_events.arrival
    and event_fields.copy = 1
),

event_docs as (
  select
    event_rows.owner_id,
    nullif(to_json(array_agg(distinct event_rows.line) within group (order by event_rows.line)), '[]') as events
  from event_rows
  group by event_rows.owner_id
),

last_events as (
  select
    last_arrivals.owner_id,
    concat(
      '',
      coalesce(to_varchar(length(events.event_id)), ''), ':', coalesce(events.event_id, ''),
      coalesce(to_varchar(length(events.source)), ''), ':', coalesce(events.source, ''),
      coalesce(to_varchar(length(cast(date_part(epoch_microsecond, events.timestamp) as varchar))), ''), ':', coalesce(cast(date_part(epoch_microsecond, events.timestamp) as varchar), '')
    ) as last_event
  from last_arrivals
  inner join personas_work.events as events
    on events.arrival = last_arrivals.arrival
)

select
  served.profile_id,
  served.traits,
  trait_sources.trait_sources,
  external_ids.external_ids,
  former_ids.former_ids,
  exits.exits,
  links.links,
  event_docs.events,
  last_events.last_event
from served
left join trait_sources
  on trait_sources.profile_id = served.profile_id
left join external_ids
  on external_ids.profile_id = served.profile_id
left join former_ids
  on former_ids.profile_id = served.profile_id
left join exits
  on exits.profile_id = served.profile_id
left join links
  on links.profile_id = served.profile_id
left join event_docs
  on event_docs.owner_id = served.profile_id
left join last_events
  on last_events.owner_id = served.profile_id;
