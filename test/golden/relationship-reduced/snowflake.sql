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
carts_by_time as (
  select
    carts.*,
    coalesce(case when lead(carts.timestamp) over (partition by carts.profile_number order by carts.timestamp nulls last) <= (select run.as_of from personas_work.run as run) then lead(carts.timestamp) over (partition by carts.profile_number order by carts.timestamp nulls last) end, (select run.as_of from personas_work.run as run)) as next__timestamp
  from personas_work.relationship_carts as carts
),

carts_sessions as (
  select
    carts.*,
    coalesce(carts.timestamp > max(case when carts.next__timestamp >= dateadd(second, 3600, carts.timestamp) then carts.timestamp end) over (partition by carts.profile_number), true) as session__1h
  from carts_by_time as carts
),

carts_rows as (
  select
    carts.profile_number,
    carts.status = 'paid' as counts_for_carts_within_30d_with_status_sum_total,
    carts.timestamp <= (select run.as_of from personas_work.run as run) as old_enough_for_within_30d,
    case when carts.total > -1e18 and carts.total < 1e18 then cast(carts.total as number(38, 9)) end as total_exact,
    (
      carts.timestamp >= dateadd(second, -2592000, (select run.as_of from personas_work.run as run))
      and carts.timestamp <= (select run.as_of from personas_work.run as run)
    ) as within_30d,
    carts.status,
    (
      carts.session__1h
      and carts.timestamp <= (select run.as_of from personas_work.run as run)
    ) as session_1h
  from carts_sessions as carts
  where carts.known
),

values_of_carts_most_frequent_status as (
  select
    carts_rows.profile_number,
    carts_rows.status as value,
    count(*) as occurrences
  from carts_rows
  where carts_rows.status is not null
  group by
    carts_rows.profile_number,
    carts_rows.status
  having count(*) >= 1
),

carts_by_profile as (
  select
    carts_rows.profile_number,
    case when count(case when carts_rows.counts_for_carts_within_30d_with_status_sum_total and carts_rows.old_enough_for_within_30d and carts_rows.total_exact is not null then 1 end) > 0 then cast(coalesce(sum(case when carts_rows.counts_for_carts_within_30d_with_status_sum_total and carts_rows.old_enough_for_within_30d and carts_rows.within_30d then carts_rows.total_exact end), 0) as float) end as carts_within_30d_with_status_sum_total,
    case when count(case when carts_rows.old_enough_for_within_30d and carts_rows.status is not null then 1 end) > 0 then count(distinct case when carts_rows.old_enough_for_within_30d and carts_rows.session_1h then carts_rows.status end) end as carts_session_1h_unique_list_count_status
  from carts_rows
  group by carts_rows.profile_number
),

carts_most_frequent_status_by_profile as (
  select
    values_of_carts_most_frequent_status.profile_number,
    cast(get(get(array_agg(case when values_of_carts_most_frequent_status.value is not null then array_construct(values_of_carts_most_frequent_status.value) end) within group (order by values_of_carts_most_frequent_status.occurrences desc nulls last, values_of_carts_most_frequent_status.value nulls last), 0), 0) as varchar) as carts_most_frequent_status
  from values_of_carts_most_frequent_status
  group by values_of_carts_most_frequent_status.profile_number
)

select
  carts_by_profile.profile_number,
  -- for audience big_spenders
  carts_by_profile.carts_within_30d_with_status_sum_total,
  -- for audience big_spenders
  carts_most_frequent_status_by_profile.carts_most_frequent_status,
  -- for audience big_spenders
  carts_by_profile.carts_session_1h_unique_list_count_status
from carts_by_profile
left join carts_most_frequent_status_by_profile
  on carts_most_frequent_status_by_profile.profile_number = carts_by_profile.profile_number;

-- audience: big_spenders
-- from:  models/shop.yml:18
-- Generated; edit the definition, not this file.

create or replace transient table personas_work.audience_big_spenders as
select
  user_profiles.canonical_segment_id
from personas_work.user_profiles as user_profiles
where user_profiles.known
  and user_profiles.carts_within_30d_with_status_sum_total > 100
  and user_profiles.carts_most_frequent_status = 'open'
  and user_profiles.carts_session_1h_unique_list_count_status > user_profiles.avg_spend;
