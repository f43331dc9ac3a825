-- scan: order_completed
-- Generated from the sources and definitions.

create or replace transient table personas_work.scan_order_completed as
with
order_completed_rows as (
  select
    order_completed.profile_number,
    order_completed.coupon as coupon_text
  from personas_work.event_order_completed as order_completed
  where order_completed.known
)

select
  order_completed_rows.profile_number,
  min(order_completed_rows.coupon_text) as first_coupon_by_name
from order_completed_rows
group by order_completed_rows.profile_number;
