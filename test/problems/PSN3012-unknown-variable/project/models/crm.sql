select user_id, {{var 'threshold'}} as score
from {{source 'web' 'tracks'}}
