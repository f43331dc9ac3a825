select user_id, 1 as buyers
from {{source 'web' 'tracks'}}
