-- trait: per_visit
-- from:  models/shop.yml:2
-- Generated; edit the definition, not this file.

create or replace transient table personas_work.trait_per_visit as
with
traits_read as (
  select
    profiles.canonical_segment_id,
    user_custom_traits.avg_spend,
    user_custom_traits.plan as plan__text
  from personas_work.profiles as profiles
  left join personas_work.user_custom_traits as user_custom_traits
    on user_custom_traits.canonical_segment_id = profiles.canonical_segment_id
  where profiles.segment_id = profiles.canonical_segment_id
),

before_round_1 as (
  select
    inputs.canonical_segment_id,
    inputs.avg_spend,
    inputs.plan__text,
    (cast(inputs.avg_spend as float) / nullif(try_to_double(case when length(nullif(inputs.plan__text, '')) <= 200 and regexp_like(nullif(inputs.plan__text, ''), '^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?$|^[+-]?[1-9]([.][0-9]*)?[eE][+-]?([0-2][0-9][0-9]|30[0-7])$', 's') then nullif(inputs.plan__text, '') end), 0)) as to_round_1
  from traits_read as inputs
),

results as (
  select
    inputs.canonical_segment_id,
    coalesce(cast(round(case when inputs.to_round_1 > -1e18 and inputs.to_round_1 < 1e18 then cast(inputs.to_round_1 as number(38, 9)) end, 2) as float), inputs.to_round_1) as per_visit
  from before_round_1 as inputs
)

select
  results.canonical_segment_id,
  results.per_visit
from results
where results.per_visit is not null;
