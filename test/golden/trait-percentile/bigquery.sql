-- scan: order_completed
-- Generated from the sources and definitions.

create or replace table personas_work.scan_order_completed as
with
order_completed_rows as (
  select
    order_completed.profile_number,
    order_completed.timestamp >= timestamp_sub((select run.as_of from personas_work.run as run), interval 2592000 second) as within_30d,
    order_completed.revenue
  from personas_work.event_order_completed as order_completed
  where order_completed.known
)

select
  order_completed_rows.profile_number,
  array_agg(case when order_completed_rows.within_30d then order_completed_rows.revenue end ignore nulls order by is_nan(case when order_completed_rows.within_30d then order_completed_rows.revenue end), case when order_completed_rows.within_30d then order_completed_rows.revenue end)[safe_offset(greatest(div(count(case when order_completed_rows.within_30d then order_completed_rows.revenue end) * 95 + 99, 100), 1) - 1)] as usual_order
from order_completed_rows
group by order_completed_rows.profile_number;
