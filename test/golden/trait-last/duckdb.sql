-- scan: order_completed
-- Generated from the sources and definitions.

create or replace table personas_work.scan_order_completed as
with
order_completed_rows as (
  select
    order_completed.profile_number,
    order_completed.coupon,
    order_completed.timestamp,
    order_completed.event_id,
    order_completed.source
  from personas_work.event_order_completed as order_completed
)

select
  order_completed_rows.profile_number,
  first(order_completed_rows.coupon order by order_completed_rows.timestamp desc nulls last, order_completed_rows.event_id desc nulls last, order_completed_rows.source desc nulls last, order_completed_rows.coupon nulls last) filter (where order_completed_rows.coupon is not null) as last_coupon
from order_completed_rows
group by order_completed_rows.profile_number;
