-- scan: order_completed
-- Generated from the sources and definitions.

create or replace transient table personas_work.scan_order_completed as
with
order_completed_rows as (
  select
    order_completed.profile_number,
    order_completed.currency = 'USD' as counts_for_lifetime_value,
    case when order_completed.revenue > -1e18 and order_completed.revenue < 1e18 then cast(order_completed.revenue as number(38, 9)) end as revenue_exact
  from personas_work.event_order_completed as order_completed
  where order_completed.known
)

select
  order_completed_rows.profile_number,
  cast(sum(case when order_completed_rows.counts_for_lifetime_value then order_completed_rows.revenue_exact end) as float) as lifetime_value
from order_completed_rows
group by order_completed_rows.profile_number;
