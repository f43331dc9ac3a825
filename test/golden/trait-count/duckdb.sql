-- trait: orders_90d
-- from:  models/shop.yml:2
-- Generated; edit the definition, not this file.

create or replace table personas_work.trait_orders_90d as
with
order_completed_events as (
  select
    order_completed.canonical_segment_id,
    order_completed.timestamp >= ((select run.as_of from personas_work.run as run) - interval '90 days') as in_window
  from personas_work.event_order_completed as order_completed
  inner join personas_work.profiles as profiles
    on profiles.segment_id = order_completed.canonical_segment_id
  where profiles.known
)

select
  order_completed_events.canonical_segment_id,
  count(case when order_completed_events.in_window then 1 end) as orders_90d
from order_completed_events
group by order_completed_events.canonical_segment_id;
