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

drop table if exists personas_work.relationship_carts;

create table personas_work.relationship_carts as
with
cart_rows as (
  select
    cast(cast(cart.id as bigint) as text) as row_id,
    lower(btrim(cart.owner_email, E' \t\n\r')) as join_key,
    cart.created_at as timestamp,
    cast(cart.id as bigint) as id,
    cart.status as status,
    cast(cart.total as double precision) as total
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

analyze personas_work.relationship_carts;

-- scan: carts__rows
-- Generated from the sources and definitions.

drop table if exists personas_work.scan_carts__rows;

create table personas_work.scan_carts__rows as
with
carts_rows as (
  select
    carts.profile_number,
    carts.status = 'open' as counts_for_cart_total,
    case when carts.total > -1e18 and carts.total < 1e18 then cast(cast(carts.total as text) as decimal(38, 9)) end as total_exact,
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
  cast(sum(case when carts_rows.counts_for_cart_total then carts_rows.total_exact end) as double precision) as cart_total,
  (array_agg(carts_rows.status order by carts_rows.timestamp desc nulls last, carts_rows.event_id collate "C" desc nulls last, carts_rows.status collate "C" nulls last) filter (where carts_rows.status is not null))[1] as last_cart,
  -- for audience shoppers
  count(case when carts_rows.within_7d then 1 end) as carts_within_7d_count
from carts_rows
group by carts_rows.profile_number;

analyze personas_work.scan_carts__rows;

-- audience: shoppers
-- from:  models/shop.yml:21
-- Generated; edit the definition, not this file.

drop table if exists personas_work.audience_shoppers;

create table personas_work.audience_shoppers as
select
  user_profiles.canonical_segment_id
from personas_work.user_profiles as user_profiles
where user_profiles.known
  and user_profiles.carts_within_7d_count >= 2;

analyze personas_work.audience_shoppers;
