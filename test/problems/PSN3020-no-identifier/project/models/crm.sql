select revenue
from {{source 'web' 'order_completed'}}
