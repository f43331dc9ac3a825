-- trait: last_coupon
-- from:  models/shop.yml:2
-- Generated; edit the definition, not this file.

create or replace table personas_work.trait_last_coupon as
with
order_completed_events as (
  select
    order_completed.canonical_segment_id,
    order_completed.timestamp,
    order_completed.event_id,
    order_completed.source,
    order_completed.coupon as value
  from personas_work.event_order_completed as order_completed
)

select
  order_completed_events.canonical_segment_id,
  first(order_completed_events.value order by order_completed_events.timestamp desc nulls last, order_completed_events.event_id desc nulls last, order_completed_events.source desc nulls last, order_completed_events.value nulls last) filter (where order_completed_events.value is not null) as last_coupon
from order_completed_events
where order_completed_events.value is not null
group by order_completed_events.canonical_segment_id;
