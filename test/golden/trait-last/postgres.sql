-- scan: order_completed
-- Generated from the sources and definitions.

drop table if exists personas_work.scan_order_completed;

create table personas_work.scan_order_completed as
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
  (array_agg(order_completed_rows.coupon order by order_completed_rows.timestamp desc nulls last, order_completed_rows.event_id collate "C" desc nulls last, order_completed_rows.source collate "C" desc nulls last, order_completed_rows.coupon collate "C" nulls last) filter (where order_completed_rows.coupon is not null))[1] as last_coupon
from order_completed_rows
group by order_completed_rows.profile_number;

analyze personas_work.scan_order_completed;
