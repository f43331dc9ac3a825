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
      length(profile_traits.email), ':', profile_traits.email,
      length(profile_traits.name), ':', profile_traits.name,
      length(cast(profile_traits.orders as text)), ':', cast(profile_traits.orders as text),
      length(replace(replace(regexp_replace(cast(profile_traits.spent + 0 as text), '[.]0$', ''), 'inf', 'Infinity'), 'nan', 'NaN')), ':', replace(replace(regexp_replace(cast(profile_traits.spent + 0 as text), '[.]0$', ''), 'inf', 'Infinity'), 'nan', 'NaN'),
      length(profile_traits.items), ':', profile_traits.items,
      length(cast(profile_traits.buyers as text)), ':', cast(profile_traits.buyers as text),
      length(cast(profile_traits.nobody as text)), ':', cast(profile_traits.nobody as text)
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
      length(trait_values.name), ':', trait_values.name,
      length(events.source), ':', events.source,
      length(cast(epoch_us(trait_values.timestamp) as text)), ':', cast(epoch_us(trait_values.timestamp) as text)
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
    cast(to_json(list(distinct trait_source_rows.line order by trait_source_rows.line) filter (where trait_source_rows.line is not null)) as text) as trait_sources
  from trait_source_rows
  group by trait_source_rows.profile_id
),

external_id_rows as (
  select
    id_graph.canonical_segment_id as profile_id,
    concat(
      '',
      length(mappings.seq), ':', mappings.seq,
      length(mappings.external_id_type), ':', mappings.external_id_type,
      length(mappings.external_id_value), ':', mappings.external_id_value,
      length(mappings.external_id_hash), ':', mappings.external_id_hash,
      length(cast(epoch_us(coalesce(mappings.timestamp, mappings.received_at)) as text)), ':', cast(epoch_us(coalesce(mappings.timestamp, mappings.received_at)) as text),
      length(mappings.triggering_event_id), ':', mappings.triggering_event_id,
      length(mappings.triggering_event_source_id), ':', mappings.triggering_event_source_id,
      length(mappings.segment_id), ':', mappings.segment_id
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
    cast(to_json(list(distinct external_id_rows.line order by external_id_rows.line) filter (where external_id_rows.line is not null)) as text) as external_ids
  from external_id_rows
  group by external_id_rows.profile_id
),

former_ids as (
  select
    id_graph.canonical_segment_id as profile_id,
    cast(to_json(list(distinct id_graph.segment_id order by id_graph.segment_id) filter (where id_graph.segment_id is not null)) as text) as former_ids
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
    cast(to_json(list(distinct audience_memberships.audience_key order by audience_memberships.audience_key) filter (where audience_memberships.audience_key is not null)) as text) as exits
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
    cast(to_json(list_slice(list(distinct account_users.account_id order by account_users.account_id) filter (where account_users.account_id is not null), 1, 20)) as text) as links
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
    and events.timestamp > (timestamp '2026-05-25 00:00:00' - interval '14 days')
    and events.timestamp <= timestamp '2026-05-25 00:00:00'
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
      length(event_identifiers.identifier_type), ':', event_identifiers.identifier_type,
      length(event_identifiers.identifier_value), ':', event_identifiers.identifier_value
    ) as line
  from personas_work.event_identifiers as event_identifiers
  inner join served_events
    on served_events.arrival = event_identifiers.arrival
),

event_ids as (
  select
    event_id_rows.arrival,
    cast(to_json(list(distinct event_id_rows.line order by event_id_rows.line) filter (where event_id_rows.line is not null)) as text) as external_ids
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
      length(replace(replace(regexp_replace(cast(cast(order_completed.revenue as double) + 0 as text), '[.]0$', ''), 'inf', 'Infinity'), 'nan', 'NaN')), ':', replace(replace(regexp_replace(cast(cast(order_completed.revenue as double) + 0 as text), '[.]0$', ''), 'inf', 'Infinity'), 'nan', 'NaN'),
      length(order_completed.item), ':', order_completed.item
    ) as fields
  from web.order_completed as order_completed
  where order_completed.id is not null
    and coalesce(cast(order_completed.timestamp as timestamp), cast(order_completed.received_at as timestamp)) > (timestamp '2026-05-25 00:00:00' - interval '14 days')
    and coalesce(cast(order_completed.timestamp as timestamp), cast(order_completed.received_at as timestamp)) <= timestamp '2026-05-25 00:00:00'
),

web_tracks as (
  select
    'web' as source,
    tracks.id as event_id,
    1 as place,
    '1' as layout,
    concat(
      '',
      length(tracks.context_page_url), ':', tracks.context_page_url,
      length(tracks.context_ip), ':', tracks.context_ip
    ) as fields
  from web.tracks as tracks
  where tracks.id is not null
    and coalesce(cast(tracks.timestamp as timestamp), cast(tracks.received_at as timestamp)) > (timestamp '2026-05-25 00:00:00' - interval '14 days')
    and coalesce(cast(tracks.timestamp as timestamp), cast(tracks.received_at as timestamp)) <= timestamp '2026-05-25 00:00:00'
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
      length(recent_events.event_id), ':', recent_events.event_id,
      length(recent_events.source), ':', recent_events.source,
      length(cast(epoch_us(recent_events.timestamp) as text)), ':', cast(epoch_us(recent_events.timestamp) as text),
      length(recent_events.event), ':', recent_events.event,
      length(event_ids.external_ids), ':', event_ids.external_ids,
      length(event_fields.layout), ':', event_fields.layout,
      length(event_fields.fields), ':', event_fields.fields
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
    cast(to_json(list(distinct event_rows.line order by event_rows.line) filter (where event_rows.line is not null)) as text) as events
  from event_rows
  group by event_rows.owner_id
),

last_events as (
  select
    last_arrivals.owner_id,
    concat(
      '',
      length(events.event_id), ':', events.event_id,
      length(events.source), ':', events.source,
      length(cast(epoch_us(events.timestamp) as text)), ':', cast(epoch_us(events.timestamp) as text)
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
