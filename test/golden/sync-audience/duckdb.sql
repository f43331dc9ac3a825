-- sync: s
-- from:  models/a.yml:12
-- Generated; edit the definition, not this file.

create or replace table personas_sync.changes_s as
with
records as (
  select
    profiles.canonical_segment_id as record_key,
    identifiers.first_email as identifier_email,
    identifiers.all_user_id as identifier_user_id,
    identifiers.last_anonymous_id as identifier_anonymous_id,
    profiles.spent as trait_spent,
    cast(profiles.buyers as text) as audience_buyers,
    profiles.canonical_segment_id as id
  from personas.profile_traits as profiles
  inner join personas.audience_memberships as members
    on members.profile_id = profiles.canonical_segment_id
  left join (
    select
      user_identifiers.canonical_segment_id,
      first(user_identifiers.value order by user_identifiers.seq nulls last, user_identifiers.value nulls last) filter (where user_identifiers.type = 'email') as first_email,
      cast(to_json(list(distinct case when user_identifiers.type = 'user_id' then user_identifiers.value end order by case when user_identifiers.type = 'user_id' then user_identifiers.value end) filter (where case when user_identifiers.type = 'user_id' then user_identifiers.value end is not null)) as text) as all_user_id,
      first(user_identifiers.value order by user_identifiers.seq desc nulls last, user_identifiers.value desc nulls last) filter (where user_identifiers.type = 'anonymous_id') as last_anonymous_id
    from personas.user_identifiers as user_identifiers
    group by user_identifiers.canonical_segment_id
  ) as identifiers
    on identifiers.canonical_segment_id = profiles.canonical_segment_id
  where profiles.merged_to is null
    and members.audience_key = 'buyers'
    and members.exited_at is null
),

compared as (
  select
    case
      when records.record_key is null then 'remove'
      when delivered.record_key is null or delivered.mapping in ('+', '-') then 'add'
      else 'update'
    end as operation,
    coalesce(records.record_key, delivered.record_key) as record_key,
    delivered.record_key is not null as was_there,
    coalesce(delivered.mapping = '-', false) as was_gone,
    case when records.record_key is null then delivered.identifier_email else records.identifier_email end as identifier_email,
    case when records.record_key is null then delivered.identifier_user_id else records.identifier_user_id end as identifier_user_id,
    case when records.record_key is null then delivered.identifier_anonymous_id else records.identifier_anonymous_id end as identifier_anonymous_id,
    case when records.record_key is null then delivered.trait_spent else case when ends_with(cast(records.trait_spent + 0 as text), '.0') then substr(cast(records.trait_spent + 0 as text), 1, length(cast(records.trait_spent + 0 as text)) - 2) when isfinite(records.trait_spent) then cast(records.trait_spent + 0 as text) else replace(replace(cast(records.trait_spent + 0 as text), 'inf', 'Infinity'), 'nan', 'NaN') end end as trait_spent,
    case when records.record_key is null then delivered.audience_buyers else records.audience_buyers end as audience_buyers,
    case when records.record_key is null then delivered.id else records.id end as id,
    case when records.record_key is null then delivered.mapping else '7c8516830e3a' end as mapping,
    case when records.identifier_email is distinct from delivered.identifier_email then '0 ' else '' end
      || case when records.identifier_user_id is distinct from delivered.identifier_user_id then '1 ' else '' end
      || case when records.identifier_anonymous_id is distinct from delivered.identifier_anonymous_id then '2 ' else '' end
      || case when records.trait_spent is distinct from try_cast(delivered.trait_spent as double) then '3 ' else '' end
      || case when records.audience_buyers is distinct from delivered.audience_buyers then '4 ' else '' end
      || case when records.id is distinct from delivered.id then '5 ' else '' end as changed_columns
  from records
  full join personas_sync.delivered_s as delivered
    on delivered.record_key = records.record_key
  where records.record_key is null
    or delivered.record_key is null
    or delivered.mapping <> '7c8516830e3a'
    or records.identifier_email is distinct from delivered.identifier_email
    or records.identifier_user_id is distinct from delivered.identifier_user_id
    or records.identifier_anonymous_id is distinct from delivered.identifier_anonymous_id
    or records.trait_spent is distinct from try_cast(delivered.trait_spent as double)
    or records.audience_buyers is distinct from delivered.audience_buyers
    or records.id is distinct from delivered.id
),

found as (
  select
    compared.*,
    compared.mapping || md5(concat(
      '',
      length(compared.identifier_email), ':', compared.identifier_email,
      length(compared.identifier_user_id), ':', compared.identifier_user_id,
      length(compared.identifier_anonymous_id), ':', compared.identifier_anonymous_id,
      length(compared.trait_spent), ':', compared.trait_spent,
      length(compared.audience_buyers), ':', compared.audience_buyers,
      length(compared.id), ':', compared.id
    )) as row_hash
  from compared
  where compared.record_key is not null
)

-- Removals first: what one record gives up, another may have taken over.
select
  row_number() over (
    order by case when found.operation = 'remove' then 0 else 1 end, found.record_key nulls last
  ) as seq,
  found.*,
  forgotten.forgotten_key is not null as forgotten,
  case
    -- Whoever is forgotten leaves the destination, whatever else it is told.
    when forgotten.forgotten_key is not null and coalesce(failures.status, '') not in ('rejected', 'given_up', 'review') then 'send'
    when failures.status in ('rejected', 'given_up', 'review') then 'hold'
    else 'send'
  end as disposition,
  coalesce(failures.idempotency_key, md5(plan.run_id || ':' || found.operation || ':' || found.row_hash || ':' || found.record_key)) as idempotency_key,
  coalesce(failures.syncs, 0) as syncs,
  failures.first_failed_at
from found
cross join personas_sync.plan_s as plan
left join personas_sync.failures_s as failures
  on failures.record_key = found.record_key
  and failures.operation = found.operation
  and failures.row_hash = found.row_hash
left join (
  select distinct suppressions.segment_id as forgotten_key
  from personas.suppressions as suppressions
  where suppressions.forgotten
    and suppressions.ended_at is null
    and suppressions.segment_id is not null
) as forgotten
  on found.operation = 'remove'
  and forgotten.forgotten_key = found.record_key;
