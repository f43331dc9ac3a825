-- rows: crm
-- from:  models/a.yml:4
-- Generated; edit the definition, not this file.

create or replace table personas_work.sql_crm as
select 'u1' as user_id, cast(null as string) as anonymous_id, 'a@x.example' as email, 'G' as group_id, 1 as score;

-- check not too many rows, which must answer no rows:
select
  count(*) as row_count
from personas_work.sql_crm as sql_rows
having count(*) > 25000000;

-- check no null identifiers, which must answer no rows:
select
  count(*) as row_count
from personas_work.sql_crm as sql_rows
where coalesce(nullif(trim(sql_rows.user_id, ' \t\n\r'), ''), nullif(trim(sql_rows.anonymous_id, ' \t\n\r'), '')) is null
having count(*) > 0;

-- check one identifier a row, which must answer no rows:
select
  nullif(trim(sql_rows.user_id, ' \t\n\r'), '') as user_id,
  nullif(trim(sql_rows.anonymous_id, ' \t\n\r'), '') as anonymous_id
from personas_work.sql_crm as sql_rows
where nullif(trim(sql_rows.user_id, ' \t\n\r'), '') is not null
  and nullif(trim(sql_rows.anonymous_id, ' \t\n\r'), '') is not null
order by 1, 2
limit 20;

-- check no duplicate identifiers, which must answer no rows:
select
  keyed_rows.identifier_type,
  keyed_rows.identifier as identifier,
  count(*) as row_count
from (
  select
    case when nullif(trim(sql_rows.user_id, ' \t\n\r'), '') is not null then 'user_id' when nullif(trim(sql_rows.anonymous_id, ' \t\n\r'), '') is not null then 'anonymous_id' end as identifier_type,
    coalesce(nullif(trim(sql_rows.user_id, ' \t\n\r'), ''), nullif(trim(sql_rows.anonymous_id, ' \t\n\r'), '')) as identifier
  from personas_work.sql_crm as sql_rows
) as keyed_rows
group by keyed_rows.identifier_type, keyed_rows.identifier
having count(*) > 1
order by keyed_rows.identifier is null, keyed_rows.identifier
limit 20;

-- check no record too large, which must answer no rows:
select
  sized_rows.identifier as identifier,
  sized_rows.bytes
from (
  select
    coalesce(nullif(trim(sql_rows.user_id, ' \t\n\r'), ''), nullif(trim(sql_rows.anonymous_id, ' \t\n\r'), '')) as identifier,
    coalesce(byte_length(sql_rows.user_id), 0)
    + coalesce(byte_length(sql_rows.anonymous_id), 0)
    + coalesce(byte_length(sql_rows.email), 0)
    + coalesce(byte_length(sql_rows.group_id), 0)
    + coalesce(byte_length(cast(sql_rows.score as string)), 0) as bytes
  from personas_work.sql_crm as sql_rows
) as sized_rows
where sized_rows.bytes > 16384
order by sized_rows.identifier is null, sized_rows.identifier
limit 20;

create table if not exists personas_work.state_identifies_crm (
  event_id string,
  received_at timestamp,
  key_type string,
  key_value string,
  place int64,
  user_id string,
  anonymous_id string,
  email string
);

alter table personas_work.state_identifies_crm add column if not exists user_id string;

alter table personas_work.state_identifies_crm add column if not exists anonymous_id string;

alter table personas_work.state_identifies_crm add column if not exists email string;

insert into personas_work.state_identifies_crm (
  event_id,
  received_at,
  key_type,
  key_value,
  place,
  user_id,
  anonymous_id,
  email
)
with
keyed_rows as (
  select
    case when nullif(trim(sql_rows.user_id, ' \t\n\r'), '') is not null then 'user_id' when nullif(trim(sql_rows.anonymous_id, ' \t\n\r'), '') is not null then 'anonymous_id' end as key_type,
    coalesce(nullif(trim(sql_rows.user_id, ' \t\n\r'), ''), nullif(trim(sql_rows.anonymous_id, ' \t\n\r'), '')) as key_value,
    nullif(trim(sql_rows.user_id, ' \t\n\r'), '') as user_id,
    nullif(trim(sql_rows.anonymous_id, ' \t\n\r'), '') as anonymous_id,
    nullif(trim(sql_rows.email, ' \t\n\r'), '') as email
  from personas_work.sql_crm as sql_rows
),

last_calls as (
  select
    calls.*,
    row_number() over (
      partition by calls.key_type, calls.key_value
      order by calls.place desc
    ) as recency
  from personas_work.state_identifies_crm as calls
)

select
  to_hex(md5('crm:identify:' || keyed_rows.key_type || ':' || cast(coalesce(last_calls.place, 0) + 1 as string) || ':' || keyed_rows.key_value)) as event_id,
  (select run.as_of from personas_work.run as run) as received_at,
  keyed_rows.key_type,
  keyed_rows.key_value,
  coalesce(last_calls.place, 0) + 1 as place,
  keyed_rows.user_id,
  keyed_rows.anonymous_id,
  keyed_rows.email
from keyed_rows
left join last_calls
  on last_calls.recency = 1
  and last_calls.key_type = keyed_rows.key_type
  and last_calls.key_value = keyed_rows.key_value
where (
    last_calls.key_value is null
    or (keyed_rows.email is not null and keyed_rows.email is distinct from last_calls.email)
  );

delete from personas_work.state_identifies_crm
where event_id in (
  select calls.event_id
  from personas_work.state_identifies_crm as calls
  inner join personas.suppressions as suppressions
    on suppressions.identifier_hash = to_hex(md5(coalesce('user_id:' || calls.user_id, 'email:' || lower(calls.email), 'anonymous_id:' || calls.anonymous_id)))
  where (suppressions.forgotten or calls.received_at > suppressions.suppressed_at)
    and (suppressions.ended_at is null or calls.received_at <= suppressions.ended_at)
);

create table if not exists personas_work.state_links_crm (
  event_id string,
  received_at timestamp,
  key_type string,
  key_value string,
  place int64,
  user_id string,
  anonymous_id string,
  group_id string
);

alter table personas_work.state_links_crm add column if not exists user_id string;

alter table personas_work.state_links_crm add column if not exists anonymous_id string;

alter table personas_work.state_links_crm add column if not exists group_id string;

insert into personas_work.state_links_crm (
  event_id,
  received_at,
  key_type,
  key_value,
  place,
  user_id,
  anonymous_id,
  group_id
)
with
keyed_rows as (
  select
    case when nullif(trim(sql_rows.user_id, ' \t\n\r'), '') is not null then 'user_id' when nullif(trim(sql_rows.anonymous_id, ' \t\n\r'), '') is not null then 'anonymous_id' end as key_type,
    coalesce(nullif(trim(sql_rows.user_id, ' \t\n\r'), ''), nullif(trim(sql_rows.anonymous_id, ' \t\n\r'), '')) as key_value,
    nullif(trim(sql_rows.user_id, ' \t\n\r'), '') as user_id,
    nullif(trim(sql_rows.anonymous_id, ' \t\n\r'), '') as anonymous_id,
    nullif(trim(sql_rows.group_id, ' \t\n\r'), '') as group_id
  from personas_work.sql_crm as sql_rows
),

last_calls as (
  select
    calls.*,
    row_number() over (
      partition by calls.key_type, calls.key_value
      order by calls.place desc
    ) as recency
  from personas_work.state_links_crm as calls
)

select
  to_hex(md5('crm:group:' || keyed_rows.key_type || ':' || cast(coalesce(last_calls.place, 0) + 1 as string) || ':' || keyed_rows.key_value)) as event_id,
  (select run.as_of from personas_work.run as run) as received_at,
  keyed_rows.key_type,
  keyed_rows.key_value,
  coalesce(last_calls.place, 0) + 1 as place,
  keyed_rows.user_id,
  keyed_rows.anonymous_id,
  keyed_rows.group_id
from keyed_rows
left join last_calls
  on last_calls.recency = 1
  and last_calls.key_type = keyed_rows.key_type
  and last_calls.key_value = keyed_rows.key_value
where (
    last_calls.key_value is null
    or (keyed_rows.group_id is not null and keyed_rows.group_id is distinct from last_calls.group_id)
  )
  and (keyed_rows.group_id is not null);

delete from personas_work.state_links_crm
where event_id in (
  select calls.event_id
  from personas_work.state_links_crm as calls
  inner join personas.suppressions as suppressions
    on suppressions.identifier_hash = to_hex(md5(coalesce('user_id:' || calls.user_id, 'anonymous_id:' || calls.anonymous_id)))
  where (suppressions.forgotten or calls.received_at > suppressions.suppressed_at)
    and (suppressions.ended_at is null or calls.received_at <= suppressions.ended_at)
);

-- trait: crm
-- from:  models/a.yml:4
-- Generated; edit the definition, not this file.

create or replace table personas_work.trait_crm as
with
matched as (
  select
    identifiers.canonical_segment_id,
    row_number() over (
      partition by identifiers.canonical_segment_id
      order by case when nullif(trim(sql_rows.user_id, ' \t\n\r'), '') is not null then 'user_id' when nullif(trim(sql_rows.anonymous_id, ' \t\n\r'), '') is not null then 'anonymous_id' end desc, coalesce(nullif(trim(sql_rows.user_id, ' \t\n\r'), ''), nullif(trim(sql_rows.anonymous_id, ' \t\n\r'), '')) is null, coalesce(nullif(trim(sql_rows.user_id, ' \t\n\r'), ''), nullif(trim(sql_rows.anonymous_id, ' \t\n\r'), ''))
    ) as place,
    sql_rows.score as score
  from personas_work.sql_crm as sql_rows
  inner join personas_work.identifiers as identifiers
    on identifiers.identifier_type = case when nullif(trim(sql_rows.user_id, ' \t\n\r'), '') is not null then 'user_id' when nullif(trim(sql_rows.anonymous_id, ' \t\n\r'), '') is not null then 'anonymous_id' end
    and identifiers.identifier_value = coalesce(nullif(trim(sql_rows.user_id, ' \t\n\r'), ''), nullif(trim(sql_rows.anonymous_id, ' \t\n\r'), ''))
)

select
  matched.canonical_segment_id,
  matched.score
from matched
where matched.place = 1;

-- preview
with
sql_rows as (
select 'u1' as user_id, cast(null as string) as anonymous_id, 'a@x.example' as email, 'G' as group_id, 1 as score
)

select
  sql_rows.user_id,
  sql_rows.anonymous_id,
  sql_rows.group_id,
  sql_rows.email,
  sql_rows.score,
  case when known.value is not null then 'known' else 'unknown' end as profile
from sql_rows
left join personas.user_identifiers as known
  on known.type = case when nullif(trim(sql_rows.user_id, ' \t\n\r'), '') is not null then 'user_id' when nullif(trim(sql_rows.anonymous_id, ' \t\n\r'), '') is not null then 'anonymous_id' end
  and known.value = coalesce(nullif(trim(sql_rows.user_id, ' \t\n\r'), ''), nullif(trim(sql_rows.anonymous_id, ' \t\n\r'), ''))
order by 1

