-- sync: s
-- from:  models/a.yml:12
-- Generated; edit the definition, not this file.

create or replace transient table personas_sync.refused_s as
select
  cast(null as varchar) as record_key,
  cast(null as varchar) as reason,
  cast(null as varchar) as message
from (select 1 as nothing) as nothing
where 1 = 0;

create or replace transient table personas_sync.changes_s as
with
records as (
  select
    source_rows.id as record_key,
    case when cast(source_rows.revenue as float) = floor(cast(source_rows.revenue as float)) and abs(cast(source_rows.revenue as float)) < 1e16 then cast(cast(cast(source_rows.revenue as float) as number(38, 0)) as varchar) when abs(cast(source_rows.revenue as float)) >= 1e-4 and abs(cast(source_rows.revenue as float)) < 1e15 then case when cast(cast(cast(source_rows.revenue as float) as number(38, 2)) as float) = cast(source_rows.revenue as float) then rtrim(cast(cast(cast(source_rows.revenue as float) as number(38, 2)) as varchar), '0') when cast(cast(cast(source_rows.revenue as float) as number(38, 4)) as float) = cast(source_rows.revenue as float) then rtrim(cast(cast(cast(source_rows.revenue as float) as number(38, 4)) as varchar), '0') when cast(cast(cast(source_rows.revenue as float) as number(38, 6)) as float) = cast(source_rows.revenue as float) then rtrim(cast(cast(cast(source_rows.revenue as float) as number(38, 6)) as varchar), '0') when cast(cast(cast(source_rows.revenue as float) as number(38, 9)) as float) = cast(source_rows.revenue as float) then rtrim(cast(cast(cast(source_rows.revenue as float) as number(38, 9)) as varchar), '0') when cast(cast(cast(source_rows.revenue as float) as number(38, 12)) as float) = cast(source_rows.revenue as float) then rtrim(cast(cast(cast(source_rows.revenue as float) as number(38, 12)) as varchar), '0') when cast(cast(cast(source_rows.revenue as float) as number(38, 15)) as float) = cast(source_rows.revenue as float) then rtrim(cast(cast(cast(source_rows.revenue as float) as number(38, 15)) as varchar), '0') when cast(cast(cast(source_rows.revenue as float) as number(38, 17)) as float) = cast(source_rows.revenue as float) then rtrim(cast(cast(cast(source_rows.revenue as float) as number(38, 17)) as varchar), '0') else cast(cast(source_rows.revenue as float) as varchar) end when cast(source_rows.revenue as float) = cast('nan' as float) then 'NaN' when cast(source_rows.revenue as float) = cast('inf' as float) then 'Infinity' when cast(source_rows.revenue as float) = cast('-inf' as float) then '-Infinity' else cast(cast(source_rows.revenue as float) as varchar) end as column_revenue,
    (regexp_replace(to_varchar(cast(source_rows.timestamp as timestamp_ntz(6)), 'YYYY-MM-DD"T"HH24:MI:SS.FF6'), '[.]?0+$', '') || 'Z') as column_timestamp
  from web.order_completed as source_rows
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
    case when records.record_key is null then delivered.column_revenue else records.column_revenue end as column_revenue,
    case when records.record_key is null then delivered.column_timestamp else records.column_timestamp end as column_timestamp,
    case when records.record_key is null then delivered.mapping else '00c882239fcb' end as mapping,
    case when records.column_revenue is distinct from delivered.column_revenue then '0 ' else '' end
      || case when records.column_timestamp is distinct from delivered.column_timestamp then '1 ' else '' end as changed_columns
  from records
  full join personas_sync.delivered_s as delivered
    on delivered.record_key = records.record_key
  where records.record_key is null
    or delivered.record_key is null
    or delivered.mapping <> '00c882239fcb'
    or records.column_revenue is distinct from delivered.column_revenue
    or records.column_timestamp is distinct from delivered.column_timestamp
),

found as (
  select
    compared.*,
    compared.mapping || md5(concat(
      '',
      coalesce(to_varchar(length(compared.column_revenue)), ''), ':', coalesce(compared.column_revenue, ''),
      coalesce(to_varchar(length(compared.column_timestamp)), ''), ':', coalesce(compared.column_timestamp, '')
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
  false as forgotten,
  case
    when found.operation = 'update' then 'observe'
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
where not (found.operation = 'remove' and found.was_gone);

-- a key is NULL or there twice, unless this answers 0:
with
read as (
  select
    count(*) as records,
    count(records.record_key) as keyed
  from (
    select
      source_rows.id as record_key,
      case when cast(source_rows.revenue as float) = floor(cast(source_rows.revenue as float)) and abs(cast(source_rows.revenue as float)) < 1e16 then cast(cast(cast(source_rows.revenue as float) as number(38, 0)) as varchar) when abs(cast(source_rows.revenue as float)) >= 1e-4 and abs(cast(source_rows.revenue as float)) < 1e15 then case when cast(cast(cast(source_rows.revenue as float) as number(38, 2)) as float) = cast(source_rows.revenue as float) then rtrim(cast(cast(cast(source_rows.revenue as float) as number(38, 2)) as varchar), '0') when cast(cast(cast(source_rows.revenue as float) as number(38, 4)) as float) = cast(source_rows.revenue as float) then rtrim(cast(cast(cast(source_rows.revenue as float) as number(38, 4)) as varchar), '0') when cast(cast(cast(source_rows.revenue as float) as number(38, 6)) as float) = cast(source_rows.revenue as float) then rtrim(cast(cast(cast(source_rows.revenue as float) as number(38, 6)) as varchar), '0') when cast(cast(cast(source_rows.revenue as float) as number(38, 9)) as float) = cast(source_rows.revenue as float) then rtrim(cast(cast(cast(source_rows.revenue as float) as number(38, 9)) as varchar), '0') when cast(cast(cast(source_rows.revenue as float) as number(38, 12)) as float) = cast(source_rows.revenue as float) then rtrim(cast(cast(cast(source_rows.revenue as float) as number(38, 12)) as varchar), '0') when cast(cast(cast(source_rows.revenue as float) as number(38, 15)) as float) = cast(source_rows.revenue as float) then rtrim(cast(cast(cast(source_rows.revenue as float) as number(38, 15)) as varchar), '0') when cast(cast(cast(source_rows.revenue as float) as number(38, 17)) as float) = cast(source_rows.revenue as float) then rtrim(cast(cast(cast(source_rows.revenue as float) as number(38, 17)) as varchar), '0') else cast(cast(source_rows.revenue as float) as varchar) end when cast(source_rows.revenue as float) = cast('nan' as float) then 'NaN' when cast(source_rows.revenue as float) = cast('inf' as float) then 'Infinity' when cast(source_rows.revenue as float) = cast('-inf' as float) then '-Infinity' else cast(cast(source_rows.revenue as float) as varchar) end as column_revenue,
      (regexp_replace(to_varchar(cast(source_rows.timestamp as timestamp_ntz(6)), 'YYYY-MM-DD"T"HH24:MI:SS.FF6'), '[.]?0+$', '') || 'Z') as column_timestamp
    from web.order_completed as source_rows
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

create or replace transient table personas_sync.refused_s as
select
  records.record_key,
  case when records.record_key is null then 'no key' else 'key not unique' end as reason,
  cast(null as varchar) as message
from (
  select
    source_rows.id as record_key,
    case when cast(source_rows.revenue as float) = floor(cast(source_rows.revenue as float)) and abs(cast(source_rows.revenue as float)) < 1e16 then cast(cast(cast(source_rows.revenue as float) as number(38, 0)) as varchar) when abs(cast(source_rows.revenue as float)) >= 1e-4 and abs(cast(source_rows.revenue as float)) < 1e15 then case when cast(cast(cast(source_rows.revenue as float) as number(38, 2)) as float) = cast(source_rows.revenue as float) then rtrim(cast(cast(cast(source_rows.revenue as float) as number(38, 2)) as varchar), '0') when cast(cast(cast(source_rows.revenue as float) as number(38, 4)) as float) = cast(source_rows.revenue as float) then rtrim(cast(cast(cast(source_rows.revenue as float) as number(38, 4)) as varchar), '0') when cast(cast(cast(source_rows.revenue as float) as number(38, 6)) as float) = cast(source_rows.revenue as float) then rtrim(cast(cast(cast(source_rows.revenue as float) as number(38, 6)) as varchar), '0') when cast(cast(cast(source_rows.revenue as float) as number(38, 9)) as float) = cast(source_rows.revenue as float) then rtrim(cast(cast(cast(source_rows.revenue as float) as number(38, 9)) as varchar), '0') when cast(cast(cast(source_rows.revenue as float) as number(38, 12)) as float) = cast(source_rows.revenue as float) then rtrim(cast(cast(cast(source_rows.revenue as float) as number(38, 12)) as varchar), '0') when cast(cast(cast(source_rows.revenue as float) as number(38, 15)) as float) = cast(source_rows.revenue as float) then rtrim(cast(cast(cast(source_rows.revenue as float) as number(38, 15)) as varchar), '0') when cast(cast(cast(source_rows.revenue as float) as number(38, 17)) as float) = cast(source_rows.revenue as float) then rtrim(cast(cast(cast(source_rows.revenue as float) as number(38, 17)) as varchar), '0') else cast(cast(source_rows.revenue as float) as varchar) end when cast(source_rows.revenue as float) = cast('nan' as float) then 'NaN' when cast(source_rows.revenue as float) = cast('inf' as float) then 'Infinity' when cast(source_rows.revenue as float) = cast('-inf' as float) then '-Infinity' else cast(cast(source_rows.revenue as float) as varchar) end as column_revenue,
    (regexp_replace(to_varchar(cast(source_rows.timestamp as timestamp_ntz(6)), 'YYYY-MM-DD"T"HH24:MI:SS.FF6'), '[.]?0+$', '') || 'Z') as column_timestamp
  from web.order_completed as source_rows
) as records
left join (
  select keys.record_key
  from (
    select
      source_rows.id as record_key,
      case when cast(source_rows.revenue as float) = floor(cast(source_rows.revenue as float)) and abs(cast(source_rows.revenue as float)) < 1e16 then cast(cast(cast(source_rows.revenue as float) as number(38, 0)) as varchar) when abs(cast(source_rows.revenue as float)) >= 1e-4 and abs(cast(source_rows.revenue as float)) < 1e15 then case when cast(cast(cast(source_rows.revenue as float) as number(38, 2)) as float) = cast(source_rows.revenue as float) then rtrim(cast(cast(cast(source_rows.revenue as float) as number(38, 2)) as varchar), '0') when cast(cast(cast(source_rows.revenue as float) as number(38, 4)) as float) = cast(source_rows.revenue as float) then rtrim(cast(cast(cast(source_rows.revenue as float) as number(38, 4)) as varchar), '0') when cast(cast(cast(source_rows.revenue as float) as number(38, 6)) as float) = cast(source_rows.revenue as float) then rtrim(cast(cast(cast(source_rows.revenue as float) as number(38, 6)) as varchar), '0') when cast(cast(cast(source_rows.revenue as float) as number(38, 9)) as float) = cast(source_rows.revenue as float) then rtrim(cast(cast(cast(source_rows.revenue as float) as number(38, 9)) as varchar), '0') when cast(cast(cast(source_rows.revenue as float) as number(38, 12)) as float) = cast(source_rows.revenue as float) then rtrim(cast(cast(cast(source_rows.revenue as float) as number(38, 12)) as varchar), '0') when cast(cast(cast(source_rows.revenue as float) as number(38, 15)) as float) = cast(source_rows.revenue as float) then rtrim(cast(cast(cast(source_rows.revenue as float) as number(38, 15)) as varchar), '0') when cast(cast(cast(source_rows.revenue as float) as number(38, 17)) as float) = cast(source_rows.revenue as float) then rtrim(cast(cast(cast(source_rows.revenue as float) as number(38, 17)) as varchar), '0') else cast(cast(source_rows.revenue as float) as varchar) end when cast(source_rows.revenue as float) = cast('nan' as float) then 'NaN' when cast(source_rows.revenue as float) = cast('inf' as float) then 'Infinity' when cast(source_rows.revenue as float) = cast('-inf' as float) then '-Infinity' else cast(cast(source_rows.revenue as float) as varchar) end as column_revenue,
      (regexp_replace(to_varchar(cast(source_rows.timestamp as timestamp_ntz(6)), 'YYYY-MM-DD"T"HH24:MI:SS.FF6'), '[.]?0+$', '') || 'Z') as column_timestamp
    from web.order_completed as source_rows
  ) as keys
  group by keys.record_key
  having count(*) > 1
) as duplicates
  on duplicates.record_key = records.record_key
where records.record_key is null
  or duplicates.record_key is not null;

create or replace transient table personas_sync.changes_s as
with
records as (
  select
    source_rows.id as record_key,
    case when cast(source_rows.revenue as float) = floor(cast(source_rows.revenue as float)) and abs(cast(source_rows.revenue as float)) < 1e16 then cast(cast(cast(source_rows.revenue as float) as number(38, 0)) as varchar) when abs(cast(source_rows.revenue as float)) >= 1e-4 and abs(cast(source_rows.revenue as float)) < 1e15 then case when cast(cast(cast(source_rows.revenue as float) as number(38, 2)) as float) = cast(source_rows.revenue as float) then rtrim(cast(cast(cast(source_rows.revenue as float) as number(38, 2)) as varchar), '0') when cast(cast(cast(source_rows.revenue as float) as number(38, 4)) as float) = cast(source_rows.revenue as float) then rtrim(cast(cast(cast(source_rows.revenue as float) as number(38, 4)) as varchar), '0') when cast(cast(cast(source_rows.revenue as float) as number(38, 6)) as float) = cast(source_rows.revenue as float) then rtrim(cast(cast(cast(source_rows.revenue as float) as number(38, 6)) as varchar), '0') when cast(cast(cast(source_rows.revenue as float) as number(38, 9)) as float) = cast(source_rows.revenue as float) then rtrim(cast(cast(cast(source_rows.revenue as float) as number(38, 9)) as varchar), '0') when cast(cast(cast(source_rows.revenue as float) as number(38, 12)) as float) = cast(source_rows.revenue as float) then rtrim(cast(cast(cast(source_rows.revenue as float) as number(38, 12)) as varchar), '0') when cast(cast(cast(source_rows.revenue as float) as number(38, 15)) as float) = cast(source_rows.revenue as float) then rtrim(cast(cast(cast(source_rows.revenue as float) as number(38, 15)) as varchar), '0') when cast(cast(cast(source_rows.revenue as float) as number(38, 17)) as float) = cast(source_rows.revenue as float) then rtrim(cast(cast(cast(source_rows.revenue as float) as number(38, 17)) as varchar), '0') else cast(cast(source_rows.revenue as float) as varchar) end when cast(source_rows.revenue as float) = cast('nan' as float) then 'NaN' when cast(source_rows.revenue as float) = cast('inf' as float) then 'Infinity' when cast(source_rows.revenue as float) = cast('-inf' as float) then '-Infinity' else cast(cast(source_rows.revenue as float) as varchar) end as column_revenue,
    (regexp_replace(to_varchar(cast(source_rows.timestamp as timestamp_ntz(6)), 'YYYY-MM-DD"T"HH24:MI:SS.FF6'), '[.]?0+$', '') || 'Z') as column_timestamp
  from web.order_completed as source_rows
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
    case when records.record_key is null then delivered.column_revenue else records.column_revenue end as column_revenue,
    case when records.record_key is null then delivered.column_timestamp else records.column_timestamp end as column_timestamp,
    case when records.record_key is null then delivered.mapping else '00c882239fcb' end as mapping,
    case when records.column_revenue is distinct from delivered.column_revenue then '0 ' else '' end
      || case when records.column_timestamp is distinct from delivered.column_timestamp then '1 ' else '' end as changed_columns
  from records
  full join personas_sync.delivered_s as delivered
    on delivered.record_key = records.record_key
  where records.record_key is null
    or delivered.record_key is null
    or delivered.mapping <> '00c882239fcb'
    or records.column_revenue is distinct from delivered.column_revenue
    or records.column_timestamp is distinct from delivered.column_timestamp
),

found as (
  select
    compared.*,
    compared.mapping || md5(concat(
      '',
      coalesce(to_varchar(length(compared.column_revenue)), ''), ':', coalesce(compared.column_revenue, ''),
      coalesce(to_varchar(length(compared.column_timestamp)), ''), ':', coalesce(compared.column_timestamp, '')
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
  false as forgotten,
  case
    when found.operation = 'update' then 'observe'
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
where not (found.operation = 'remove' and found.was_gone);

-- end of a key is NULL or there twice
