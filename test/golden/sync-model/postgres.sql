-- sync: s
-- from:  models/a.yml:12
-- Generated; edit the definition, not this file.

drop table if exists personas_sync.refused_s;

create table personas_sync.refused_s as
select
  cast(null as text) as record_key,
  cast(null as text) as reason,
  cast(null as text) as message
from (select 1 as nothing) as nothing
where 1 = 0;

analyze personas_sync.refused_s;

drop table if exists personas_sync.changes_s;

create table personas_sync.changes_s as
with
records as (
  select
    source_rows.user_id as record_key,
    source_rows.user_id as column_user_id,
    case when abs(cast(source_rows.total as double precision)) >= 1e15 and abs(cast(source_rows.total as double precision)) < 1e16 then cast(cast(cast(cast(source_rows.total as double precision) as text) as numeric) as text) else cast(cast(source_rows.total as double precision) + 0 as text) end as column_total
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
    compared.mapping || md5(concat(
      '',
      length(compared.column_user_id), ':', compared.column_user_id,
      length(compared.column_total), ':', compared.column_total
    )) as row_hash
  from compared
  where compared.record_key is not null
)

-- Removals first: what one record gives up, another may have taken over.
select
  row_number() over (
    order by case when found.operation = 'remove' then 0 else 1 end, found.record_key collate "C" nulls last
  ) as seq,
  found.*,
  false as forgotten,
  case
    when found.operation = 'add' then 'observe'
    when found.operation = 'update' then 'observe'
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
  and failures.row_hash = found.row_hash;

analyze personas_sync.changes_s;

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
      case when abs(cast(source_rows.total as double precision)) >= 1e15 and abs(cast(source_rows.total as double precision)) < 1e16 then cast(cast(cast(cast(source_rows.total as double precision) as text) as numeric) as text) else cast(cast(source_rows.total as double precision) + 0 as text) end as column_total
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

drop table if exists personas_sync.refused_s;

create table personas_sync.refused_s as
select
  records.record_key,
  case when records.record_key is null then 'no key' else 'key not unique' end as reason,
  cast(null as text) as message
from (
  select
    source_rows.user_id as record_key,
    source_rows.user_id as column_user_id,
    case when abs(cast(source_rows.total as double precision)) >= 1e15 and abs(cast(source_rows.total as double precision)) < 1e16 then cast(cast(cast(cast(source_rows.total as double precision) as text) as numeric) as text) else cast(cast(source_rows.total as double precision) + 0 as text) end as column_total
  from personas_work.model_totals as source_rows
) as records
left join (
  select keys.record_key
  from (
    select
      source_rows.user_id as record_key,
      source_rows.user_id as column_user_id,
      case when abs(cast(source_rows.total as double precision)) >= 1e15 and abs(cast(source_rows.total as double precision)) < 1e16 then cast(cast(cast(cast(source_rows.total as double precision) as text) as numeric) as text) else cast(cast(source_rows.total as double precision) + 0 as text) end as column_total
    from personas_work.model_totals as source_rows
  ) as keys
  group by keys.record_key
  having count(*) > 1
) as duplicates
  on duplicates.record_key = records.record_key
where records.record_key is null
  or duplicates.record_key is not null;

analyze personas_sync.refused_s;

drop table if exists personas_sync.changes_s;

create table personas_sync.changes_s as
with
records as (
  select
    source_rows.user_id as record_key,
    source_rows.user_id as column_user_id,
    case when abs(cast(source_rows.total as double precision)) >= 1e15 and abs(cast(source_rows.total as double precision)) < 1e16 then cast(cast(cast(cast(source_rows.total as double precision) as text) as numeric) as text) else cast(cast(source_rows.total as double precision) + 0 as text) end as column_total
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
    compared.mapping || md5(concat(
      '',
      length(compared.column_user_id), ':', compared.column_user_id,
      length(compared.column_total), ':', compared.column_total
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
    order by case when found.operation = 'remove' then 0 else 1 end, found.record_key collate "C" nulls last
  ) as seq,
  found.*,
  false as forgotten,
  case
    when found.operation = 'add' then 'observe'
    when found.operation = 'update' then 'observe'
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
  and failures.row_hash = found.row_hash;

analyze personas_sync.changes_s;

-- end of a key is NULL or there twice
