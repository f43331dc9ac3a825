-- check one row for each primary key, which must answer no rows:
select
  cast(cast(entity.id as number(38, 0)) as varchar) as id,
  count(*) as row_count
from personas_work.carts as entity
where cast(cast(entity.id as number(38, 0)) as varchar) is not null
group by 1
having count(*) > 1
order by 1;

-- relationship: carts
-- from:  models/shop.yml:6
-- Generated; edit the definition, not this file.

create or replace transient table personas_work.relationship_carts as
with
cart_rows as (
  select
    cast(cast(cart.id as number(38, 0)) as varchar) as row_id,
    lower(trim(cart.owner_email, ' \t\n\r')) as join_key,
    cast(cart.created_at as timestamp_ntz(6)) as timestamp,
    cast(cart.id as number(38, 0)) as id,
    cart.status as status,
    cast(cart.total as float) as total
  from personas_work.carts as cart
  where cast(cast(cart.id as number(38, 0)) as varchar) is not null
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

create or replace transient table personas_work.scan_carts__rows as
with
carts_rows as (
  select
    carts.profile_number,
    carts.status = 'open' as counts_for_carts_within_7d_with_status_count,
    (
      carts.timestamp >= dateadd(second, -604800, (select run.as_of from personas_work.run as run))
      and carts.timestamp <= (select run.as_of from personas_work.run as run)
    ) as within_7d
  from personas_work.relationship_carts as carts
  where carts.known
)

select
  carts_rows.profile_number,
  -- for audience a
  count(case when carts_rows.counts_for_carts_within_7d_with_status_count and carts_rows.within_7d then 1 end) as carts_within_7d_with_status_count
from carts_rows
group by carts_rows.profile_number;

-- scan: carts__rows__2
-- Generated from the sources and definitions.

create or replace transient table personas_work.scan_carts__rows__2 as
with
carts_rows as (
  select
    carts.profile_number,
    carts.total > user_custom_traits.avg_spend as counts_for_carts_with_total_count
  from personas_work.relationship_carts as carts
  left join personas_work.user_custom_traits as user_custom_traits
    on user_custom_traits.canonical_segment_id = carts.canonical_segment_id
  where carts.known
)

select
  carts_rows.profile_number,
  -- for audience a
  count(case when carts_rows.counts_for_carts_with_total_count then 1 end) as carts_with_total_count
from carts_rows
group by carts_rows.profile_number;

-- audience: a
-- from:  models/shop.yml:18
-- Generated; edit the definition, not this file.

create or replace transient table personas_work.audience_a as
select
  user_profiles.canonical_segment_id
from personas_work.user_profiles as user_profiles
where user_profiles.known
  and (
    user_profiles.carts_within_7d_with_status_count >= 2
    or (user_profiles.carts_with_total_count >= 1 and user_profiles.plan = 'pro')
  );

-- member_rows: a__carts
-- from:  models/shop.yml:18
-- Generated; edit the definition, not this file.

create or replace transient table personas_work.audience_a__carts as
select
  carts.canonical_segment_id,
  carts.row_id,
  carts.total
from personas_work.relationship_carts as carts
inner join personas_work.audience_a as audience_a
  on audience_a.canonical_segment_id = carts.canonical_segment_id
left join personas_work.user_profiles as user_profiles
  on user_profiles.canonical_segment_id = carts.canonical_segment_id
where (
    (
      user_profiles.carts_within_7d_with_status_count >= 2
      and carts.timestamp >= dateadd(second, -604800, (select run.as_of from personas_work.run as run))
      and carts.timestamp <= (select run.as_of from personas_work.run as run)
      and carts.status = 'open'
    )
    or (
      user_profiles.carts_with_total_count >= 1
      and user_profiles.plan = 'pro'
      and carts.total > user_profiles.avg_spend
    )
  );
