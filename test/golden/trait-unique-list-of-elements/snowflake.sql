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
    select case when is_varchar(scalars.value) or is_boolean(scalars.value) then cast(scalars.value as varchar) when is_integer(scalars.value) and abs(cast(scalars.value as number(38, 0))) < 1000000000000000000 then cast(cast(scalars.value as number(38, 0)) as varchar) else case when cast(scalars.value as float) = floor(cast(scalars.value as float)) and abs(cast(scalars.value as float)) < 1e16 then cast(cast(cast(scalars.value as float) as number(38, 0)) as varchar) when abs(cast(scalars.value as float)) >= 1e-4 and abs(cast(scalars.value as float)) < 1e15 then case when cast(cast(cast(scalars.value as float) as number(38, 2)) as float) = cast(scalars.value as float) then rtrim(cast(cast(cast(scalars.value as float) as number(38, 2)) as varchar), '0') when cast(cast(cast(scalars.value as float) as number(38, 4)) as float) = cast(scalars.value as float) then rtrim(cast(cast(cast(scalars.value as float) as number(38, 4)) as varchar), '0') when cast(cast(cast(scalars.value as float) as number(38, 6)) as float) = cast(scalars.value as float) then rtrim(cast(cast(cast(scalars.value as float) as number(38, 6)) as varchar), '0') when cast(cast(cast(scalars.value as float) as number(38, 9)) as float) = cast(scalars.value as float) then rtrim(cast(cast(cast(scalars.value as float) as number(38, 9)) as varchar), '0') when cast(cast(cast(scalars.value as float) as number(38, 12)) as float) = cast(scalars.value as float) then rtrim(cast(cast(cast(scalars.value as float) as number(38, 12)) as varchar), '0') when cast(cast(cast(scalars.value as float) as number(38, 15)) as float) = cast(scalars.value as float) then rtrim(cast(cast(cast(scalars.value as float) as number(38, 15)) as varchar), '0') when cast(cast(cast(scalars.value as float) as number(38, 17)) as float) = cast(scalars.value as float) then rtrim(cast(cast(cast(scalars.value as float) as number(38, 17)) as varchar), '0') else cast(cast(scalars.value as float) as varchar) end when cast(scalars.value as float) = cast('nan' as float) then 'NaN' when cast(scalars.value as float) = cast('inf' as float) then 'Infinity' when cast(scalars.value as float) = cast('-inf' as float) then '-Infinity' else cast(cast(scalars.value as float) as varchar) end end as element
    from table(flatten(input => try_parse_json(case when regexp_like(order_completed.products, '^[ \t\n\r]*\\[([ \t\n\r]*|[ \t\n\r]*("([^"\\\\\u0001-\u001f]|\\\\["\\\\/bfnrt]|\\\\u(0{3}[1-9a-fA-F]|00[1-9a-fA-F][0-9a-fA-F]|0[1-9a-fA-F][0-9a-fA-F]{2}|[1-9a-cA-CefEF][0-9a-fA-F]{3}|[dD][0-7][0-9a-fA-F]{2}|[dD][89abAB][0-9a-fA-F]{2}\\\\u[dD][c-fC-F][0-9a-fA-F]{2}))*"|-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][+-]?[0-9]+)?|true|false|null)[ \t\n\r]*(,[ \t\n\r]*("([^"\\\\\u0001-\u001f]|\\\\["\\\\/bfnrt]|\\\\u(0{3}[1-9a-fA-F]|00[1-9a-fA-F][0-9a-fA-F]|0[1-9a-fA-F][0-9a-fA-F]{2}|[1-9a-cA-CefEF][0-9a-fA-F]{3}|[dD][0-7][0-9a-fA-F]{2}|[dD][89abAB][0-9a-fA-F]{2}\\\\u[dD][c-fC-F][0-9a-fA-F]{2}))*"|-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][+-]?[0-9]+)?|true|false|null)[ \t\n\r]*)*)\\][ \t\n\r]*$', 's') then order_completed.products end))) as scalars
    where not is_null_value(scalars.value)
      and (is_varchar(scalars.value) or is_boolean(scalars.value) or abs(cast(scalars.value as float)) < 1e308)
  ) as items
  where order_completed.known
)

select
  order_completed_products_rows.profile_number,
  nullif(to_json(array_slice(array_agg(distinct case when order_completed_products_rows.from_1d_to_30d_ago then order_completed_products_rows.products end) within group (order by case when order_completed_products_rows.from_1d_to_30d_ago then order_completed_products_rows.products end), 0, 10000)), '[]') as bought
from order_completed_products_rows
group by order_completed_products_rows.profile_number;
