-- sync: s
-- from:  models/a.yml:12
-- Generated; edit the definition, not this file.

create or replace table personas_sync.refused_s as
select
  records.record_key,
  case when records.record_key is null then 'no key' else 'key not unique' end as reason,
  cast(null as text) as message
from (
  select
    mapped.record_key,
    mapped.trait_spent,
    mapped.trait_orders
  from (
    select
      mapped.record_key,
      mapped.trait_spent,
      mapped.trait_orders,
      '5413a0720a0d' || md5(concat(
        '',
        length(mapped.trait_spent), ':', mapped.trait_spent,
        length(mapped.trait_orders), ':', mapped.trait_orders
      )) as row_hash
    from (
      select
        profiles.canonical_segment_id as record_key,
        case when ends_with(cast(profiles.spent + 0 as text), '.0') then substr(cast(profiles.spent + 0 as text), 1, length(cast(profiles.spent + 0 as text)) - 2) when isfinite(profiles.spent) then cast(profiles.spent + 0 as text) else replace(replace(cast(profiles.spent + 0 as text), 'inf', 'Infinity'), 'nan', 'NaN') end as trait_spent,
        cast(profiles.orders as text) as trait_orders
      from personas.profile_traits as profiles
      where profiles.merged_to is null
    ) as mapped
  ) as mapped
  left join personas_sync.left_out_s as left_out
    on left_out.record_key = mapped.record_key
    and left_out.row_hash = mapped.row_hash
  where left_out.record_key is null
) as records
left join (
  select keys.record_key
  from (
    select
      mapped.record_key,
      mapped.trait_spent,
      mapped.trait_orders
    from (
      select
        mapped.record_key,
        mapped.trait_spent,
        mapped.trait_orders,
        '5413a0720a0d' || md5(concat(
          '',
          length(mapped.trait_spent), ':', mapped.trait_spent,
          length(mapped.trait_orders), ':', mapped.trait_orders
        )) as row_hash
      from (
        select
          profiles.canonical_segment_id as record_key,
          case when ends_with(cast(profiles.spent + 0 as text), '.0') then substr(cast(profiles.spent + 0 as text), 1, length(cast(profiles.spent + 0 as text)) - 2) when isfinite(profiles.spent) then cast(profiles.spent + 0 as text) else replace(replace(cast(profiles.spent + 0 as text), 'inf', 'Infinity'), 'nan', 'NaN') end as trait_spent,
          cast(profiles.orders as text) as trait_orders
        from personas.profile_traits as profiles
        where profiles.merged_to is null
      ) as mapped
    ) as mapped
    left join personas_sync.left_out_s as left_out
      on left_out.record_key = mapped.record_key
      and left_out.row_hash = mapped.row_hash
    where left_out.record_key is null
  ) as keys
  group by keys.record_key
  having count(*) > 1
) as duplicates
  on duplicates.record_key = records.record_key
where records.record_key is null
  or duplicates.record_key is not null
union all
select
  judged.record_key,
  'filter' as reason,
  judged.message
from personas_sync.judged_s as judged
where judged.message is not null;

create or replace table personas_sync.changes_s as
with
records as (
  select
    mapped.record_key,
    mapped.trait_spent,
    mapped.trait_orders
  from (
    select
      mapped.record_key,
      mapped.trait_spent,
      mapped.trait_orders,
      '5413a0720a0d' || md5(concat(
        '',
        length(mapped.trait_spent), ':', mapped.trait_spent,
        length(mapped.trait_orders), ':', mapped.trait_orders
      )) as row_hash
    from (
      select
        profiles.canonical_segment_id as record_key,
        case when ends_with(cast(profiles.spent + 0 as text), '.0') then substr(cast(profiles.spent + 0 as text), 1, length(cast(profiles.spent + 0 as text)) - 2) when isfinite(profiles.spent) then cast(profiles.spent + 0 as text) else replace(replace(cast(profiles.spent + 0 as text), 'inf', 'Infinity'), 'nan', 'NaN') end as trait_spent,
        cast(profiles.orders as text) as trait_orders
      from personas.profile_traits as profiles
      where profiles.merged_to is null
    ) as mapped
  ) as mapped
  left join personas_sync.left_out_s as left_out
    on left_out.record_key = mapped.record_key
    and left_out.row_hash = mapped.row_hash
  where left_out.record_key is null
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
    case when records.record_key is null then delivered.trait_spent else records.trait_spent end as trait_spent,
    case when records.record_key is null then delivered.trait_orders else records.trait_orders end as trait_orders,
    case when records.record_key is null then delivered.mapping else '5413a0720a0d' end as mapping,
    case when records.trait_spent is distinct from delivered.trait_spent then '0 ' else '' end
      || case when records.trait_orders is distinct from delivered.trait_orders then '1 ' else '' end as changed_columns
  from records
  full join personas_sync.delivered_s as delivered
    on delivered.record_key = records.record_key
  where records.record_key is null
    or delivered.record_key is null
    or delivered.mapping <> '5413a0720a0d'
    or records.trait_spent is distinct from delivered.trait_spent
    or records.trait_orders is distinct from delivered.trait_orders
),

found as (
  select
    compared.*,
    compared.mapping || md5(concat(
      '',
      length(compared.trait_spent), ':', compared.trait_spent,
      length(compared.trait_orders), ':', compared.trait_orders
    )) as row_hash
  from compared
  left join (
    select distinct refused.record_key
    from personas_sync.refused_s as refused
  ) as refused
    on refused.record_key = compared.record_key
  where compared.record_key is not null
    and refused.record_key is null
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
    when found.operation = 'add' and not judged.as_new then 'observe'
    when found.operation = 'update' and not judged.as_updated then 'observe'
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
left join personas_sync.judged_s as judged
  on judged.record_key = found.record_key
  and judged.row_hash = found.row_hash;
