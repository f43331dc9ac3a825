-- The latest subscription of each customer. The column `user_id` says whose traits these are.
select
  latest.customer_id as user_id,
  latest.plan as club_plan,
  latest.status as club_status,
  latest.monthly_price as club_price,
  latest.boxes_shipped as club_boxes
from (
  select
    subscriptions.*,
    row_number() over (
      partition by subscriptions.customer_id
      order by subscriptions.started_on desc, subscriptions.subscription_id desc
    ) as recency
  from {{ source 'shop' 'subscriptions' }} as subscriptions
) as latest
where latest.recency = 1
