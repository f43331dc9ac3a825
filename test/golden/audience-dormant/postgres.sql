-- audience: dormant_big_spenders
-- from:  models/shop.yml:2
-- Generated; edit the definition, not this file.

drop table if exists personas_work.audience_dormant_big_spenders;

create table personas_work.audience_dormant_big_spenders as
with
order_completed_within_60d_counts as (
  select
    order_completed.canonical_segment_id,
    count(*) as matches
  from personas_work.event_order_completed as order_completed
  where order_completed.timestamp >= ((select run.as_of from personas_work.run as run) - interval '60 days')
  group by order_completed.canonical_segment_id
),

product_viewed_30d_to_90d_ago_counts as (
  select
    product_viewed.canonical_segment_id,
    count(*) as matches
  from personas_work.event_product_viewed as product_viewed
  where product_viewed.timestamp >= ((select run.as_of from personas_work.run as run) - interval '90 days')
    and product_viewed.timestamp <= ((select run.as_of from personas_work.run as run) - interval '30 days')
    and product_viewed.category in ('shoes', 'hats')
  group by product_viewed.canonical_segment_id
)

select
  user_profiles.canonical_segment_id
from personas_work.user_profiles as user_profiles
left join order_completed_within_60d_counts
  on order_completed_within_60d_counts.canonical_segment_id = user_profiles.canonical_segment_id
left join product_viewed_30d_to_90d_ago_counts
  on product_viewed_30d_to_90d_ago_counts.canonical_segment_id = user_profiles.canonical_segment_id
where user_profiles.known
  and user_profiles.avg_spend >= 500
  and order_completed_within_60d_counts.matches is null
  and (
    user_profiles.newsletter = true
    or coalesce(product_viewed_30d_to_90d_ago_counts.matches, 0) >= 3
  )
  and not coalesce(user_profiles.plan = 'enterprise', false);

analyze personas_work.audience_dormant_big_spenders;
