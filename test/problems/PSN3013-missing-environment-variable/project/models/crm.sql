select user_id, {{env_var 'PERSONAS_EXAMPLE_MISSING'}} as score
from {{source 'web' 'tracks'}}
