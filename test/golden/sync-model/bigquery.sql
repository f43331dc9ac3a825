-- sync: s
-- from:  models/a.yml:12
-- Generated; edit the definition, not this file.

create or replace table personas_sync.refused_s as
select
  cast(null as string) as record_key,
  cast(null as string) as reason,
  cast(null as string) as message
from (select 1 as nothing) as nothing
where 1 = 0;

create or replace table personas_sync.changes_s as
with
records as (
  select
    source_rows.user_id as record_key,
    source_rows.user_id as column_user_id,
    replace(replace(case when abs(source_rows.total) >= 1e15 and abs(source_rows.total) < 1e16 and cast(format('%.16g', source_rows.total) as float64) = source_rows.total then format('%.16g', source_rows.total) when cast(format('%.15g', source_rows.total + 0) as float64) = source_rows.total then format('%.15g', source_rows.total + 0) when cast(format('%.16g', source_rows.total) as float64) = source_rows.total then format('%.16g', source_rows.total) when abs(source_rows.total) >= 1e16 then regexp_replace(format('%.16e', source_rows.total), '0+e', 'e') else cast(source_rows.total as string) end, 'inf', 'Infinity'), 'nan', 'NaN') as column_total
  from personas_work.model_totals as source_rows
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
    case when records.record_key is null then delivered.column_user_id else records.column_user_id end as column_user_id,
    case when records.record_key is null then delivered.column_total else records.column_total end as column_total,
    case when records.record_key is null then delivered.mapping else '39c056ac5dba' end as mapping,
    case when records.column_user_id is distinct from delivered.column_user_id then '0 ' else '' end
      || case when records.column_total is distinct from delivered.column_total then '1 ' else '' end as changed_columns
  from records
  full join personas_sync.delivered_s as delivered
    on delivered.record_key = records.record_key
  where records.record_key is null
    or delivered.record_key is null
    or delivered.mapping <> '39c056ac5dba'
    or records.column_user_id is distinct from delivered.column_user_id
    or records.column_total is distinct from delivered.column_total
),

found as (
  select
    compared.*,
    compared.mapping || to_hex(md5(concat(
      '',
      ifnull(cast(length(compared.column_user_id) as string), ''), ':', ifnull(compared.column_user_id, ''),
      ifnull(cast(length(compared.column_total) as string), ''), ':', ifnull(compared.column_total, '')
    ))) as row_hash
  from compared
  where compared.record_key is not null
)

-- Removals first: what one record gives up, another may have taken over.
select
  row_number() over (
    order by case when found.operation = 'remove' then 0 else 1 end, found.record_key is null, found.record_key
  ) as seq,
  found.*,
  false as forgotten,
  case
    when found.operation = 'add' then 'observe'
    when found.operation = 'update' then 'observe'
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
  and failures.row_hash = found.row_hash;

-- a key is NULL or there twice, unless this answers 0:
with
read as (
  select
    count(*) as records,
    count(records.record_key) as keyed
  from (
    select
      source_rows.user_id as record_key,
      source_rows.user_id as column_user_id,
      replace(replace(case when abs(source_rows.total) >= 1e15 and abs(source_rows.total) < 1e16 and cast(format('%.16g', source_rows.total) as float64) = source_rows.total then format('%.16g', source_rows.total) when cast(format('%.15g', source_rows.total + 0) as float64) = source_rows.total then format('%.15g', source_rows.total + 0) when cast(format('%.16g', source_rows.total) as float64) = source_rows.total then format('%.16g', source_rows.total) when abs(source_rows.total) >= 1e16 then regexp_replace(format('%.16e', source_rows.total), '0+e', 'e') else cast(source_rows.total as string) end, 'inf', 'Infinity'), 'nan', 'NaN') as column_total
    from personas_work.model_totals as source_rows
  ) as records
),

compared as (
  select
    count(case when not changes.was_there then 1 end) as came,
    count(case when changes.operation = 'remove' then 1 end) as went,
    count(case when changes.was_gone then 1 end) as listed
  from personas_sync.changes_s as changes
),

known as (
  select
    count(*) as delivered,
    count(case when delivered.mapping = '-' then 1 end) as gone
  from personas_sync.delivered_s as delivered
),

twice as (
  select changes.record_key
  from personas_sync.changes_s as changes
  group by changes.record_key
  having count(*) > 1
)

-- Of delivered records each was found once if as many records found one as were found. Those gone before are changes only where they matter.
select
  case
    when read.keyed < read.records then 1
    when read.keyed - compared.came <> known.delivered - compared.went - (known.gone - compared.listed) then 1
    when exists (select 1 from twice) then 1
    else 0
  end as remaining
from read
cross join compared
cross join known;

create or replace table personas_sync.refused_s as
select
  records.record_key,
  case when records.record_key is null then 'no key' else 'key not unique' end as reason,
  cast(null as string) as message
from (
  select
    source_rows.user_id as record_key,
    source_rows.user_id as column_user_id,
    replace(replace(case when abs(source_rows.total) >= 1e15 and abs(source_rows.total) < 1e16 and cast(format('%.16g', source_rows.total) as float64) = source_rows.total then format('%.16g', source_rows.total) when cast(format('%.15g', source_rows.total + 0) as float64) = source_rows.total then format('%.15g', source_rows.total + 0) when cast(format('%.16g', source_rows.total) as float64) = source_rows.total then format('%.16g', source_rows.total) when abs(source_rows.total) >= 1e16 then regexp_replace(format('%.16e', source_rows.total), '0+e', 'e') else cast(source_rows.total as string) end, 'inf', 'Infinity'), 'nan', 'NaN') as column_total
  from personas_work.model_totals as source_rows
) as records
left join (
  select keys.record_key
  from (
    select
      source_rows.user_id as record_key,
      source_rows.user_id as column_user_id,
      replace(replace(case when abs(source_rows.total) >= 1e15 and abs(source_rows.total) < 1e16 and cast(format('%.16g', source_rows.total) as float64) = source_rows.total then format('%.16g', source_rows.total) when cast(format('%.15g', source_rows.total + 0) as float64) = source_rows.total then format('%.15g', source_rows.total + 0) when cast(format('%.16g', source_rows.total) as float64) = source_rows.total then format('%.16g', source_rows.total) when abs(source_rows.total) >= 1e16 then regexp_replace(format('%.16e', source_rows.total), '0+e', 'e') else cast(source_rows.total as string) end, 'inf', 'Infinity'), 'nan', 'NaN') as column_total
    from personas_work.model_totals as source_rows
  ) as keys
  group by keys.record_key
  having count(*) > 1
) as duplicates
  on duplicates.record_key = records.record_key
where records.record_key is null
  or duplicates.record_key is not null;

create or replace table personas_sync.changes_s as
with
records as (
  select
    source_rows.user_id as record_key,
    source_rows.user_id as column_user_id,
    replace(replace(case when abs(source_rows.total) >= 1e15 and abs(source_rows.total) < 1e16 and cast(format('%.16g', source_rows.total) as float64) = source_rows.total then format('%.16g', source_rows.total) when cast(format('%.15g', source_rows.total + 0) as float64) = source_rows.total then format('%.15g', source_rows.total + 0) when cast(format('%.16g', source_rows.total) as float64) = source_rows.total then format('%.16g', source_rows.total) when abs(source_rows.total) >= 1e16 then regexp_replace(format('%.16e', source_rows.total), '0+e', 'e') else cast(source_rows.total as string) end, 'inf', 'Infinity'), 'nan', 'NaN') as column_total
  from personas_work.model_totals as source_rows
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
    case when records.record_key is null then delivered.column_user_id else records.column_user_id end as column_user_id,
    case when records.record_key is null then delivered.column_total else records.column_total end as column_total,
    case when records.record_key is null then delivered.mapping else '39c056ac5dba' end as mapping,
    case when records.column_user_id is distinct from delivered.column_user_id then '0 ' else '' end
      || case when records.column_total is distinct from delivered.column_total then '1 ' else '' end as changed_columns
  from records
  full join personas_sync.delivered_s as delivered
    on delivered.record_key = records.record_key
  where records.record_key is null
    or delivered.record_key is null
    or delivered.mapping <> '39c056ac5dba'
    or records.column_user_id is distinct from delivered.column_user_id
    or records.column_total is distinct from delivered.column_total
),

found as (
  select
    compared.*,
    compared.mapping || to_hex(md5(concat(
      '',
      ifnull(cast(length(compared.column_user_id) as string), ''), ':', ifnull(compared.column_user_id, ''),
      ifnull(cast(length(compared.column_total) as string), ''), ':', ifnull(compared.column_total, '')
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
  false as forgotten,
  case
    when found.operation = 'add' then 'observe'
    when found.operation = 'update' then 'observe'
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
  and failures.row_hash = found.row_hash;

-- end of a key is NULL or there twice
