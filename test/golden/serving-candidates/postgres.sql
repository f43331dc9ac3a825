drop table if exists personas_sync.serving_users;

create table personas_sync.serving_users as
with
touched as (
  select state_event_profiles.profile
  from personas_work.events as events
  inner join personas_work.state_event_profiles as state_event_profiles
    on state_event_profiles.arrival = events.arrival
  where events.arrival > 5
    -- Left the days that are served, or was ahead of its time.
    or (
      events.type = 'track'
      and (
        (events.timestamp > (timestamp '2026-05-25 00:00:00' - interval '14 days') and events.timestamp <= (timestamp '2026-05-25 00:00:00' - interval '14 days'))
        or (events.timestamp > timestamp '2026-05-25 00:00:00' and events.timestamp <= timestamp '2026-05-25 00:00:00')
      )
    )
),

compared as (
  select
    coalesce(traits.canonical_segment_id, before.canonical_segment_id) as profile_id
  from (
    select *
    from personas.profile_traits as profile_traits
    where profile_traits.merged_to is null
  ) as traits
  full join personas_sync.serving_profile_traits as before
    on before.canonical_segment_id = traits.canonical_segment_id
  where traits.canonical_segment_id is null
    or before.canonical_segment_id is null
    or traits.email is distinct from before.email
    or traits.name is distinct from before.name
    or traits.orders is distinct from before.orders
    or traits.spent is distinct from before.spent
    or traits.items is distinct from before.items
    or traits.buyers is distinct from before.buyers
    or traits.nobody is distinct from before.nobody
)

select canonical_profiles.segment_id as profile_id
from touched
inner join personas_work.state_profiles as state_profiles
  on state_profiles.profile = touched.profile
inner join personas_work.state_profiles as canonical_profiles
  on canonical_profiles.profile = state_profiles.canonical
union
select profiles.segment_id as profile_id
from personas_work.profiles as profiles
where profiles.changed_in > 1
union
select profiles.canonical_segment_id as profile_id
from personas_work.profiles as profiles
where profiles.changed_in > 1
union
select identifiers.canonical_segment_id as profile_id
from personas_work.identifiers as identifiers
where identifiers.changed_in > 1
union
select compared.profile_id
from compared
union
select id_graph.canonical_segment_id as profile_id
from personas.audience_memberships as audience_memberships
inner join personas.id_graph as id_graph
  on id_graph.segment_id = audience_memberships.profile_id
where audience_memberships.entity = 'user'
  and audience_memberships.exited_at >= timestamp '2026-05-25 00:00:00'
union
select user_identifiers.canonical_segment_id as profile_id
from personas.suppressions as suppressions
inner join personas.user_identifiers as user_identifiers
  on user_identifiers.type = suppressions.type
  and lower(user_identifiers.value) = lower(suppressions.value);

analyze personas_sync.serving_users;

drop table if exists personas_sync.serving_accounts;

create table personas_sync.serving_accounts as
with
compared as (
  select
    coalesce(traits.account_id, before.account_id) as profile_id
  from personas.account_traits as traits
  full join personas_sync.serving_account_traits as before
    on before.account_id = traits.account_id
  where traits.account_id is null
    or before.account_id is null
    or traits.plan is distinct from before.plan
    or traits.account_orders is distinct from before.account_orders
)

select account_users.account_id as profile_id
from personas_sync.serving_users as candidates
inner join personas.account_users as account_users
  on account_users.canonical_segment_id = candidates.profile_id
union
select group_calls.account_id as profile_id
from personas_work.group_calls as group_calls
where group_calls.arrival > 5
union
select compared.profile_id
from compared
union
select audience_memberships.profile_id
from personas.audience_memberships as audience_memberships
where audience_memberships.entity = 'account'
  and audience_memberships.exited_at >= timestamp '2026-05-25 00:00:00';

analyze personas_sync.serving_accounts;
