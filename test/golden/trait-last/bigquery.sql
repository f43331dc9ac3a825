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
  array_agg(if(order_completed_rows.coupon is not null, struct(order_completed_rows.coupon as value), null) ignore nulls order by order_completed_rows.timestamp desc, order_completed_rows.event_id desc, order_completed_rows.source desc, order_completed_rows.coupon is null, order_completed_rows.coupon limit 1)[safe_offset(0)].value as last_coupon
from order_completed_rows
group by order_completed_rows.profile_number;
