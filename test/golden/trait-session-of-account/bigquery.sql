-- scan: product_viewed__by_account
-- Generated from the sources and definitions.

create or replace table personas_work.scan_product_viewed__by_account as
with
product_viewed_by_time as (
  select
    product_viewed.*,
    account_users.account_id as session__account_id,
    coalesce(lead(product_viewed.timestamp) over (partition by account_users.account_id order by product_viewed.timestamp is null, product_viewed.timestamp), (select run.as_of from personas_work.run as run)) as next__timestamp
  from personas_work.event_product_viewed as product_viewed
  inner join personas_work.account_users as account_users
    on account_users.canonical_segment_id = product_viewed.canonical_segment_id
),

product_viewed_sessions as (
  select
    product_viewed.*,
    coalesce(product_viewed.timestamp > max(case when product_viewed.next__timestamp >= timestamp_add(product_viewed.timestamp, interval 7200 second) then product_viewed.timestamp end) over (partition by product_viewed.session__account_id), true) as session__2h
  from product_viewed_by_time as product_viewed
),

product_viewed_rows as (
  select
    product_viewed.session__account_id as account_id,
    product_viewed.session__2h as session_2h,
    product_viewed.category
  from product_viewed_sessions as product_viewed
)

select
  product_viewed_rows.account_id,
  case when count(case when product_viewed_rows.session_2h then product_viewed_rows.category end) > 0 then to_json_string(array_agg(distinct case when product_viewed_rows.session_2h then product_viewed_rows.category end ignore nulls order by case when product_viewed_rows.session_2h then product_viewed_rows.category end limit 10000)) end as viewed_now
from product_viewed_rows
group by product_viewed_rows.account_id;
