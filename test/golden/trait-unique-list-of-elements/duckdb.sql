-- scan: order_completed
-- Generated from the sources and definitions.

create or replace table personas_work.scan_order_completed as
with
order_completed_products_rows as (
  select
    order_completed.profile_number,
    (
      order_completed.timestamp >= ((select run.as_of from personas_work.run as run) - interval '30 days')
      and order_completed.timestamp <= ((select run.as_of from personas_work.run as run) - interval '1 days')
    ) as from_1d_to_30d_ago,
    items.element as products
  from personas_work.event_order_completed as order_completed
  cross join lateral (
    select scalars.element
    from (
      select case when json_type(item) not in ('BIGINT', 'UBIGINT', 'HUGEINT', 'UHUGEINT', 'DOUBLE') or regexp_matches(item ->> '$', '^-?[1-9][0-9]{0,17}$') then item ->> '$' else replace(replace(regexp_replace(cast(cast(case when length((item ->> '$')) <= 200 and regexp_matches((item ->> '$'), '^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?$|^[+-]?[1-9]([.][0-9]*)?[eE][+-]?([0-2][0-9][0-9]|30[0-7])$') then (item ->> '$') end as double) + 0 as text), '[.]0$', ''), 'inf', 'Infinity'), 'nan', 'NaN') end as element
      from (select unnest(json_extract(case when regexp_matches(order_completed.products, '^[ \t\n\r]*\[([ \t\n\r]*|[ \t\n\r]*("([^"\\\x01-\x1f]|\\["\\/bfnrt]|\\u(0{3}[1-9a-fA-F]|00[1-9a-fA-F][0-9a-fA-F]|0[1-9a-fA-F][0-9a-fA-F]{2}|[1-9a-cA-CefEF][0-9a-fA-F]{3}|[dD][0-7][0-9a-fA-F]{2}|[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}))*"|-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][+-]?[0-9]+)?|true|false|null)[ \t\n\r]*(,[ \t\n\r]*("([^"\\\x01-\x1f]|\\["\\/bfnrt]|\\u(0{3}[1-9a-fA-F]|00[1-9a-fA-F][0-9a-fA-F]|0[1-9a-fA-F][0-9a-fA-F]{2}|[1-9a-cA-CefEF][0-9a-fA-F]{3}|[dD][0-7][0-9a-fA-F]{2}|[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}))*"|-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][+-]?[0-9]+)?|true|false|null)[ \t\n\r]*)*)\][ \t\n\r]*$') then order_completed.products else '[]' end, '$[*]')) as item) as items
    ) as scalars
    where scalars.element is not null
  ) as items
  where order_completed.known
)

select
  order_completed_products_rows.profile_number,
  cast(to_json(list_slice(list(distinct case when order_completed_products_rows.from_1d_to_30d_ago then order_completed_products_rows.products end order by case when order_completed_products_rows.from_1d_to_30d_ago then order_completed_products_rows.products end) filter (where case when order_completed_products_rows.from_1d_to_30d_ago then order_completed_products_rows.products end is not null), 1, 10000)) as text) as bought
from order_completed_products_rows
group by order_completed_products_rows.profile_number;
