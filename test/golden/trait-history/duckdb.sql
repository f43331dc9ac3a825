create table if not exists personas.profile_traits_updates (
  segment_id text,
  seq text,
  uuid_ts timestamp,
  timestamp timestamp,
  received_at timestamp,
  triggering_event_id text,
  triggering_event_name text,
  triggering_event_type text,
  triggering_event_source_id text,
  triggering_event_source_name text,
  triggering_event_source_slug text,
  plan text,
  orders bigint,
  buyers boolean
);

create or replace table personas_work.identity_since as
-- The newest batch whose rows each public table has; 0 where it has none, or those of a state that is gone.
with
published as (
  select coalesce(max(state_batches.batch), 0) as batch
  from personas_work.state_batches as state_batches
  inner join personas.identity_runs as identity_runs
    on identity_runs.batch_run_id = state_batches.run_id
),

last_replay as (
  select coalesce(max(state_batches.batch), 0) as batch
  from personas_work.state_batches as state_batches
  where state_batches.replays
),

-- What is taken in once more may change any row.
unreplayed as (
  select case when last_replay.batch > published.batch then 0 else published.batch end as batch
  from published
  cross join last_replay
)

select
  case when exists (select 1 from personas.id_graph_updates as rows_there) then unreplayed.batch else 0 end as id_graph_updates,
  case when exists (select 1 from personas.external_id_mapping_updates as rows_there) then unreplayed.batch else 0 end as external_id_mapping_updates,
  case when exists (select 1 from personas.user_identifiers as rows_there) then unreplayed.batch else 0 end as user_identifiers,
  case when exists (select 1 from personas.profile_merges as rows_there) then unreplayed.batch else 0 end as profile_merges,
  case when exists (select 1 from personas.id_graph as rows_there) then unreplayed.batch else 0 end as id_graph,
  case when exists (select 1 from personas.external_id_mapping as rows_there) then unreplayed.batch else 0 end as external_id_mapping,
  case when exists (select 1 from personas.identity_violations as rows_there) then unreplayed.batch else 0 end as identity_violations,
  case when exists (select 1 from personas.event_segments as rows_there) then unreplayed.batch else 0 end as event_segments,
  case when exists (select 1 from personas.identity_runs as rows_there) then unreplayed.batch else 0 end as identity_runs,
  case when exists (select 1 from personas.profile_traits_updates as rows_there) then unreplayed.batch else 0 end as profile_traits_updates
from unreplayed;

create or replace table personas_work.next_profile_traits_updates as
select * from (
  with
  published as (
    select coalesce(max(state_batches.last_arrival), 0) as arrival
    from personas_work.state_batches as state_batches
    where state_batches.batch <= (select since.profile_traits_updates from personas_work.identity_since as since)
  ),
  
  merges as (
    select
      state_updates.profile,
      state_updates.canonical,
      state_updates.arrival
    from personas_work.state_updates as state_updates
    where state_updates.profile <> state_updates.canonical
  ),
  
  ends as (
    select
      merges.profile,
      min(merges.arrival) as arrival
    from merges
    group by merges.profile
  ),
  
  -- Profiles, as of now, of which something is new.
  touched as (
    select state_profiles.canonical
    from personas_work.events as events
    inner join published
      on events.arrival > published.arrival
    inner join personas_work.state_event_profiles as state_event_profiles
      on state_event_profiles.arrival = events.arrival
    inner join personas_work.state_profiles as state_profiles
      on state_profiles.profile = state_event_profiles.profile
    where events.type = 'identify'
    union
    select state_profiles.canonical
    from merges
    inner join published
      on merges.arrival > published.arrival
    inner join personas_work.state_profiles as state_profiles
      on state_profiles.profile = merges.canonical
  ),
  
  touched_profiles as (
    select state_profiles.profile
    from touched
    inner join personas_work.state_profiles as state_profiles
      on state_profiles.canonical = touched.canonical
  ),
  
  web_identifies as (
    select
      'web' as source,
      identifies.id as event_id,
      identifies.plan as trait_plan
    from web.identifies as identifies
    where identifies.id is not null
  ),
  
  calls as (
    select * from web_identifies
  ),
  
  -- Each value behind what sorts as values replace each other.
  trait_calls as (
    select
      touched_profiles.profile,
      events.arrival,
      lpad(cast((epoch_us(coalesce(events.timestamp, events.received_at)) + 4611686018427387904) as text), 20, '0') || lpad(cast(events.arrival as text), 20, '0') || min(calls.trait_plan) as trait_plan
    from touched_profiles
    inner join personas_work.state_event_profiles as state_event_profiles
      on state_event_profiles.profile = touched_profiles.profile
    inner join personas_work.events as events
      on events.arrival = state_event_profiles.arrival
    inner join calls
      on calls.source = events.source
      and calls.event_id = events.event_id
    where events.type = 'identify'
    group by
      touched_profiles.profile,
      events.arrival,
      events.timestamp,
      events.received_at
  ),
  
  -- What a call brought is with its profile, and from each merge on with the profile that this one went into.
  held as (
    select
      trait_calls.profile,
      trait_calls.arrival as moment,
      0 as merged,
      trait_calls.trait_plan
    from trait_calls
    union all
    select
      merges.canonical as profile,
      merges.arrival as moment,
      0 as merged,
      trait_calls.trait_plan
    from trait_calls
    inner join merges
      on merges.profile = trait_calls.profile
      and merges.arrival >= trait_calls.arrival
    union all
    select
      merges.canonical as profile,
      merges.arrival as moment,
      1 as merged,
      cast(null as text) as trait_plan
    from touched_profiles
    inner join merges
      on merges.profile = touched_profiles.profile
  ),
  
  moments as (
    select
      held.profile,
      held.moment,
      max(held.merged) as merged,
      max(held.trait_plan) as trait_plan
    from held
    left join ends
      on ends.profile = held.profile
      and ends.arrival <= held.moment
    where ends.profile is null
    group by
      held.profile,
      held.moment
  ),
  
  running as (
    select
      moments.profile,
      moments.moment,
      moments.merged,
      max(moments.trait_plan) over (
        partition by moments.profile
        order by moments.moment
        rows between unbounded preceding and current row
      ) as trait_plan
    from moments
  ),
  
  held_then as (
    select
      running.profile,
      running.moment,
      running.merged,
      substr(running.trait_plan, 41) as trait_plan
    from running
  ),
  
  compared as (
    select
      held_then.*,
      lag(held_then.trait_plan) over (partition by held_then.profile order by held_then.moment) as before_trait_plan
    from held_then
  ),
  
  changed as (
    select compared.*
    from compared
    inner join published
      on compared.moment > published.arrival
    where compared.merged = 1
      or compared.trait_plan is distinct from compared.before_trait_plan
  ),
  
  batches as (
    select
      state_batches.as_of,
      state_batches.last_arrival,
      lag(state_batches.last_arrival, 1) over (order by state_batches.batch) as after_arrival
    from personas_work.state_batches as state_batches
  )
  
  select
    profiles.segment_id,
    lpad(cast(changed.moment as text), 20, '0') as seq,
    batches.as_of as uuid_ts,
    events.timestamp,
    events.received_at,
    events.event_id as triggering_event_id,
    events.event as triggering_event_name,
    events.type as triggering_event_type,
    events.source as triggering_event_source_id,
    events.source as triggering_event_source_name,
    events.source as triggering_event_source_slug,
    changed.trait_plan as plan,
    cast(null as bigint) as orders,
    cast(null as boolean) as buyers
  from changed
  inner join personas_work.state_profiles as profiles
    on profiles.profile = changed.profile
  inner join personas_work.events as events
    on events.arrival = changed.moment
  inner join batches
    on batches.last_arrival >= changed.moment
    and coalesce(batches.after_arrival, 0) < changed.moment
) as updates
union all
select * from (
  select
    traits.canonical_segment_id as segment_id,
    lpad(cast((select coalesce(max(state_batches.last_arrival), 0) from personas_work.state_batches as state_batches) as text), 20, '0') || lpad(cast(epoch_us((select run.as_of from personas_work.run as run)) as text), 20, '0') as seq,
    (select run.as_of from personas_work.run as run) as uuid_ts,
    (select run.as_of from personas_work.run as run) as timestamp,
    (select run.as_of from personas_work.run as run) as received_at,
    (select run.run_id from personas_work.run as run) as triggering_event_id,
    cast(null as text) as triggering_event_name,
    'computation' as triggering_event_type,
    cast(null as text) as triggering_event_source_id,
    cast(null as text) as triggering_event_source_name,
    cast(null as text) as triggering_event_source_slug,
    traits.plan as plan,
    traits.orders as orders,
    traits.buyers as buyers
  from personas_work.next_profile_traits as traits
  left join personas.profile_traits as before
    on before.canonical_segment_id = traits.canonical_segment_id
  where traits.merged_to is null
    and (
      traits.orders is distinct from before.orders
      or coalesce(traits.buyers, false) <> coalesce(before.buyers, false)
    )
) as updates;

delete from personas.profile_traits_updates
where ((select since.profile_traits_updates from personas_work.identity_since as since) = 0 and triggering_event_type <> 'computation')
or segment_id in (
  select suppressions.segment_id
  from personas.suppressions as suppressions
  where forgotten
    and erased_at is null
    and suppression_id in (
      select state_suppressions.suppression_id
      from personas_work.state_suppressions as state_suppressions
    )
    and suppressions.segment_id is not null
);

insert into personas.profile_traits_updates (
  segment_id,
  seq,
  uuid_ts,
  timestamp,
  received_at,
  triggering_event_id,
  triggering_event_name,
  triggering_event_type,
  triggering_event_source_id,
  triggering_event_source_name,
  triggering_event_source_slug,
  plan,
  orders,
  buyers
)
select
  segment_id,
  seq,
  uuid_ts,
  timestamp,
  received_at,
  triggering_event_id,
  triggering_event_name,
  triggering_event_type,
  triggering_event_source_id,
  triggering_event_source_name,
  triggering_event_source_slug,
  plan,
  orders,
  buyers
from (
  select
    updates.segment_id,
    updates.seq,
    updates.uuid_ts,
    updates.timestamp,
    updates.received_at,
    updates.triggering_event_id,
    updates.triggering_event_name,
    updates.triggering_event_type,
    updates.triggering_event_source_id,
    updates.triggering_event_source_name,
    updates.triggering_event_source_slug,
    updates.plan,
    updates.orders,
    updates.buyers
  from personas_work.next_profile_traits_updates as updates
) as published;
