-- scan: product_viewed__by_account
-- Generated from the sources and definitions.

create or replace transient table personas_work.scan_product_viewed__by_account as
with
product_viewed_rows as (
  select
    account_users.account_id,
    product_viewed.category
  from personas_work.event_product_viewed as product_viewed
  inner join personas_work.account_users as account_users
    on account_users.canonical_segment_id = product_viewed.canonical_segment_id
),

values_of_favourite_category as (
  select
    product_viewed_rows.account_id,
    product_viewed_rows.category as value,
    count(*) as occurrences
  from product_viewed_rows
  where product_viewed_rows.category is not null
  group by
    product_viewed_rows.account_id,
    product_viewed_rows.category
  having count(*) >= 2
)

select
  values_of_favourite_category.account_id,
  cast(get(get(array_agg(case when values_of_favourite_category.value is not null then array_construct(values_of_favourite_category.value) end) within group (order by values_of_favourite_category.occurrences desc nulls last, values_of_favourite_category.value nulls last), 0), 0) as varchar) as favourite_category
from values_of_favourite_category
group by values_of_favourite_category.account_id;
