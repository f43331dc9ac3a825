select user_id, score as crm_score
from {{source 'web' 'scores'}}
