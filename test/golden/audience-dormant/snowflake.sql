-- scan: order_completed
-- Generated from the sources and definitions.

create or replace transient table personas_work.scan_order_completed as
with
order_completed_rows as (
  select
    order_completed.profile_number,
    order_completed.timestamp >= dateadd(second, -5184000, (select run.as_of from personas_work.run as run)) as within_60d
  from personas_work.event_order_completed as order_completed
  where order_completed.known
)

select
  order_completed_rows.profile_number,
  -- for audience dormant_big_spenders
  count(case when order_completed_rows.within_60d then 1 end) as order_completed_within_60d_count
from order_completed_rows
group by order_completed_rows.profile_number;

-- scan: product_viewed
-- Generated from the sources and definitions.

create or replace transient table personas_work.scan_product_viewed as
with
product_viewed_rows as (
  select
    product_viewed.profile_number,
    product_viewed.category in ('shoes', 'hats') as counts_for_product_viewed_30d_to_90d_ago_with_category_count,
    (
      product_viewed.timestamp >= dateadd(second, -7776000, (select run.as_of from personas_work.run as run))
      and product_viewed.timestamp <= dateadd(second, -2592000, (select run.as_of from personas_work.run as run))
    ) as from_30d_to_90d_ago
  from personas_work.event_product_viewed as product_viewed
  where product_viewed.known
)

select
  product_viewed_rows.profile_number,
  -- for audience dormant_big_spenders
  count(case when product_viewed_rows.counts_for_product_viewed_30d_to_90d_ago_with_category_count and product_viewed_rows.from_30d_to_90d_ago then 1 end) as product_viewed_30d_to_90d_ago_with_category_count
from product_viewed_rows
group by product_viewed_rows.profile_number;

-- audience: dormant_big_spenders
-- from:  models/shop.yml:2
-- Generated; edit the definition, not this file.

create or replace transient table personas_work.audience_dormant_big_spenders as
select
  user_profiles.canonical_segment_id
from personas_work.user_profiles as user_profiles
where user_profiles.known
  and user_profiles.avg_spend >= 500
  and coalesce(user_profiles.order_completed_within_60d_count, 0) = 0
  and (
    user_profiles.newsletter = true
    or user_profiles.product_viewed_30d_to_90d_ago_with_category_count >= 3
  )
  and not coalesce(user_profiles.plan = 'enterprise', false);
