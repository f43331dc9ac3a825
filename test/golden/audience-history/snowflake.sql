-- scan: order_completed
-- Generated from the sources and definitions.

create or replace transient table personas_work.scan_order_completed as
with
order_completed_rows as (
  select
    order_completed.profile_number,
    order_completed.timestamp >= cast('2026-03-01 00:00:00' as timestamp_ntz(6)) as counts_for_order_completed_within_90d_sum_revenue,
    case when order_completed.revenue > -1e18 and order_completed.revenue < 1e18 then cast(order_completed.revenue as number(38, 9)) end as revenue_exact,
    order_completed.timestamp >= dateadd(second, -7776000, (select run.as_of from personas_work.run as run)) as within_90d
  from personas_work.event_order_completed as order_completed
  where order_completed.known
)

select
  order_completed_rows.profile_number,
  -- for audience new_cart_abandoners
  case when count(case when order_completed_rows.counts_for_order_completed_within_90d_sum_revenue and order_completed_rows.revenue_exact is not null then 1 end) > 0 then cast(coalesce(sum(case when order_completed_rows.counts_for_order_completed_within_90d_sum_revenue and order_completed_rows.within_90d then order_completed_rows.revenue_exact end), 0) as float) end as order_completed_within_90d_sum_revenue
from order_completed_rows
group by order_completed_rows.profile_number;

-- audience: new_cart_abandoners
-- from:  models/shop.yml:2
-- Generated; edit the definition, not this file.

create or replace transient table personas_work.audience_new_cart_abandoners as
with
product_added_events as (
  select
    product_added.arrival,
    product_added.profile_number,
    product_added.timestamp
  from personas_work.event_product_added as product_added
  where product_added.timestamp >= cast('2026-03-01 00:00:00' as timestamp_ntz(6))
),

order_completed_after_product_added as (
  select
    product_added_events.arrival,
    count(*) as matches
  from product_added_events
  inner join personas_work.event_order_completed as order_completed
    on order_completed.profile_number = product_added_events.profile_number
    and order_completed.timestamp > product_added_events.timestamp
    and order_completed.timestamp <= dateadd(second, 3600, product_added_events.timestamp)
  group by product_added_events.arrival
),

product_added_then_not_order_completed_counts as (
  select
    product_added_events.profile_number,
    count(*) as matches
  from product_added_events
  left join order_completed_after_product_added
    on order_completed_after_product_added.arrival = product_added_events.arrival
  where not coalesce(order_completed_after_product_added.matches >= 1, false)
  group by product_added_events.profile_number
)

select
  user_profiles.canonical_segment_id
from personas_work.user_profiles as user_profiles
left join product_added_then_not_order_completed_counts
  on product_added_then_not_order_completed_counts.profile_number = user_profiles.profile_number
where user_profiles.known
  and user_profiles.order_completed_within_90d_sum_revenue > 500
  and product_added_then_not_order_completed_counts.matches >= 1;
