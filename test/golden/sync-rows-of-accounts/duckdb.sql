-- sync: s
-- from:  models/a.yml:12
-- Generated; edit the definition, not this file.

create or replace table personas_sync.changes_s as
with
records as (
  select
    concat(
    '',
    length(profiles.account_id), ':', profiles.account_id,
    length(member_rows.row_id), ':', member_rows.row_id
  ) as record_key,
    profiles.account_id as id,
    cast(profiles.unpaid as text) as audience_unpaid,
    member_rows.id as column_id,
    member_rows.account as column_account,
    member_rows.amount as column_amount
  from personas.account_traits as profiles
  inner join personas.audience_memberships as members
    on members.profile_id = profiles.account_id
  inner join personas.audience_unpaid__invoices as member_rows
    on member_rows.account_id = profiles.account_id
  where members.audience_key = 'unpaid'
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
    case when records.record_key is null then delivered.id else records.id end as id,
    case when records.record_key is null then delivered.audience_unpaid else records.audience_unpaid end as audience_unpaid,
    case when records.record_key is null then delivered.column_id else records.column_id end as column_id,
    case when records.record_key is null then delivered.column_account else records.column_account end as column_account,
    case when records.record_key is null then delivered.column_amount else case when ends_with(cast(records.column_amount + 0 as text), '.0') then substr(cast(records.column_amount + 0 as text), 1, length(cast(records.column_amount + 0 as text)) - 2) when isfinite(records.column_amount) then cast(records.column_amount + 0 as text) else replace(replace(cast(records.column_amount + 0 as text), 'inf', 'Infinity'), 'nan', 'NaN') end end as column_amount,
    case when records.record_key is null then delivered.mapping else 'fb5437b46c49' end as mapping,
    case when records.id is distinct from delivered.id then '0 ' else '' end
      || case when records.audience_unpaid is distinct from delivered.audience_unpaid then '1 ' else '' end
      || case when records.column_id is distinct from delivered.column_id then '2 ' else '' end
      || case when records.column_account is distinct from delivered.column_account then '3 ' else '' end
      || case when records.column_amount is distinct from try_cast(delivered.column_amount as double) then '4 ' else '' end as changed_columns
  from records
  full join personas_sync.delivered_s as delivered
    on delivered.record_key = records.record_key
  where records.record_key is null
    or delivered.record_key is null
    or delivered.mapping <> 'fb5437b46c49'
    or records.id is distinct from delivered.id
    or records.audience_unpaid is distinct from delivered.audience_unpaid
    or records.column_id is distinct from delivered.column_id
    or records.column_account is distinct from delivered.column_account
    or records.column_amount is distinct from try_cast(delivered.column_amount as double)
),

found as (
  select
    compared.*,
    compared.mapping || md5(concat(
      '',
      length(compared.id), ':', compared.id,
      length(compared.audience_unpaid), ':', compared.audience_unpaid,
      length(compared.column_id), ':', compared.column_id,
      length(compared.column_account), ':', compared.column_account,
      length(compared.column_amount), ':', compared.column_amount
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
