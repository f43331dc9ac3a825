-- trait: favourite_category
-- from:  models/shop.yml:2
-- Generated; edit the definition, not this file.

create or replace table personas_work.trait_favourite_category as
with
product_viewed_events as (
  select
    account_users.account_id,
    product_viewed.category as value
  from personas_work.event_product_viewed as product_viewed
  inner join personas_work.account_users as account_users
    on account_users.canonical_segment_id = product_viewed.canonical_segment_id
),

values_by_account as (
  select
    product_viewed_events.account_id,
    product_viewed_events.value,
    count(*) as occurrences
  from product_viewed_events
  where product_viewed_events.value is not null
  group by
    product_viewed_events.account_id,
    product_viewed_events.value
  having count(*) >= 2
)

select
  values_by_account.account_id,
  first(values_by_account.value order by values_by_account.occurrences desc nulls last, values_by_account.value nulls last) filter (where values_by_account.value is not null) as favourite_category
from values_by_account
group by values_by_account.account_id;
