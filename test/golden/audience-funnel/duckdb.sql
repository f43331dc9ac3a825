-- audience: abandoned
-- from:  models/shop.yml:2
-- Generated; edit the definition, not this file.

create or replace table personas_work.audience_abandoned as
with
product_added_within_30d as (
  select
    product_added.arrival,
    product_added.canonical_segment_id,
    product_added.timestamp,
    product_added.product_id
  from personas_work.event_product_added as product_added
  where product_added.timestamp >= ((select run.as_of from personas_work.run as run) - interval '30 days')
),

order_completed_after_product_added as (
  select
    product_added_within_30d.arrival,
    count(*) as matches
  from product_added_within_30d
  inner join personas_work.event_order_completed as order_completed
    on order_completed.canonical_segment_id = product_added_within_30d.canonical_segment_id
    and order_completed.timestamp > product_added_within_30d.timestamp
    and order_completed.timestamp <= (product_added_within_30d.timestamp + interval '1 hours')
  where order_completed.product_id = product_added_within_30d.product_id
  group by product_added_within_30d.arrival
),

product_added_then_not_order_completed_counts as (
  select
    product_added_within_30d.canonical_segment_id,
    count(*) as matches
  from product_added_within_30d
  left join order_completed_after_product_added
    on order_completed_after_product_added.arrival = product_added_within_30d.arrival
  where not coalesce(order_completed_after_product_added.matches >= 1, false)
  group by product_added_within_30d.canonical_segment_id
)

select
  user_profiles.canonical_segment_id
from personas_work.user_profiles as user_profiles
left join product_added_then_not_order_completed_counts
  on product_added_then_not_order_completed_counts.canonical_segment_id = user_profiles.canonical_segment_id
where user_profiles.known
  and product_added_then_not_order_completed_counts.matches >= 1;
