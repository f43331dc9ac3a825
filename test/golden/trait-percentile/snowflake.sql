-- scan: order_completed
-- Generated from the sources and definitions.

create or replace transient table personas_work.scan_order_completed as
with
order_completed_rows as (
  select
    order_completed.profile_number,
    order_completed.timestamp >= dateadd(second, -2592000, (select run.as_of from personas_work.run as run)) as within_30d,
    order_completed.revenue
  from personas_work.event_order_completed as order_completed
  where order_completed.known
)

select
  order_completed_rows.profile_number,
  cast(get(array_agg(case when order_completed_rows.within_30d then order_completed_rows.revenue end) within group (order by case when order_completed_rows.within_30d then order_completed_rows.revenue end), cast(greatest((count(case when order_completed_rows.within_30d then order_completed_rows.revenue end) * 95 + 99 - mod(count(case when order_completed_rows.within_30d then order_completed_rows.revenue end) * 95 + 99, 100)) / 100, 1) as integer) - 1) as float) as usual_order
from order_completed_rows
group by order_completed_rows.profile_number;
