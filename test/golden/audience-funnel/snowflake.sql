-- audience: abandoned
-- from:  models/shop.yml:2
-- Generated; edit the definition, not this file.

create or replace transient table personas_work.audience_abandoned as
with
product_added_within_30d as (
  select
    product_added.arrival,
    product_added.profile_number,
    product_added.timestamp,
    product_added.product_id
  from personas_work.event_product_added as product_added
  where product_added.timestamp >= dateadd(second, -2592000, (select run.as_of from personas_work.run as run))
),

order_completed_after_product_added as (
  select
    product_added_within_30d.arrival,
    count(*) as matches
  from product_added_within_30d
  inner join personas_work.event_order_completed as order_completed
    on order_completed.profile_number = product_added_within_30d.profile_number
    and order_completed.timestamp > product_added_within_30d.timestamp
    and order_completed.timestamp <= dateadd(second, 3600, product_added_within_30d.timestamp)
  where order_completed.product_id = product_added_within_30d.product_id
  group by product_added_within_30d.arrival
),

product_added_then_not_order_completed_counts as (
  select
    product_added_within_30d.profile_number,
    count(*) as matches
  from product_added_within_30d
  left join order_completed_after_product_added
    on order_completed_after_product_added.arrival = product_added_within_30d.arrival
  where not coalesce(order_completed_after_product_added.matches >= 1, false)
  group by product_added_within_30d.profile_number
)

select
  user_profiles.canonical_segment_id
from personas_work.user_profiles as user_profiles
left join product_added_then_not_order_completed_counts
  on product_added_then_not_order_completed_counts.profile_number = user_profiles.profile_number
where user_profiles.known
  and product_added_then_not_order_completed_counts.matches >= 1;
