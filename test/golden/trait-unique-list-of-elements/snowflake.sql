-- scan: order_completed
-- Generated from the sources and definitions.

create or replace transient table personas_work.scan_order_completed as
with
order_completed_products_rows as (
  select
    order_completed.profile_number,
    (
      order_completed.timestamp >= dateadd(second, -2592000, (select run.as_of from personas_work.run as run))
      and order_completed.timestamp <= dateadd(second, -86400, (select run.as_of from personas_work.run as run))
    ) as from_1d_to_30d_ago,
    items.element as products
  from personas_work.event_order_completed as order_completed
  cross join lateral (
    select case when typeof(scalars.value) in ('VARCHAR', 'BOOLEAN') or regexp_like(cast(scalars.value as varchar), '^-?[1-9][0-9]{0,17}$', 's') then cast(scalars.value as varchar) else case when try_to_double(cast(scalars.value as varchar)) = floor(try_to_double(cast(scalars.value as varchar))) and abs(try_to_double(cast(scalars.value as varchar))) < 1e16 then cast(cast(try_to_double(cast(scalars.value as varchar)) as number(38, 0)) as varchar) else replace(cast(try_to_double(cast(scalars.value as varchar)) as varchar), 'inf', 'Infinity') end end as element
    from table(flatten(input => try_parse_json(case when regexp_like(order_completed.products, '^[ \t\n\r]*\\[([ \t\n\r]*|[ \t\n\r]*("([^"\\\\\u0001-\u001f]|\\\\["\\\\/bfnrt]|\\\\u(0{3}[1-9a-fA-F]|00[1-9a-fA-F][0-9a-fA-F]|0[1-9a-fA-F][0-9a-fA-F]{2}|[1-9a-cA-CefEF][0-9a-fA-F]{3}|[dD][0-7][0-9a-fA-F]{2}|[dD][89abAB][0-9a-fA-F]{2}\\\\u[dD][c-fC-F][0-9a-fA-F]{2}))*"|-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][+-]?[0-9]+)?|true|false|null)[ \t\n\r]*(,[ \t\n\r]*("([^"\\\\\u0001-\u001f]|\\\\["\\\\/bfnrt]|\\\\u(0{3}[1-9a-fA-F]|00[1-9a-fA-F][0-9a-fA-F]|0[1-9a-fA-F][0-9a-fA-F]{2}|[1-9a-cA-CefEF][0-9a-fA-F]{3}|[dD][0-7][0-9a-fA-F]{2}|[dD][89abAB][0-9a-fA-F]{2}\\\\u[dD][c-fC-F][0-9a-fA-F]{2}))*"|-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][+-]?[0-9]+)?|true|false|null)[ \t\n\r]*)*)\\][ \t\n\r]*$', 's') then order_completed.products end))) as scalars
    where typeof(scalars.value) <> 'NULL_VALUE'
  ) as items
  where order_completed.known
)

select
  order_completed_products_rows.profile_number,
  nullif(to_json(array_agg(distinct case when order_completed_products_rows.from_1d_to_30d_ago then order_completed_products_rows.products end) within group (order by case when order_completed_products_rows.from_1d_to_30d_ago then order_completed_products_rows.products end)), '[]') as bought
from order_completed_products_rows
group by order_completed_products_rows.profile_number;
