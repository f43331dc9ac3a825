-- scan: order_completed
-- Generated from the sources and definitions.

create or replace table personas_work.scan_order_completed as
with
order_completed_rows as (
  select
    order_completed.canonical_segment_id,
    order_completed.timestamp >= ((select run.as_of from personas_work.run as run) - interval '90 days') as within_90d
  from personas_work.event_order_completed as order_completed
  inner join personas_work.profiles as profiles
    on profiles.segment_id = order_completed.canonical_segment_id
  where profiles.known
)

select
  order_completed_rows.canonical_segment_id,
  count(case when order_completed_rows.within_90d then 1 end) as orders_90d
from order_completed_rows
group by order_completed_rows.canonical_segment_id;
