-- scan: order_completed
-- Generated from the sources and definitions.

drop table if exists personas_work.scan_order_completed;

create table personas_work.scan_order_completed as
with
order_completed_rows as (
  select
    order_completed.profile_number,
    order_completed.timestamp >= ((select run.as_of from personas_work.run as run) - interval '30 days') as within_30d,
    order_completed.revenue
  from personas_work.event_order_completed as order_completed
  where order_completed.known
)

select
  order_completed_rows.profile_number,
  (array_agg(case when order_completed_rows.within_30d then order_completed_rows.revenue end order by case when order_completed_rows.within_30d then order_completed_rows.revenue end) filter (where case when order_completed_rows.within_30d then order_completed_rows.revenue end is not null))[cast(greatest((count(case when order_completed_rows.within_30d then order_completed_rows.revenue end) * 95 + 99) / 100, 1) as integer)] as usual_order
from order_completed_rows
group by order_completed_rows.profile_number;

analyze personas_work.scan_order_completed;
