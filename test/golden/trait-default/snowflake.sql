-- scan: order_completed
-- Generated from the sources and definitions.

create or replace transient table personas_work.scan_order_completed as
with
order_completed_rows as (
  select
    order_completed.profile_number,
    order_completed.known,
    order_completed.coupon,
    order_completed.timestamp,
    order_completed.event_id,
    order_completed.source
  from personas_work.event_order_completed as order_completed
)

select
  order_completed_rows.profile_number,
  case when order_completed_rows.known then count(*) end as orders,
  cast(get(get(array_agg(case when order_completed_rows.coupon is not null then array_construct(order_completed_rows.coupon) end) within group (order by order_completed_rows.timestamp desc nulls last, order_completed_rows.event_id desc nulls last, order_completed_rows.source desc nulls last, order_completed_rows.coupon nulls last), 0), 0) as varchar) as coupon
from order_completed_rows
group by order_completed_rows.profile_number, order_completed_rows.known;

-- scan: order_completed__by_account
-- Generated from the sources and definitions.

create or replace transient table personas_work.scan_order_completed__by_account as
with
order_completed_rows as (
  select
    account_users.account_id
  from personas_work.event_order_completed as order_completed
  inner join personas_work.account_users as account_users
    on account_users.canonical_segment_id = order_completed.canonical_segment_id
)

select
  order_completed_rows.account_id,
  count(*) as firm_orders
from order_completed_rows
group by order_completed_rows.account_id;

-- scan: user_logged_in__2
-- Generated from the sources and definitions.

create or replace transient table personas_work.scan_user_logged_in__2 as
with
user_logged_in_rows as (
  select
    user_logged_in.profile_number,
    coalesce(scan_order_completed.orders, case when user_logged_in.known then 0 end) = 0 as counts_for_logins
  from personas_work.event_user_logged_in as user_logged_in
  left join personas_work.scan_order_completed as scan_order_completed
    on scan_order_completed.profile_number = user_logged_in.profile_number
  where user_logged_in.known
)

select
  user_logged_in_rows.profile_number,
  nullif(count(case when user_logged_in_rows.counts_for_logins then 1 end), 0) as logins
from user_logged_in_rows
group by user_logged_in_rows.profile_number;

-- trait: double
-- from:  models/shop.yml:5
-- Generated; edit the definition, not this file.

create or replace transient table personas_work.trait_double as
with
traits_read as (
  select
    profiles.canonical_segment_id,
    cast(coalesce(scan_order_completed.orders, case when profiles.known then 0 end) as float) as orders
  from personas_work.profiles as profiles
  left join personas_work.scan_order_completed as scan_order_completed
    on scan_order_completed.profile_number = profiles.arrival
  where profiles.segment_id = profiles.canonical_segment_id
),

results as (
  select
    inputs.canonical_segment_id,
    coalesce((inputs.orders * cast('2' as float)), cast('-1' as float)) as double
  from traits_read as inputs
)

select
  results.canonical_segment_id,
  results.double
from results
where results.double is not null;

-- profiles: user_profiles
-- Generated from the sources and definitions.

create or replace transient table personas_work.user_profiles as
select
  profiles.canonical_segment_id,
  profiles.arrival as profile_number,
  profiles.known,
  custom_traits.plan,
  custom_traits.avg_spend,
  custom_traits.signed_up_at,
  custom_traits.newsletter,
  coalesce(scan_order_completed.orders, case when profiles.known then 0 end) as orders,
  coalesce(scan_order_completed.coupon, 'none') as coupon,
  trait_double.double,
  scan_user_logged_in__2.logins
from personas_work.profiles as profiles
left join personas_work.user_custom_traits as custom_traits
  on custom_traits.canonical_segment_id = profiles.canonical_segment_id
left join personas_work.scan_order_completed as scan_order_completed
  on scan_order_completed.profile_number = profiles.arrival
left join personas_work.trait_double as trait_double
  on trait_double.canonical_segment_id = profiles.canonical_segment_id
left join personas_work.scan_user_logged_in__2 as scan_user_logged_in__2
  on scan_user_logged_in__2.profile_number = profiles.arrival
where profiles.segment_id = profiles.canonical_segment_id;

-- profiles: account_profiles
-- Generated from the sources and definitions.

create or replace transient table personas_work.account_profiles as
select
  profiles.account_id,
  custom_traits.plan,
  custom_traits.seats,
  coalesce(scan_order_completed__by_account.firm_orders, 0) as firm_orders
from personas_work.accounts as profiles
left join personas_work.account_custom_traits as custom_traits
  on custom_traits.account_id = profiles.account_id
left join personas_work.scan_order_completed__by_account as scan_order_completed__by_account
  on scan_order_completed__by_account.account_id = profiles.account_id;
