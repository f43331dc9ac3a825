-- audience: carts_of_now
-- from:  models/shop.yml:2
-- Generated; edit the definition, not this file.

create or replace transient table personas_work.audience_carts_of_now as
with
product_added_by_time as (
  select
    product_added.*,
    coalesce(lead(product_added.timestamp) over (partition by product_added.profile_number order by product_added.timestamp nulls last), (select run.as_of from personas_work.run as run)) as next__timestamp
  from personas_work.event_product_added as product_added
),

product_added_sessions as (
  select
    product_added.*,
    coalesce(product_added.timestamp > max(case when product_added.next__timestamp >= dateadd(second, 3600, product_added.timestamp) then product_added.timestamp end) over (partition by product_added.profile_number), true) as session__1h
  from product_added_by_time as product_added
),

product_added_events as (
  select
    product_added.arrival,
    product_added.profile_number,
    product_added.timestamp,
    product_added.event_id,
    product_added.source,
    product_added.product_id,
    product_added.session__1h
  from product_added_sessions as product_added
),

order_completed_after_product_added as (
  select
    product_added_events.arrival,
    count(*) as matches
  from product_added_events
  inner join personas_work.event_order_completed as order_completed
    on order_completed.profile_number = product_added_events.profile_number
    and order_completed.timestamp > product_added_events.timestamp
    and order_completed.timestamp <= dateadd(second, 1800, product_added_events.timestamp)
  group by product_added_events.arrival
),

product_added_then_not_order_completed_rows as (
  select
    product_added_events.profile_number,
    product_added_events.product_id,
    product_added_events.session__1h as session_1h
  from product_added_events
  left join order_completed_after_product_added
    on order_completed_after_product_added.arrival = product_added_events.arrival
  where not coalesce(order_completed_after_product_added.matches >= 1, false)
),

product_added_then_not_order_completed_by_profile as (
  select
    product_added_then_not_order_completed_rows.profile_number,
    case when count(case when product_added_then_not_order_completed_rows.product_id is not null then 1 end) > 0 then count(distinct case when product_added_then_not_order_completed_rows.session_1h then product_added_then_not_order_completed_rows.product_id end) end as unique_list_count_of_product_id
  from product_added_then_not_order_completed_rows
  group by product_added_then_not_order_completed_rows.profile_number
)

select
  user_profiles.canonical_segment_id
from personas_work.user_profiles as user_profiles
left join product_added_then_not_order_completed_by_profile
  on product_added_then_not_order_completed_by_profile.profile_number = user_profiles.profile_number
where user_profiles.known
  and product_added_then_not_order_completed_by_profile.unique_list_count_of_product_id > 2;
