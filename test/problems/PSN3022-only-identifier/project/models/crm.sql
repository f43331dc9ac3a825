select user_id
from {{source 'web' 'tracks'}}
