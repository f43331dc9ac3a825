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
      coalesce(to_varchar(length(account_traits.plan)), ''), ':', coalesce(account_traits.plan, ''),
      coalesce(to_varchar(length(cast(account_traits.account_orders as varchar))), ''), ':', coalesce(cast(account_traits.account_orders as varchar), '')
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
      coalesce(to_varchar(length(trait_values.name)), ''), ':', coalesce(trait_values.name, ''),
      coalesce(to_varchar(length(events.source)), ''), ':', coalesce(events.source, ''),
      coalesce(to_varchar(length(cast(date_part(epoch_microsecond, trait_values.timestamp) as varchar))), ''), ':', coalesce(cast(date_part(epoch_microsecond, trait_values.timestamp) as varchar), '')
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
    nullif(to_json(array_agg(distinct trait_source_rows.line) within group (order by trait_source_rows.line)), '[]') as trait_sources
  from trait_source_rows
  group by trait_source_rows.profile_id
),

exits as (
  select
    audience_memberships.profile_id,
    nullif(to_json(array_agg(distinct audience_memberships.audience_key) within group (order by audience_memberships.audience_key)), '[]') as exits
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
    nullif(to_json(array_slice(array_agg(distinct account_users.canonical_segment_id) within group (order by account_users.canonical_segment_id), 0, 20)), '[]') as links
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
    coalesce(to_varchar(length(first_events.event_id)), ''), ':', coalesce(first_events.event_id, ''),
    coalesce(to_varchar(length(first_events.source)), ''), ':', coalesce(first_events.source, ''),
    coalesce(to_varchar(length(cast(date_part(epoch_microsecond, first_events.timestamp) as varchar))), ''), ':', coalesce(cast(date_part(epoch_microsecond, first_events.timestamp) as varchar), '')
  ) as first_event,
  concat(
    '',
    coalesce(to_varchar(length(last_events.event_id)), ''), ':', coalesce(last_events.event_id, ''),
    coalesce(to_varchar(length(last_events.source)), ''), ':', coalesce(last_events.source, ''),
    coalesce(to_varchar(length(cast(date_part(epoch_microsecond, last_events.timestamp) as varchar))), ''), ':', coalesce(cast(date_part(epoch_microsecond, last_events.timestamp) as varchar), '')
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
