select user_id, event as last_event
from {{source 'web' 'tracks'}}
