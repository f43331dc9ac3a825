select user_id, count(*) as orders
from {{source 'web' 'orders_completed'}}
group by user_id
