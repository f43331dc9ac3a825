-- check one row for each primary key, which must answer no rows:
select
  cast(cast(entity.id as bigint) as text) as id,
  count(*) as row_count
from personas_work.carts as entity
where cast(cast(entity.id as bigint) as text) is not null
group by 1
having count(*) > 1
order by 1;

-- relationship: carts
-- from:  models/shop.yml:6
-- Generated; edit the definition, not this file.

create or replace table personas_work.relationship_carts as
with
cart_rows as (
  select
    cast(cast(cart.id as bigint) as text) as row_id,
    lower(trim(cart.owner_email, (' ' || chr(9) || chr(10) || chr(13)))) as join_key,
    cast(cart.created_at as timestamp) as timestamp,
    cast(cart.id as bigint) as id,
    cart.status as status,
    cast(cart.total as double) as total
  from personas_work.carts as cart
  where cast(cast(cart.id as bigint) as text) is not null
)

select
  profiles.arrival as profile_number,
  profiles.known,
  profiles.segment_id as canonical_segment_id,
  cart_rows.row_id,
  cart_rows.timestamp,
  cart_rows.id,
  cart_rows.status,
  cart_rows.total
from cart_rows
inner join personas_work.identifiers as identifiers
  on identifiers.identifier_type = 'email'
  and identifiers.identifier_value = cart_rows.join_key
inner join personas_work.profiles as profiles
  on profiles.segment_id = identifiers.canonical_segment_id;

-- scan: carts__rows
-- Generated from the sources and definitions.

create or replace table personas_work.scan_carts__rows as
with
carts_rows as (
  select
    carts.profile_number,
    carts.status = 'open' as counts_for_cart_total,
    case when carts.total > -1e9 and carts.total < 1e9 and round(carts.total * 10000) / 10000 = carts.total then cast(carts.total as decimal(18, 4)) when carts.total > -5e-10 and carts.total < 5e-10 then 0 when carts.total > -1e18 and carts.total < 1e18 then cast(cast(carts.total as text) as decimal(38, 9)) end as total_exact,
    carts.status,
    carts.timestamp,
    carts.row_id as event_id,
    (
      carts.timestamp >= ((select run.as_of from personas_work.run as run) - interval '7 days')
      and carts.timestamp <= (select run.as_of from personas_work.run as run)
    ) as within_7d
  from personas_work.relationship_carts as carts
  where carts.known
)

select
  carts_rows.profile_number,
  cast(sum(case when carts_rows.counts_for_cart_total then carts_rows.total_exact end) as double) as cart_total,
  first(carts_rows.status order by carts_rows.timestamp desc nulls last, carts_rows.event_id desc nulls last, carts_rows.status nulls last) filter (where carts_rows.status is not null) as last_cart,
  -- for audience shoppers
  count(case when carts_rows.within_7d then 1 end) as carts_within_7d_count
from carts_rows
group by carts_rows.profile_number;

-- audience: shoppers
-- from:  models/shop.yml:21
-- Generated; edit the definition, not this file.

create or replace table personas_work.audience_shoppers as
select
  user_profiles.canonical_segment_id
from personas_work.user_profiles as user_profiles
where user_profiles.known
  and user_profiles.carts_within_7d_count >= 2;
