-- scan: order_completed
-- Generated from the sources and definitions.

create or replace table personas_work.scan_order_completed as
with
order_completed_by_time as (
  select
    order_completed.*,
    coalesce(lead(order_completed.timestamp) over (partition by order_completed.profile_number order by order_completed.timestamp is null, order_completed.timestamp), (select run.as_of from personas_work.run as run)) as next__timestamp
  from personas_work.event_order_completed as order_completed
),

order_completed_sessions as (
  select
    order_completed.*,
    coalesce(order_completed.timestamp > max(case when order_completed.next__timestamp >= timestamp_add(order_completed.timestamp, interval 1800 second) then order_completed.timestamp end) over (partition by order_completed.profile_number), true) as session__30m
  from order_completed_by_time as order_completed
),

order_completed_with_products as (
  select distinct
    order_completed.arrival
  from order_completed_sessions as order_completed
  cross join unnest(array(
    select as struct scalars.element
    from (
      select case when starts_with(item, '"') then json_value(item) when item in ('true', 'false') or regexp_contains(item, '(?s)^-?[1-9][0-9]{0,17}$') then item else replace(replace(case when abs(cast(case when length(item) <= 200 and regexp_contains(item, '(?s)^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?$|^[+-]?[1-9]([.][0-9]*)?[eE][+-]?([0-2][0-9][0-9]|30[0-7])$') then item end as float64)) >= 1e15 and abs(cast(case when length(item) <= 200 and regexp_contains(item, '(?s)^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?$|^[+-]?[1-9]([.][0-9]*)?[eE][+-]?([0-2][0-9][0-9]|30[0-7])$') then item end as float64)) < 1e16 and cast(format('%.16g', cast(case when length(item) <= 200 and regexp_contains(item, '(?s)^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?$|^[+-]?[1-9]([.][0-9]*)?[eE][+-]?([0-2][0-9][0-9]|30[0-7])$') then item end as float64)) as float64) = cast(case when length(item) <= 200 and regexp_contains(item, '(?s)^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?$|^[+-]?[1-9]([.][0-9]*)?[eE][+-]?([0-2][0-9][0-9]|30[0-7])$') then item end as float64) then format('%.16g', cast(case when length(item) <= 200 and regexp_contains(item, '(?s)^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?$|^[+-]?[1-9]([.][0-9]*)?[eE][+-]?([0-2][0-9][0-9]|30[0-7])$') then item end as float64)) when cast(format('%.15g', cast(case when length(item) <= 200 and regexp_contains(item, '(?s)^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?$|^[+-]?[1-9]([.][0-9]*)?[eE][+-]?([0-2][0-9][0-9]|30[0-7])$') then item end as float64) + 0) as float64) = cast(case when length(item) <= 200 and regexp_contains(item, '(?s)^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?$|^[+-]?[1-9]([.][0-9]*)?[eE][+-]?([0-2][0-9][0-9]|30[0-7])$') then item end as float64) then format('%.15g', cast(case when length(item) <= 200 and regexp_contains(item, '(?s)^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?$|^[+-]?[1-9]([.][0-9]*)?[eE][+-]?([0-2][0-9][0-9]|30[0-7])$') then item end as float64) + 0) when cast(format('%.16g', cast(case when length(item) <= 200 and regexp_contains(item, '(?s)^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?$|^[+-]?[1-9]([.][0-9]*)?[eE][+-]?([0-2][0-9][0-9]|30[0-7])$') then item end as float64)) as float64) = cast(case when length(item) <= 200 and regexp_contains(item, '(?s)^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?$|^[+-]?[1-9]([.][0-9]*)?[eE][+-]?([0-2][0-9][0-9]|30[0-7])$') then item end as float64) then format('%.16g', cast(case when length(item) <= 200 and regexp_contains(item, '(?s)^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?$|^[+-]?[1-9]([.][0-9]*)?[eE][+-]?([0-2][0-9][0-9]|30[0-7])$') then item end as float64)) when abs(cast(case when length(item) <= 200 and regexp_contains(item, '(?s)^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?$|^[+-]?[1-9]([.][0-9]*)?[eE][+-]?([0-2][0-9][0-9]|30[0-7])$') then item end as float64)) >= 1e16 then regexp_replace(format('%.16e', cast(case when length(item) <= 200 and regexp_contains(item, '(?s)^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?$|^[+-]?[1-9]([.][0-9]*)?[eE][+-]?([0-2][0-9][0-9]|30[0-7])$') then item end as float64)), '0+e', 'e') else cast(cast(case when length(item) <= 200 and regexp_contains(item, '(?s)^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?$|^[+-]?[1-9]([.][0-9]*)?[eE][+-]?([0-2][0-9][0-9]|30[0-7])$') then item end as float64) as string) end, 'inf', 'Infinity'), 'nan', 'NaN') end as element
      from unnest(json_query_array(case when regexp_contains(order_completed.products, '(?s)^[ \\t\\n\\r]*\\[([ \\t\\n\\r]*|[ \\t\\n\\r]*("([^"\\\\\\x01-\\x1f]|\\\\["\\\\/bfnrt]|\\\\u(0{3}[1-9a-fA-F]|00[1-9a-fA-F][0-9a-fA-F]|0[1-9a-fA-F][0-9a-fA-F]{2}|[1-9a-cA-CefEF][0-9a-fA-F]{3}|[dD][0-7][0-9a-fA-F]{2}|[dD][89abAB][0-9a-fA-F]{2}\\\\u[dD][c-fC-F][0-9a-fA-F]{2}))*"|-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][+-]?[0-9]+)?|true|false|null)[ \\t\\n\\r]*(,[ \\t\\n\\r]*("([^"\\\\\\x01-\\x1f]|\\\\["\\\\/bfnrt]|\\\\u(0{3}[1-9a-fA-F]|00[1-9a-fA-F][0-9a-fA-F]|0[1-9a-fA-F][0-9a-fA-F]{2}|[1-9a-cA-CefEF][0-9a-fA-F]{3}|[dD][0-7][0-9a-fA-F]{2}|[dD][89abAB][0-9a-fA-F]{2}\\\\u[dD][c-fC-F][0-9a-fA-F]{2}))*"|-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][+-]?[0-9]+)?|true|false|null)[ \\t\\n\\r]*)*)\\][ \\t\\n\\r]*$') then case when regexp_contains(order_completed.products, '\\\\u[dD][89abAB]') then to_json_string(safe.parse_json(order_completed.products, wide_number_mode => 'round')) else order_completed.products end end)) as item
    ) as scalars
    where scalars.element is not null
  )) as items
  where items.element = 'card'
),

order_completed_rows as (
  select
    order_completed.profile_number,
    order_completed_with_products.arrival is not null as counts_for_spent_now,
    case when order_completed.revenue > -1e18 and order_completed.revenue < 1e18 then cast(cast(order_completed.revenue as string) as numeric) end as revenue_exact,
    order_completed.session__30m as session_30m
  from order_completed_sessions as order_completed
  left join order_completed_with_products
    on order_completed_with_products.arrival = order_completed.arrival
  where order_completed.known
)

select
  order_completed_rows.profile_number,
  case when count(case when order_completed_rows.counts_for_spent_now and order_completed_rows.revenue_exact is not null then 1 end) > 0 then cast(coalesce(sum(case when order_completed_rows.counts_for_spent_now and order_completed_rows.session_30m then order_completed_rows.revenue_exact end), 0) as float64) end as spent_now
from order_completed_rows
group by order_completed_rows.profile_number;
