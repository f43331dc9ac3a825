-- scan: order_completed
-- Generated from the sources and definitions.

create or replace table personas_work.scan_order_completed as
with
order_completed_products_rows as (
  select
    order_completed.profile_number,
    (
      order_completed.timestamp >= timestamp_sub((select run.as_of from personas_work.run as run), interval 2592000 second)
      and order_completed.timestamp <= timestamp_sub((select run.as_of from personas_work.run as run), interval 86400 second)
    ) as from_1d_to_30d_ago,
    items.element as products
  from personas_work.event_order_completed as order_completed
  cross join unnest(array(
    select as struct scalars.element
    from (
      select case when starts_with(item, '"') then json_value(item) when item in ('true', 'false') or regexp_contains(item, '(?s)^-?[1-9][0-9]{0,17}$') then item else replace(replace(case when abs(cast(case when length(item) <= 200 and regexp_contains(item, '(?s)^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?$|^[+-]?[1-9]([.][0-9]*)?[eE][+-]?([0-2][0-9][0-9]|30[0-7])$') then item end as float64)) >= 1e15 and abs(cast(case when length(item) <= 200 and regexp_contains(item, '(?s)^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?$|^[+-]?[1-9]([.][0-9]*)?[eE][+-]?([0-2][0-9][0-9]|30[0-7])$') then item end as float64)) < 1e16 and cast(format('%.16g', cast(case when length(item) <= 200 and regexp_contains(item, '(?s)^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?$|^[+-]?[1-9]([.][0-9]*)?[eE][+-]?([0-2][0-9][0-9]|30[0-7])$') then item end as float64)) as float64) = cast(case when length(item) <= 200 and regexp_contains(item, '(?s)^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?$|^[+-]?[1-9]([.][0-9]*)?[eE][+-]?([0-2][0-9][0-9]|30[0-7])$') then item end as float64) then format('%.16g', cast(case when length(item) <= 200 and regexp_contains(item, '(?s)^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?$|^[+-]?[1-9]([.][0-9]*)?[eE][+-]?([0-2][0-9][0-9]|30[0-7])$') then item end as float64)) when cast(format('%.15g', cast(case when length(item) <= 200 and regexp_contains(item, '(?s)^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?$|^[+-]?[1-9]([.][0-9]*)?[eE][+-]?([0-2][0-9][0-9]|30[0-7])$') then item end as float64) + 0) as float64) = cast(case when length(item) <= 200 and regexp_contains(item, '(?s)^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?$|^[+-]?[1-9]([.][0-9]*)?[eE][+-]?([0-2][0-9][0-9]|30[0-7])$') then item end as float64) then format('%.15g', cast(case when length(item) <= 200 and regexp_contains(item, '(?s)^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?$|^[+-]?[1-9]([.][0-9]*)?[eE][+-]?([0-2][0-9][0-9]|30[0-7])$') then item end as float64) + 0) when cast(format('%.16g', cast(case when length(item) <= 200 and regexp_contains(item, '(?s)^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?$|^[+-]?[1-9]([.][0-9]*)?[eE][+-]?([0-2][0-9][0-9]|30[0-7])$') then item end as float64)) as float64) = cast(case when length(item) <= 200 and regexp_contains(item, '(?s)^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?$|^[+-]?[1-9]([.][0-9]*)?[eE][+-]?([0-2][0-9][0-9]|30[0-7])$') then item end as float64) then format('%.16g', cast(case when length(item) <= 200 and regexp_contains(item, '(?s)^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?$|^[+-]?[1-9]([.][0-9]*)?[eE][+-]?([0-2][0-9][0-9]|30[0-7])$') then item end as float64)) when abs(cast(case when length(item) <= 200 and regexp_contains(item, '(?s)^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?$|^[+-]?[1-9]([.][0-9]*)?[eE][+-]?([0-2][0-9][0-9]|30[0-7])$') then item end as float64)) >= 1e16 then regexp_replace(format('%.16e', cast(case when length(item) <= 200 and regexp_contains(item, '(?s)^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?$|^[+-]?[1-9]([.][0-9]*)?[eE][+-]?([0-2][0-9][0-9]|30[0-7])$') then item end as float64)), '0+e', 'e') else cast(cast(case when length(item) <= 200 and regexp_contains(item, '(?s)^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?$|^[+-]?[1-9]([.][0-9]*)?[eE][+-]?([0-2][0-9][0-9]|30[0-7])$') then item end as float64) as string) end, 'inf', 'Infinity'), 'nan', 'NaN') end as element
      from unnest(json_query_array(case when regexp_contains(order_completed.products, '(?s)^[ \\t\\n\\r]*\\[([ \\t\\n\\r]*|[ \\t\\n\\r]*("([^"\\\\\\x01-\\x1f]|\\\\["\\\\/bfnrt]|\\\\u(0{3}[1-9a-fA-F]|00[1-9a-fA-F][0-9a-fA-F]|0[1-9a-fA-F][0-9a-fA-F]{2}|[1-9a-cA-CefEF][0-9a-fA-F]{3}|[dD][0-7][0-9a-fA-F]{2}|[dD][89abAB][0-9a-fA-F]{2}\\\\u[dD][c-fC-F][0-9a-fA-F]{2}))*"|-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][+-]?[0-9]+)?|true|false|null)[ \\t\\n\\r]*(,[ \\t\\n\\r]*("([^"\\\\\\x01-\\x1f]|\\\\["\\\\/bfnrt]|\\\\u(0{3}[1-9a-fA-F]|00[1-9a-fA-F][0-9a-fA-F]|0[1-9a-fA-F][0-9a-fA-F]{2}|[1-9a-cA-CefEF][0-9a-fA-F]{3}|[dD][0-7][0-9a-fA-F]{2}|[dD][89abAB][0-9a-fA-F]{2}\\\\u[dD][c-fC-F][0-9a-fA-F]{2}))*"|-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][+-]?[0-9]+)?|true|false|null)[ \\t\\n\\r]*)*)\\][ \\t\\n\\r]*$') then case when regexp_contains(order_completed.products, '\\\\u[dD][89abAB]') then to_json_string(safe.parse_json(order_completed.products, wide_number_mode => 'round')) else order_completed.products end end)) as item
    ) as scalars
    where scalars.element is not null
  )) as items
  where order_completed.known
)

select
  order_completed_products_rows.profile_number,
  case when count(case when order_completed_products_rows.from_1d_to_30d_ago then order_completed_products_rows.products end) > 0 then to_json_string(array_agg(distinct case when order_completed_products_rows.from_1d_to_30d_ago then order_completed_products_rows.products end ignore nulls order by case when order_completed_products_rows.from_1d_to_30d_ago then order_completed_products_rows.products end limit 10000)) end as bought
from order_completed_products_rows
group by order_completed_products_rows.profile_number;
