-- scan: order_completed
-- Generated from the sources and definitions.

create or replace table personas_work.scan_order_completed as
with
order_completed_rows as (
  select
    order_completed.profile_number,
    order_completed.currency = 'USD' as counts_for_lifetime_value,
    case when order_completed.revenue > -1e9 and order_completed.revenue < 1e9 and round(order_completed.revenue * 10000) / 10000 = order_completed.revenue then cast(order_completed.revenue as decimal(18, 4)) when order_completed.revenue > -5e-10 and order_completed.revenue < 5e-10 then 0 when order_completed.revenue > -1e18 and order_completed.revenue < 1e18 then cast(cast(order_completed.revenue as text) as decimal(38, 9)) end as revenue_exact
  from personas_work.event_order_completed as order_completed
  where order_completed.known
)

select
  order_completed_rows.profile_number,
  cast(sum(case when order_completed_rows.counts_for_lifetime_value then order_completed_rows.revenue_exact end) as double) as lifetime_value
from order_completed_rows
group by order_completed_rows.profile_number;
