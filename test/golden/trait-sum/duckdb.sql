-- trait: lifetime_value
-- from:  models/shop.yml:2
-- Generated; edit the definition, not this file.

create or replace table personas_work.trait_lifetime_value as
with
order_completed_events as (
  select
    order_completed.canonical_segment_id,
    order_completed.revenue as value
  from personas_work.event_order_completed as order_completed
  inner join personas_work.profiles as profiles
    on profiles.segment_id = order_completed.canonical_segment_id
  where profiles.known
    and order_completed.currency = 'USD'
)

select
  order_completed_events.canonical_segment_id,
  cast(sum(case when order_completed_events.value > -5e-10 and order_completed_events.value < 5e-10 then 0 when order_completed_events.value > -1e18 and order_completed_events.value < 1e18 then cast(cast(order_completed_events.value as text) as decimal(38, 9)) end) as double) as lifetime_value
from order_completed_events
where order_completed_events.value > (-1000000000000000000e0)
  and order_completed_events.value < 1000000000000000000e0
group by order_completed_events.canonical_segment_id;
