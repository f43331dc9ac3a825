with
suppressed as (
  select distinct user_identifiers.canonical_segment_id
  from personas.suppressions as suppressions
  inner join personas.user_identifiers as user_identifiers
    on user_identifiers.type = suppressions.type
    and lower(user_identifiers.value) = lower(suppressions.value)
  where suppressions.ended_at is null
)

select candidates.profile_id
from personas_sync.serving_users as candidates
left join personas.profile_traits as traits
  on traits.canonical_segment_id = candidates.profile_id
  and traits.merged_to is null
left join suppressed
  on suppressed.canonical_segment_id = candidates.profile_id
where traits.canonical_segment_id is null
  or suppressed.canonical_segment_id is not null;

select candidates.profile_id
from personas_sync.serving_accounts as candidates
left join personas.account_traits as traits
  on traits.account_id = candidates.profile_id
where traits.account_id is null;
