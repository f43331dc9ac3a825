-- description: Looks, carts and margin by product, for the merchandising team
-- owner: merchandising
-- tags: marts

with
looks as (
  select
    viewed.product_id,
    count(distinct viewed.id) as looks
  from {{ source 'web' 'product_viewed' }} as viewed
  group by viewed.product_id
),

carts as (
  select
    added.product_id,
    count(distinct added.id) as carts
  from {{ source 'web' 'product_added' }} as added
  group by added.product_id
)

select
  products.product_id,
  products.name,
  products.category,
  coalesce(looks.looks, 0) as looks,
  coalesce(carts.carts, 0) as carts,
  products.unit_price - products.unit_cost as margin
from {{ source 'shop' 'products' }} as products
left join looks
  on looks.product_id = products.product_id
left join carts
  on carts.product_id = products.product_id
