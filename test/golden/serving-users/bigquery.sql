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
      ifnull(cast(length(profile_traits.email) as string), ''), ':', ifnull(profile_traits.email, ''),
      ifnull(cast(length(profile_traits.name) as string), ''), ':', ifnull(profile_traits.name, ''),
      ifnull(cast(length(cast(profile_traits.orders as string)) as string), ''), ':', ifnull(cast(profile_traits.orders as string), ''),
      ifnull(cast(length(replace(replace(case when abs(profile_traits.spent) >= 1e15 and abs(profile_traits.spent) < 1e16 and cast(format('%.16g', profile_traits.spent) as float64) = profile_traits.spent then format('%.16g', profile_traits.spent) when cast(format('%.15g', profile_traits.spent + 0) as float64) = profile_traits.spent then format('%.15g', profile_traits.spent + 0) when cast(format('%.16g', profile_traits.spent) as float64) = profile_traits.spent then format('%.16g', profile_traits.spent) when abs(profile_traits.spent) >= 1e16 then regexp_replace(format('%.16e', profile_traits.spent), '0+e', 'e') else cast(profile_traits.spent as string) end, 'inf', 'Infinity'), 'nan', 'NaN')) as string), ''), ':', ifnull(replace(replace(case when abs(profile_traits.spent) >= 1e15 and abs(profile_traits.spent) < 1e16 and cast(format('%.16g', profile_traits.spent) as float64) = profile_traits.spent then format('%.16g', profile_traits.spent) when cast(format('%.15g', profile_traits.spent + 0) as float64) = profile_traits.spent then format('%.15g', profile_traits.spent + 0) when cast(format('%.16g', profile_traits.spent) as float64) = profile_traits.spent then format('%.16g', profile_traits.spent) when abs(profile_traits.spent) >= 1e16 then regexp_replace(format('%.16e', profile_traits.spent), '0+e', 'e') else cast(profile_traits.spent as string) end, 'inf', 'Infinity'), 'nan', 'NaN'), ''),
      ifnull(cast(length(profile_traits.items) as string), ''), ':', ifnull(profile_traits.items, ''),
      ifnull(cast(length(cast(profile_traits.buyers as string)) as string), ''), ':', ifnull(cast(profile_traits.buyers as string), ''),
      ifnull(cast(length(cast(profile_traits.nobody as string)) as string), ''), ':', ifnull(cast(profile_traits.nobody as string), '')
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
      ifnull(cast(length(trait_values.name) as string), ''), ':', ifnull(trait_values.name, ''),
      ifnull(cast(length(events.source) as string), ''), ':', ifnull(events.source, ''),
      ifnull(cast(length(cast(unix_micros(trait_values.timestamp) as string)) as string), ''), ':', ifnull(cast(unix_micros(trait_values.timestamp) as string), '')
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
    case when count(trait_source_rows.line) > 0 then to_json_string(array_agg(distinct trait_source_rows.line ignore nulls order by trait_source_rows.line)) end as trait_sources
  from trait_source_rows
  group by trait_source_rows.profile_id
),

external_id_rows as (
  select
    id_graph.canonical_segment_id as profile_id,
    concat(
      '',
      ifnull(cast(length(mappings.seq) as string), ''), ':', ifnull(mappings.seq, ''),
      ifnull(cast(length(mappings.external_id_type) as string), ''), ':', ifnull(mappings.external_id_type, ''),
      ifnull(cast(length(mappings.external_id_value) as string), ''), ':', ifnull(mappings.external_id_value, ''),
      ifnull(cast(length(mappings.external_id_hash) as string), ''), ':', ifnull(mappings.external_id_hash, ''),
      ifnull(cast(length(cast(unix_micros(coalesce(mappings.timestamp, mappings.received_at)) as string)) as string), ''), ':', ifnull(cast(unix_micros(coalesce(mappings.timestamp, mappings.received_at)) as string), ''),
      ifnull(cast(length(mappings.triggering_event_id) as string), ''), ':', ifnull(mappings.triggering_event_id, ''),
      ifnull(cast(length(mappings.triggering_event_source_id) as string), ''), ':', ifnull(mappings.triggering_event_source_id, ''),
      ifnull(cast(length(mappings.segment_id) as string), ''), ':', ifnull(mappings.segment_id, '')
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
    case when count(external_id_rows.line) > 0 then to_json_string(array_agg(distinct external_id_rows.line ignore nulls order by external_id_rows.line)) end as external_ids
  from external_id_rows
  group by external_id_rows.profile_id
),

former_ids as (
  select
    id_graph.canonical_segment_id as profile_id,
    case when count(id_graph.segment_id) > 0 then to_json_string(array_agg(distinct id_graph.segment_id ignore nulls order by id_graph.segment_id)) end as former_ids
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
    case when count(audience_memberships.audience_key) > 0 then to_json_string(array_agg(distinct audience_memberships.audience_key ignore nulls order by audience_memberships.audience_key)) end as exits
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
    case when count(account_users.account_id) > 0 then to_json_string(array_agg(distinct account_users.account_id ignore nulls order by account_users.account_id limit 20)) end as links
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
      order by events.timestamp desc, events.arrival desc
    ) as place
  from personas_work.events as events
  inner join personas_work.state_event_profiles as state_event_profiles
    on state_event_profiles.arrival = events.arrival
  inner join owners
    on owners.profile = state_event_profiles.profile
  where events.type = 'track'
    and events.timestamp > timestamp_sub(timestamp '2026-05-25 00:00:00+00', interval 1209600 second)
    and events.timestamp <= timestamp '2026-05-25 00:00:00+00'
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
      ifnull(cast(length(event_identifiers.identifier_type) as string), ''), ':', ifnull(event_identifiers.identifier_type, ''),
      ifnull(cast(length(event_identifiers.identifier_value) as string), ''), ':', ifnull(event_identifiers.identifier_value, '')
    ) as line
  from personas_work.event_identifiers as event_identifiers
  inner join served_events
    on served_events.arrival = event_identifiers.arrival
),

event_ids as (
  select
    event_id_rows.arrival,
    case when count(event_id_rows.line) > 0 then to_json_string(array_agg(distinct event_id_rows.line ignore nulls order by event_id_rows.line)) end as external_ids
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
      ifnull(cast(length(replace(replace(case when abs(order_completed.revenue) >= 1e15 and abs(order_completed.revenue) < 1e16 and cast(format('%.16g', order_completed.revenue) as float64) = order_completed.revenue then format('%.16g', order_completed.revenue) when cast(format('%.15g', order_completed.revenue + 0) as float64) = order_completed.revenue then format('%.15g', order_completed.revenue + 0) when cast(format('%.16g', order_completed.revenue) as float64) = order_completed.revenue then format('%.16g', order_completed.revenue) when abs(order_completed.revenue) >= 1e16 then regexp_replace(format('%.16e', order_completed.revenue), '0+e', 'e') else cast(order_completed.revenue as string) end, 'inf', 'Infinity'), 'nan', 'NaN')) as string), ''), ':', ifnull(replace(replace(case when abs(order_completed.revenue) >= 1e15 and abs(order_completed.revenue) < 1e16 and cast(format('%.16g', order_completed.revenue) as float64) = order_completed.revenue then format('%.16g', order_completed.revenue) when cast(format('%.15g', order_completed.revenue + 0) as float64) = order_completed.revenue then format('%.15g', order_completed.revenue + 0) when cast(format('%.16g', order_completed.revenue) as float64) = order_completed.revenue then format('%.16g', order_completed.revenue) when abs(order_completed.revenue) >= 1e16 then regexp_replace(format('%.16e', order_completed.revenue), '0+e', 'e') else cast(order_completed.revenue as string) end, 'inf', 'Infinity'), 'nan', 'NaN'), ''),
      ifnull(cast(length(order_completed.item) as string), ''), ':', ifnull(order_completed.item, '')
    ) as fields
  from web.order_completed as order_completed
  where order_completed.id is not null
    and coalesce(order_completed.timestamp, order_completed.received_at) > timestamp_sub(timestamp '2026-05-25 00:00:00+00', interval 1209600 second)
    and coalesce(order_completed.timestamp, order_completed.received_at) <= timestamp '2026-05-25 00:00:00+00'
),

web_tracks as (
  select
    'web' as source,
    tracks.id as event_id,
    1 as place,
    '1' as layout,
    concat(
      '',
      ifnull(cast(length(tracks.context_page_url) as string), ''), ':', ifnull(tracks.context_page_url, ''),
      ifnull(cast(length(tracks.context_ip) as string), ''), ':', ifnull(tracks.context_ip, '')
    ) as fields
  from web.tracks as tracks
  where tracks.id is not null
    and coalesce(tracks.timestamp, tracks.received_at) > timestamp_sub(timestamp '2026-05-25 00:00:00+00', interval 1209600 second)
    and coalesce(tracks.timestamp, tracks.received_at) <= timestamp '2026-05-25 00:00:00+00'
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
      ifnull(cast(length(recent_events.event_id) as string), ''), ':', ifnull(recent_events.event_id, ''),
      ifnull(cast(length(recent_events.source) as string), ''), ':', ifnull(recent_events.source, ''),
      ifnull(cast(length(cast(unix_micros(recent_events.timestamp) as string)) as string), ''), ':', ifnull(cast(unix_micros(recent_events.timestamp) as string), ''),
      ifnull(cast(length(recent_events.event) as string), ''), ':', ifnull(recent_events.event, ''),
      ifnull(cast(length(event_ids.external_ids) as string), ''), ':', ifnull(event_ids.external_ids, ''),
      ifnull(cast(length(event_fields.layout) as string), ''), ':', ifnull(event_fields.layout, ''),
      ifnull(cast(length(event_fields.fields) as string), ''), ':', ifnull(event_fields.fields, '')
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
    case when count(event_rows.line) > 0 then to_json_string(array_agg(distinct event_rows.line ignore nulls order by event_rows.line)) end as events
  from event_rows
  group by event_rows.owner_id
),

last_events as (
  select
    last_arrivals.owner_id,
    concat(
      '',
      ifnull(cast(length(events.event_id) as string), ''), ':', ifnull(events.event_id, ''),
      ifnull(cast(length(events.source) as string), ''), ':', ifnull(events.source, ''),
      ifnull(cast(length(cast(unix_micros(events.timestamp) as string)) as string), ''), ':', ifnull(cast(unix_micros(events.timestamp) as string), '')
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
