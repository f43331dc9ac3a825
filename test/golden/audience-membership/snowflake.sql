-- audience: enterprise
-- from:  models/shop.yml:2
-- Generated; edit the definition, not this file.

create or replace transient table personas_work.audience_enterprise as
select
  account_profiles.account_id
from personas_work.account_profiles as account_profiles
where account_profiles.plan = 'enterprise';

-- audience: enterprise_people
-- from:  models/shop.yml:3
-- Generated; edit the definition, not this file.

create or replace transient table personas_work.audience_enterprise_people as
with
users_of_accounts_in_enterprise as (
  select distinct
    account_users.canonical_segment_id
  from personas_work.account_users as account_users
  inner join personas_work.audience_enterprise as audience_enterprise
    on audience_enterprise.account_id = account_users.account_id
)

select
  user_profiles.canonical_segment_id
from personas_work.user_profiles as user_profiles
left join users_of_accounts_in_enterprise
  on users_of_accounts_in_enterprise.canonical_segment_id = user_profiles.canonical_segment_id
where users_of_accounts_in_enterprise.canonical_segment_id is not null
  and user_profiles.signed_up_at >= dateadd(second, -604800, (select run.as_of from personas_work.run as run))
  and user_profiles.signed_up_at <= (select run.as_of from personas_work.run as run);
