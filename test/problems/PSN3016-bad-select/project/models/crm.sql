select user_id, revenu as score
from {{source 'web' 'order_completed'}}
