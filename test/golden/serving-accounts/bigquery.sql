with
chosen as (
  select account_traits.account_id as profile_id
  from personas.account_traits as account_traits
  inner join personas_sync.serving_accounts as candidates
    on candidates.profile_id = account_traits.account_id
),

served as (
  select
    chosen.profile_id,
    concat(
      '',
      ifnull(cast(length(account_traits.plan) as string), ''), ':', ifnull(account_traits.plan, ''),
      ifnull(cast(length(cast(account_traits.account_orders as string)) as string), ''), ':', ifnull(cast(account_traits.account_orders as string), '')
    ) as traits
  from chosen
  inner join personas.account_traits as account_traits
    on account_traits.account_id = chosen.profile_id
),

trait_source_rows as (
  select
    trait_values.account_id as profile_id,
    concat(
      '',
      ifnull(cast(length(trait_values.name) as string), ''), ':', ifnull(trait_values.name, ''),
      ifnull(cast(length(events.source) as string), ''), ':', ifnull(events.source, ''),
      ifnull(cast(length(cast(unix_micros(trait_values.timestamp) as string)) as string), ''), ':', ifnull(cast(unix_micros(trait_values.timestamp) as string), '')
    ) as line
  from personas_work.account_custom_trait_values as trait_values
  inner join chosen
    on chosen.profile_id = trait_values.account_id
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

exits as (
  select
    audience_memberships.profile_id,
    case when count(audience_memberships.audience_key) > 0 then to_json_string(array_agg(distinct audience_memberships.audience_key ignore nulls order by audience_memberships.audience_key)) end as exits
  from personas.audience_memberships as audience_memberships
  inner join chosen
    on chosen.profile_id = audience_memberships.profile_id
  where audience_memberships.entity = 'account'
    and audience_memberships.exited_at is not null
  group by audience_memberships.profile_id
),

links as (
  select
    account_users.account_id as profile_id,
    case when count(account_users.canonical_segment_id) > 0 then to_json_string(array_agg(distinct account_users.canonical_segment_id ignore nulls order by account_users.canonical_segment_id limit 20)) end as links
  from personas.account_users as account_users
  inner join chosen
    on chosen.profile_id = account_users.account_id
  group by account_users.account_id
),

-- Users of an account, by the numbers of all profiles they ever were.
owners as (
  select
    state_profiles.profile,
    account_users.account_id as owner_id
  from personas.account_users as account_users
  inner join chosen
    on chosen.profile_id = account_users.account_id
  inner join personas_work.state_profiles as canonical_profiles
    on canonical_profiles.segment_id = account_users.canonical_segment_id
  inner join personas_work.state_profiles as state_profiles
    on state_profiles.canonical = canonical_profiles.profile
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

calls as (
  select
    group_calls.account_id,
    min(group_calls.arrival) as first_arrival,
    max(group_calls.arrival) as last_arrival
  from personas_work.group_calls as group_calls
  inner join chosen
    on chosen.profile_id = group_calls.account_id
  group by group_calls.account_id
)

select
  served.profile_id,
  served.traits,
  trait_sources.trait_sources,
  exits.exits,
  links.links,
  event_docs.events,
  concat(
    '',
    ifnull(cast(length(first_events.event_id) as string), ''), ':', ifnull(first_events.event_id, ''),
    ifnull(cast(length(first_events.source) as string), ''), ':', ifnull(first_events.source, ''),
    ifnull(cast(length(cast(unix_micros(first_events.timestamp) as string)) as string), ''), ':', ifnull(cast(unix_micros(first_events.timestamp) as string), '')
  ) as first_event,
  concat(
    '',
    ifnull(cast(length(last_events.event_id) as string), ''), ':', ifnull(last_events.event_id, ''),
    ifnull(cast(length(last_events.source) as string), ''), ':', ifnull(last_events.source, ''),
    ifnull(cast(length(cast(unix_micros(last_events.timestamp) as string)) as string), ''), ':', ifnull(cast(unix_micros(last_events.timestamp) as string), '')
  ) as last_event
from served
left join trait_sources
  on trait_sources.profile_id = served.profile_id
left join exits
  on exits.profile_id = served.profile_id
left join links
  on links.profile_id = served.profile_id
left join event_docs
  on event_docs.owner_id = served.profile_id
left join calls
  on calls.account_id = served.profile_id
left join personas_work.events as first_events
  on first_events.arrival = calls.first_arrival
left join personas_work.events as last_events
  on last_events.arrival = calls.last_arrival;
