-- scan: order_completed
-- Generated from the sources and definitions.

create or replace transient table personas_work.scan_order_completed as
with
order_completed_rows as (
  select
    order_completed.profile_number,
    order_completed.timestamp >= dateadd(second, -7776000, (select run.as_of from personas_work.run as run)) as within_90d
  from personas_work.event_order_completed as order_completed
  where order_completed.known
)

select
  order_completed_rows.profile_number,
  count(case when order_completed_rows.within_90d then 1 end) as orders_90d
from order_completed_rows
group by order_completed_rows.profile_number;
