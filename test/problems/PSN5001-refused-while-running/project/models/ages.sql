select cast(user_id as integer) as age
from {{source 'web' 'tracks'}}
