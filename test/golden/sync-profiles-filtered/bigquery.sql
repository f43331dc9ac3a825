-- sync: s
-- from:  models/a.yml:12
-- Generated; edit the definition, not this file.

create or replace table personas_sync.refused_s as
select
  records.record_key,
  case when records.record_key is null then 'no key' else 'key not unique' end as reason,
  cast(null as string) as message
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
      '5413a0720a0d' || to_hex(md5(concat(
        '',
        ifnull(cast(length(mapped.trait_spent) as string), ''), ':', ifnull(mapped.trait_spent, ''),
        ifnull(cast(length(mapped.trait_orders) as string), ''), ':', ifnull(mapped.trait_orders, '')
      ))) as row_hash
    from (
      select
        profiles.canonical_segment_id as record_key,
        replace(replace(case when abs(profiles.spent) >= 1e15 and abs(profiles.spent) < 1e16 and cast(format('%.16g', profiles.spent) as float64) = profiles.spent then format('%.16g', profiles.spent) when cast(format('%.15g', profiles.spent + 0) as float64) = profiles.spent then format('%.15g', profiles.spent + 0) when cast(format('%.16g', profiles.spent) as float64) = profiles.spent then format('%.16g', profiles.spent) when abs(profiles.spent) >= 1e16 then regexp_replace(format('%.16e', profiles.spent), '0+e', 'e') else cast(profiles.spent as string) end, 'inf', 'Infinity'), 'nan', 'NaN') as trait_spent,
        cast(profiles.orders as string) as trait_orders
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
        '5413a0720a0d' || to_hex(md5(concat(
          '',
          ifnull(cast(length(mapped.trait_spent) as string), ''), ':', ifnull(mapped.trait_spent, ''),
          ifnull(cast(length(mapped.trait_orders) as string), ''), ':', ifnull(mapped.trait_orders, '')
        ))) as row_hash
      from (
        select
          profiles.canonical_segment_id as record_key,
          replace(replace(case when abs(profiles.spent) >= 1e15 and abs(profiles.spent) < 1e16 and cast(format('%.16g', profiles.spent) as float64) = profiles.spent then format('%.16g', profiles.spent) when cast(format('%.15g', profiles.spent + 0) as float64) = profiles.spent then format('%.15g', profiles.spent + 0) when cast(format('%.16g', profiles.spent) as float64) = profiles.spent then format('%.16g', profiles.spent) when abs(profiles.spent) >= 1e16 then regexp_replace(format('%.16e', profiles.spent), '0+e', 'e') else cast(profiles.spent as string) end, 'inf', 'Infinity'), 'nan', 'NaN') as trait_spent,
          cast(profiles.orders as string) as trait_orders
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
      '5413a0720a0d' || to_hex(md5(concat(
        '',
        ifnull(cast(length(mapped.trait_spent) as string), ''), ':', ifnull(mapped.trait_spent, ''),
        ifnull(cast(length(mapped.trait_orders) as string), ''), ':', ifnull(mapped.trait_orders, '')
      ))) as row_hash
    from (
      select
        profiles.canonical_segment_id as record_key,
        replace(replace(case when abs(profiles.spent) >= 1e15 and abs(profiles.spent) < 1e16 and cast(format('%.16g', profiles.spent) as float64) = profiles.spent then format('%.16g', profiles.spent) when cast(format('%.15g', profiles.spent + 0) as float64) = profiles.spent then format('%.15g', profiles.spent + 0) when cast(format('%.16g', profiles.spent) as float64) = profiles.spent then format('%.16g', profiles.spent) when abs(profiles.spent) >= 1e16 then regexp_replace(format('%.16e', profiles.spent), '0+e', 'e') else cast(profiles.spent as string) end, 'inf', 'Infinity'), 'nan', 'NaN') as trait_spent,
        cast(profiles.orders as string) as trait_orders
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
    compared.mapping || to_hex(md5(concat(
      '',
      ifnull(cast(length(compared.trait_spent) as string), ''), ':', ifnull(compared.trait_spent, ''),
      ifnull(cast(length(compared.trait_orders) as string), ''), ':', ifnull(compared.trait_orders, '')
    ))) as row_hash
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
    order by case when found.operation = 'remove' then 0 else 1 end, found.record_key is null, found.record_key
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
  coalesce(failures.idempotency_key, to_hex(md5(plan.run_id || ':' || found.operation || ':' || found.row_hash || ':' || found.record_key))) as idempotency_key,
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
