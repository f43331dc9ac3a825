-- scan: product_added
-- Generated from the sources and definitions.

create or replace table personas_work.scan_product_added as
with
product_viewed_after_order_completed as (
  select
    product_added.arrival,
    order_completed.arrival as order_completed_arrival,
    count(*) as matches
  from personas_work.event_product_added as product_added
  inner join personas_work.event_order_completed as order_completed
    on order_completed.profile_number = product_added.profile_number
    and order_completed.timestamp > product_added.timestamp
    and order_completed.timestamp <= timestamp_add(product_added.timestamp, interval 3600 second)
  inner join personas_work.event_product_viewed as product_viewed
    on product_viewed.profile_number = order_completed.profile_number
    and product_viewed.timestamp > order_completed.timestamp
    and product_viewed.timestamp <= timestamp_add(order_completed.timestamp, interval 86400 second)
  group by
    product_added.arrival,
    order_completed.arrival
),

order_completed_after_product_added as (
  select
    product_added.arrival,
    count(*) as matches
  from personas_work.event_product_added as product_added
  inner join personas_work.event_order_completed as order_completed
    on order_completed.profile_number = product_added.profile_number
    and order_completed.timestamp > product_added.timestamp
    and order_completed.timestamp <= timestamp_add(product_added.timestamp, interval 3600 second)
  left join product_viewed_after_order_completed
    on product_viewed_after_order_completed.arrival = product_added.arrival
    and product_viewed_after_order_completed.order_completed_arrival = order_completed.arrival
  where order_completed.product_id = product_added.product_id
    and order_completed.timestamp <= timestamp_sub((select run.as_of from personas_work.run as run), interval 86400 second)
    and not coalesce(product_viewed_after_order_completed.matches >= 1, false)
  group by product_added.arrival
),

product_added_rows as (
  select
    product_added.profile_number,
    (
      product_added.product_id = 'p1'
      or order_completed_after_product_added.matches >= 1
    ) as counts_for_product_added_within_30d_with_product_id_count,
    product_added.timestamp >= timestamp_sub((select run.as_of from personas_work.run as run), interval 2592000 second) as within_30d
  from personas_work.event_product_added as product_added
  left join order_completed_after_product_added
    on order_completed_after_product_added.arrival = product_added.arrival
  where product_added.known
)

select
  product_added_rows.profile_number,
  -- for audience returned_or_silent
  count(case when product_added_rows.counts_for_product_added_within_30d_with_product_id_count and product_added_rows.within_30d then 1 end) as product_added_within_30d_with_product_id_count
from product_added_rows
group by product_added_rows.profile_number;

-- audience: returned_or_silent
-- from:  models/shop.yml:2
-- Generated; edit the definition, not this file.

create or replace table personas_work.audience_returned_or_silent as
select
  user_profiles.canonical_segment_id
from personas_work.user_profiles as user_profiles
where user_profiles.known
  and user_profiles.product_added_within_30d_with_product_id_count >= 1;
