-- sync: s
-- from:  models/a.yml:12
-- Generated; edit the definition, not this file.

create or replace transient table personas_sync.changes_s as
with
records as (
  select
    profiles.account_id as record_key,
    profiles.account_id as id,
    cast(profiles.firm_orders as varchar) as trait_firm_orders
  from personas.account_traits as profiles
  where profiles.firm_orders is not null
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
    case when records.record_key is null then delivered.trait_firm_orders else records.trait_firm_orders end as trait_firm_orders,
    case when records.record_key is null then delivered.mapping else 'bf0ec6b05f7a' end as mapping,
    case when records.id is distinct from delivered.id then '0 ' else '' end
      || case when records.trait_firm_orders is distinct from delivered.trait_firm_orders then '1 ' else '' end as changed_columns
  from records
  full join personas_sync.delivered_s as delivered
    on delivered.record_key = records.record_key
  where records.record_key is null
    or delivered.record_key is null
    or delivered.mapping <> 'bf0ec6b05f7a'
    or records.id is distinct from delivered.id
    or records.trait_firm_orders is distinct from delivered.trait_firm_orders
),

found as (
  select
    compared.*,
    compared.mapping || md5(concat(
      '',
      coalesce(to_varchar(length(compared.id)), ''), ':', coalesce(compared.id, ''),
      coalesce(to_varchar(length(compared.trait_firm_orders)), ''), ':', coalesce(compared.trait_firm_orders, '')
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
    when found.operation = 'add' then 'observe'
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
  and failures.row_hash = found.row_hash;
