-- sync: s
-- from:  models/a.yml:12
-- Generated; edit the definition, not this file.

create or replace transient table personas_sync.changes_s as
with
records as (
  select
    profiles.canonical_segment_id as record_key,
    profiles.canonical_segment_id as id,
    identifiers.first_user_id as identifier_user_id,
    identifiers.first_email as identifier_email,
    identifiers.first_android_id as identifier_android_id,
    identifiers.first_android_idfa as identifier_android_idfa,
    identifiers.first_android_push_token as identifier_android_push_token,
    identifiers.first_anonymous_id as identifier_anonymous_id,
    identifiers.first_ga_client_id as identifier_ga_client_id,
    identifiers.first_ios_id as identifier_ios_id,
    identifiers.first_ios_idfa as identifier_ios_idfa,
    identifiers.first_ios_push_token as identifier_ios_push_token,
    cast(profiles.orders as varchar) as trait_orders,
    case when profiles.spent = floor(profiles.spent) and abs(profiles.spent) < 1e16 then cast(cast(profiles.spent as number(38, 0)) as varchar) when abs(profiles.spent) >= 1e-4 and abs(profiles.spent) < 1e15 then case when cast(cast(profiles.spent as number(38, 2)) as float) = profiles.spent then rtrim(cast(cast(profiles.spent as number(38, 2)) as varchar), '0') when cast(cast(profiles.spent as number(38, 4)) as float) = profiles.spent then rtrim(cast(cast(profiles.spent as number(38, 4)) as varchar), '0') when cast(cast(profiles.spent as number(38, 6)) as float) = profiles.spent then rtrim(cast(cast(profiles.spent as number(38, 6)) as varchar), '0') when cast(cast(profiles.spent as number(38, 9)) as float) = profiles.spent then rtrim(cast(cast(profiles.spent as number(38, 9)) as varchar), '0') when cast(cast(profiles.spent as number(38, 12)) as float) = profiles.spent then rtrim(cast(cast(profiles.spent as number(38, 12)) as varchar), '0') when cast(cast(profiles.spent as number(38, 15)) as float) = profiles.spent then rtrim(cast(cast(profiles.spent as number(38, 15)) as varchar), '0') when cast(cast(profiles.spent as number(38, 17)) as float) = profiles.spent then rtrim(cast(cast(profiles.spent as number(38, 17)) as varchar), '0') else cast(profiles.spent as varchar) end when profiles.spent = cast('nan' as float) then 'NaN' when profiles.spent = cast('inf' as float) then 'Infinity' when profiles.spent = cast('-inf' as float) then '-Infinity' else cast(profiles.spent as varchar) end as trait_spent
  from personas.profile_traits as profiles
  left join (
    select
      user_identifiers.canonical_segment_id,
      cast(get(get(array_agg(case when user_identifiers.type = 'user_id' then array_construct(user_identifiers.value) end) within group (order by user_identifiers.seq nulls last, user_identifiers.value nulls last), 0), 0) as varchar) as first_user_id,
      cast(get(get(array_agg(case when user_identifiers.type = 'email' then array_construct(user_identifiers.value) end) within group (order by user_identifiers.seq nulls last, user_identifiers.value nulls last), 0), 0) as varchar) as first_email,
      cast(get(get(array_agg(case when user_identifiers.type = 'android.id' then array_construct(user_identifiers.value) end) within group (order by user_identifiers.seq nulls last, user_identifiers.value nulls last), 0), 0) as varchar) as first_android_id,
      cast(get(get(array_agg(case when user_identifiers.type = 'android.idfa' then array_construct(user_identifiers.value) end) within group (order by user_identifiers.seq nulls last, user_identifiers.value nulls last), 0), 0) as varchar) as first_android_idfa,
      cast(get(get(array_agg(case when user_identifiers.type = 'android.push_token' then array_construct(user_identifiers.value) end) within group (order by user_identifiers.seq nulls last, user_identifiers.value nulls last), 0), 0) as varchar) as first_android_push_token,
      cast(get(get(array_agg(case when user_identifiers.type = 'anonymous_id' then array_construct(user_identifiers.value) end) within group (order by user_identifiers.seq nulls last, user_identifiers.value nulls last), 0), 0) as varchar) as first_anonymous_id,
      cast(get(get(array_agg(case when user_identifiers.type = 'ga_client_id' then array_construct(user_identifiers.value) end) within group (order by user_identifiers.seq nulls last, user_identifiers.value nulls last), 0), 0) as varchar) as first_ga_client_id,
      cast(get(get(array_agg(case when user_identifiers.type = 'ios.id' then array_construct(user_identifiers.value) end) within group (order by user_identifiers.seq nulls last, user_identifiers.value nulls last), 0), 0) as varchar) as first_ios_id,
      cast(get(get(array_agg(case when user_identifiers.type = 'ios.idfa' then array_construct(user_identifiers.value) end) within group (order by user_identifiers.seq nulls last, user_identifiers.value nulls last), 0), 0) as varchar) as first_ios_idfa,
      cast(get(get(array_agg(case when user_identifiers.type = 'ios.push_token' then array_construct(user_identifiers.value) end) within group (order by user_identifiers.seq nulls last, user_identifiers.value nulls last), 0), 0) as varchar) as first_ios_push_token
    from personas.user_identifiers as user_identifiers
    group by user_identifiers.canonical_segment_id
  ) as identifiers
    on identifiers.canonical_segment_id = profiles.canonical_segment_id
  where profiles.merged_to is null
    and (profiles.orders is not null or profiles.spent is not null)
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
    case when records.record_key is null then delivered.id else records.id end as id,
    case when records.record_key is null then delivered.identifier_user_id else records.identifier_user_id end as identifier_user_id,
    case when records.record_key is null then delivered.identifier_email else records.identifier_email end as identifier_email,
    case when records.record_key is null then delivered.identifier_android_id else records.identifier_android_id end as identifier_android_id,
    case when records.record_key is null then delivered.identifier_android_idfa else records.identifier_android_idfa end as identifier_android_idfa,
    case when records.record_key is null then delivered.identifier_android_push_token else records.identifier_android_push_token end as identifier_android_push_token,
    case when records.record_key is null then delivered.identifier_anonymous_id else records.identifier_anonymous_id end as identifier_anonymous_id,
    case when records.record_key is null then delivered.identifier_ga_client_id else records.identifier_ga_client_id end as identifier_ga_client_id,
    case when records.record_key is null then delivered.identifier_ios_id else records.identifier_ios_id end as identifier_ios_id,
    case when records.record_key is null then delivered.identifier_ios_idfa else records.identifier_ios_idfa end as identifier_ios_idfa,
    case when records.record_key is null then delivered.identifier_ios_push_token else records.identifier_ios_push_token end as identifier_ios_push_token,
    case when records.record_key is null then delivered.trait_orders else records.trait_orders end as trait_orders,
    case when records.record_key is null then delivered.trait_spent else records.trait_spent end as trait_spent,
    case when records.record_key is null then delivered.mapping else '4ed789ee92f8' end as mapping,
    case when records.id is distinct from delivered.id then '0 ' else '' end
      || case when records.identifier_user_id is distinct from delivered.identifier_user_id then '1 ' else '' end
      || case when records.identifier_email is distinct from delivered.identifier_email then '2 ' else '' end
      || case when records.identifier_android_id is distinct from delivered.identifier_android_id then '3 ' else '' end
      || case when records.identifier_android_idfa is distinct from delivered.identifier_android_idfa then '4 ' else '' end
      || case when records.identifier_android_push_token is distinct from delivered.identifier_android_push_token then '5 ' else '' end
      || case when records.identifier_anonymous_id is distinct from delivered.identifier_anonymous_id then '6 ' else '' end
      || case when records.identifier_ga_client_id is distinct from delivered.identifier_ga_client_id then '7 ' else '' end
      || case when records.identifier_ios_id is distinct from delivered.identifier_ios_id then '8 ' else '' end
      || case when records.identifier_ios_idfa is distinct from delivered.identifier_ios_idfa then '9 ' else '' end
      || case when records.identifier_ios_push_token is distinct from delivered.identifier_ios_push_token then '10 ' else '' end
      || case when records.trait_orders is distinct from delivered.trait_orders then '11 ' else '' end
      || case when records.trait_spent is distinct from delivered.trait_spent then '12 ' else '' end as changed_columns
  from records
  full join personas_sync.delivered_s as delivered
    on delivered.record_key = records.record_key
  where records.record_key is null
    or delivered.record_key is null
    or delivered.mapping <> '4ed789ee92f8'
    or records.id is distinct from delivered.id
    or records.identifier_user_id is distinct from delivered.identifier_user_id
    or records.identifier_email is distinct from delivered.identifier_email
    or records.identifier_android_id is distinct from delivered.identifier_android_id
    or records.identifier_android_idfa is distinct from delivered.identifier_android_idfa
    or records.identifier_android_push_token is distinct from delivered.identifier_android_push_token
    or records.identifier_anonymous_id is distinct from delivered.identifier_anonymous_id
    or records.identifier_ga_client_id is distinct from delivered.identifier_ga_client_id
    or records.identifier_ios_id is distinct from delivered.identifier_ios_id
    or records.identifier_ios_idfa is distinct from delivered.identifier_ios_idfa
    or records.identifier_ios_push_token is distinct from delivered.identifier_ios_push_token
    or records.trait_orders is distinct from delivered.trait_orders
    or records.trait_spent is distinct from delivered.trait_spent
),

found as (
  select
    compared.*,
    compared.mapping || md5(concat(
      '',
      coalesce(to_varchar(length(compared.id)), ''), ':', coalesce(compared.id, ''),
      coalesce(to_varchar(length(compared.identifier_user_id)), ''), ':', coalesce(compared.identifier_user_id, ''),
      coalesce(to_varchar(length(compared.identifier_email)), ''), ':', coalesce(compared.identifier_email, ''),
      coalesce(to_varchar(length(compared.identifier_android_id)), ''), ':', coalesce(compared.identifier_android_id, ''),
      coalesce(to_varchar(length(compared.identifier_android_idfa)), ''), ':', coalesce(compared.identifier_android_idfa, ''),
      coalesce(to_varchar(length(compared.identifier_android_push_token)), ''), ':', coalesce(compared.identifier_android_push_token, ''),
      coalesce(to_varchar(length(compared.identifier_anonymous_id)), ''), ':', coalesce(compared.identifier_anonymous_id, ''),
      coalesce(to_varchar(length(compared.identifier_ga_client_id)), ''), ':', coalesce(compared.identifier_ga_client_id, ''),
      coalesce(to_varchar(length(compared.identifier_ios_id)), ''), ':', coalesce(compared.identifier_ios_id, ''),
      coalesce(to_varchar(length(compared.identifier_ios_idfa)), ''), ':', coalesce(compared.identifier_ios_idfa, ''),
      coalesce(to_varchar(length(compared.identifier_ios_push_token)), ''), ':', coalesce(compared.identifier_ios_push_token, ''),
      coalesce(to_varchar(length(compared.trait_orders)), ''), ':', coalesce(compared.trait_orders, ''),
      coalesce(to_varchar(length(compared.trait_spent)), ''), ':', coalesce(compared.trait_spent, '')
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
    when found.operation = 'remove' then 'observe'
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
  and forgotten.forgotten_key = found.record_key
where not (found.operation = 'remove' and found.was_gone and forgotten.forgotten_key is null);
