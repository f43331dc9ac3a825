-- scan: order_completed__by_account__2
-- Generated from the sources and definitions.

create or replace transient table personas_work.scan_order_completed__by_account__2 as
with
order_completed_rows as (
  select
    account_users.account_id,
    user_custom_traits.plan
  from personas_work.event_order_completed as order_completed
  inner join personas_work.account_users as account_users
    on account_users.canonical_segment_id = order_completed.canonical_segment_id
  left join personas_work.user_custom_traits as user_custom_traits
    on user_custom_traits.canonical_segment_id = order_completed.canonical_segment_id
),

values_of_busiest_plan as (
  select
    order_completed_rows.account_id,
    order_completed_rows.plan as value,
    count(*) as occurrences
  from order_completed_rows
  where order_completed_rows.plan is not null
  group by
    order_completed_rows.account_id,
    order_completed_rows.plan
  having count(*) >= 1
)

select
  values_of_busiest_plan.account_id,
  cast(get(get(array_agg(case when values_of_busiest_plan.value is not null then array_construct(values_of_busiest_plan.value) end) within group (order by values_of_busiest_plan.occurrences desc nulls last, values_of_busiest_plan.value nulls last), 0), 0) as varchar) as busiest_plan
from values_of_busiest_plan
group by values_of_busiest_plan.account_id;
