select user_id, 1 as score
from {{table 'tracks'}}
