-- check one row for each primary key, which must answer no rows:
select
  cast(cast(entity.id as bigint) as text) as id,
  count(*) as row_count
from personas_work.carts as entity
where cast(cast(entity.id as bigint) as text) is not null
group by 1
having count(*) > 1
order by 1;

-- check one row for each primary key, which must answer no rows:
select
  entity.sku as sku,
  count(*) as row_count
from personas_work.products as entity
where entity.sku is not null
group by 1
having count(*) > 1
order by 1;

-- relationship: carts
-- from:  models/shop.yml:6
-- Generated; edit the definition, not this file.

drop table if exists personas_work.relationship_carts;

create table personas_work.relationship_carts as
with
cart_rows as (
  select
    cast(cast(cart.id as bigint) as text) as row_id,
    lower(btrim(cart.owner_email, E' \t\n\r')) as join_key,
    cart.created_at as timestamp,
    cast(cart.id as bigint) as id,
    cart.status as status,
    cast(cart.total as double precision) as total
  from personas_work.carts as cart
  where cast(cast(cart.id as bigint) as text) is not null
)

select
  profiles.arrival as profile_number,
  profiles.known,
  profiles.segment_id as canonical_segment_id,
  cart_rows.row_id,
  cart_rows.timestamp,
  cart_rows.id,
  cart_rows.status,
  cart_rows.total
from cart_rows
inner join personas_work.identifiers as identifiers
  on identifiers.identifier_type = 'email'
  and identifiers.identifier_value = cart_rows.join_key
inner join personas_work.profiles as profiles
  on profiles.segment_id = identifiers.canonical_segment_id;

analyze personas_work.relationship_carts;

-- relationship: cart_products
-- from:  models/shop.yml:10
-- Generated; edit the definition, not this file.

drop table if exists personas_work.links_cart_products;

create table personas_work.links_cart_products as
select distinct
  cast(junction.cart_id as bigint) as left_key,
  junction.product_sku as right_key
from personas_work.cart_items as junction
where cast(junction.cart_id as bigint) is not null
  and junction.product_sku is not null;

analyze personas_work.links_cart_products;

drop table if exists personas_work.relationship_cart_products;

create table personas_work.relationship_cart_products as
with
product_rows as (
  select
    product.sku as row_id,
    product.sku as sku,
    cast(product.price as double precision) as price
  from personas_work.products as product
  where product.sku is not null
)

select distinct
  relationship_carts.profile_number,
  relationship_carts.known,
  relationship_carts.canonical_segment_id,
  product_rows.row_id,
  product_rows.sku,
  product_rows.price
from product_rows
inner join personas_work.links_cart_products as links
  on product_rows.sku = links.right_key
inner join personas_work.relationship_carts as relationship_carts
  on links.left_key = relationship_carts.id;

analyze personas_work.relationship_cart_products;

-- scan: carts__rows
-- Generated from the sources and definitions.

drop table if exists personas_work.scan_carts__rows;

create table personas_work.scan_carts__rows as
with
cart_products_per_carts as (
  select
    carts.profile_number,
    carts.row_id,
    count(distinct cart_products.row_id) as matches
  from personas_work.relationship_carts as carts
  inner join personas_work.links_cart_products as links_cart_products
    on carts.id = links_cart_products.left_key
  inner join personas_work.relationship_cart_products as cart_products
    on cart_products.profile_number = carts.profile_number
    and links_cart_products.right_key = cart_products.sku
  where cart_products.price < carts.total
  group by
    carts.profile_number,
    carts.row_id
),

carts_rows as (
  select
    carts.profile_number,
    (
      carts.status = 'open'
      and (carts.total > 100 or cart_products_per_carts.matches >= 2)
    ) as counts_for_carts_with_status_count
  from personas_work.relationship_carts as carts
  left join cart_products_per_carts
    on cart_products_per_carts.profile_number = carts.profile_number
    and cart_products_per_carts.row_id = carts.row_id
  where carts.known
)

select
  carts_rows.profile_number,
  -- for audience a
  count(case when carts_rows.counts_for_carts_with_status_count then 1 end) as carts_with_status_count
from carts_rows
group by carts_rows.profile_number;

analyze personas_work.scan_carts__rows;

-- audience: a
-- from:  models/shop.yml:18
-- Generated; edit the definition, not this file.

drop table if exists personas_work.audience_a;

create table personas_work.audience_a as
select
  user_profiles.canonical_segment_id
from personas_work.user_profiles as user_profiles
where user_profiles.known
  and user_profiles.carts_with_status_count >= 1;

analyze personas_work.audience_a;

-- member_rows: a__cart_products
-- from:  models/shop.yml:18
-- Generated; edit the definition, not this file.

drop table if exists personas_work.audience_a__cart_products;

create table personas_work.audience_a__cart_products as
with
cart_products_per_carts as (
  select
    carts.profile_number,
    carts.row_id,
    count(distinct cart_products.row_id) as matches
  from personas_work.relationship_carts as carts
  inner join personas_work.links_cart_products as links_cart_products
    on carts.id = links_cart_products.left_key
  inner join personas_work.relationship_cart_products as cart_products
    on cart_products.profile_number = carts.profile_number
    and links_cart_products.right_key = cart_products.sku
  where cart_products.price < carts.total
  group by
    carts.profile_number,
    carts.row_id
),

cart_products_that_qualify as (
  select distinct
    cart_products.profile_number,
    cart_products.row_id
  from personas_work.relationship_carts as carts
  inner join personas_work.links_cart_products as links_cart_products
    on carts.id = links_cart_products.left_key
  inner join personas_work.relationship_cart_products as cart_products
    on cart_products.profile_number = carts.profile_number
    and links_cart_products.right_key = cart_products.sku
  left join cart_products_per_carts
    on cart_products_per_carts.profile_number = carts.profile_number
    and cart_products_per_carts.row_id = carts.row_id
  where carts.status = 'open'
    and (carts.total > 100 or cart_products_per_carts.matches >= 2)
    and cart_products_per_carts.matches >= 2
    and cart_products.price < carts.total
)

select
  cart_products.canonical_segment_id,
  cart_products.row_id,
  cart_products.sku
from personas_work.relationship_cart_products as cart_products
inner join personas_work.audience_a as audience_a
  on audience_a.canonical_segment_id = cart_products.canonical_segment_id
left join cart_products_that_qualify
  on cart_products_that_qualify.profile_number = cart_products.profile_number
  and cart_products_that_qualify.row_id = cart_products.row_id
where cart_products_that_qualify.row_id is not null;

analyze personas_work.audience_a__cart_products;
