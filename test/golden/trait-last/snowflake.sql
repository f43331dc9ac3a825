-- scan: order_completed
-- Generated from the sources and definitions.

create or replace transient table personas_work.scan_order_completed as
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
  cast(get(get(array_agg(case when order_completed_rows.coupon is not null then array_construct(order_completed_rows.coupon) end) within group (order by order_completed_rows.timestamp desc nulls last, order_completed_rows.event_id desc nulls last, order_completed_rows.source desc nulls last, order_completed_rows.coupon nulls last), 0), 0) as varchar) as last_coupon
from order_completed_rows
group by order_completed_rows.profile_number;
