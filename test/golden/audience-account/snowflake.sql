-- scan: user_logged_in
-- Generated from the sources and definitions.

create or replace transient table personas_work.scan_user_logged_in as
with
user_logged_in_rows as (
  select
    user_logged_in.profile_number,
    user_logged_in.timestamp >= dateadd(second, -1209600, (select run.as_of from personas_work.run as run)) as within_14d
  from personas_work.event_user_logged_in as user_logged_in
)

select
  user_logged_in_rows.profile_number,
  -- for audience at_risk_accounts
  count(case when user_logged_in_rows.within_14d then 1 end) as user_logged_in_within_14d_count
from user_logged_in_rows
group by user_logged_in_rows.profile_number;

-- audience: at_risk_accounts
-- from:  models/shop.yml:2
-- Generated; edit the definition, not this file.

create or replace transient table personas_work.audience_at_risk_accounts as
with
user_logged_in_users_by_account as (
  select
    account_users.account_id,
    count(*) as linked_users,
    count(case when user_profiles.user_logged_in_within_14d_count >= 1 then 1 end) as matching_users
  from personas_work.account_users as account_users
  inner join personas_work.user_profiles as user_profiles
    on user_profiles.canonical_segment_id = account_users.canonical_segment_id
  group by account_users.account_id
)

select
  account_profiles.account_id
from personas_work.account_profiles as account_profiles
left join user_logged_in_users_by_account
  on user_logged_in_users_by_account.account_id = account_profiles.account_id
where account_profiles.plan = 'enterprise'
  and coalesce(user_logged_in_users_by_account.matching_users, 0) = 0;
